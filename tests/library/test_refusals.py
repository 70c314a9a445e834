"""Bad input and faults: each a clear error, and nothing changed at the cloud."""

from pathlib import Path
from typing import Any

import pytest

from sandbox.control import Control
from src.multicloud import (
    AuditUnavailable,
    AuthenticationFailed,
    CloudError,
    CloudProvider,
    CloudProviderManager,
    ForbiddenEndpoint,
    InvalidParameter,
    NameTaken,
    NotAllowed,
    QuotaReached,
    ServiceType,
    UnknownRegion,
    Unsupported,
)
from tests.journals.stores import full_disk
from tests.library.conftest import config, with_manager

MACHINE = {"name": "refused-1", "instance_type": "t3.micro"}


async def listed(manager: CloudProviderManager) -> Any:
    return await manager.list_all_resources()


@pytest.mark.promise("AP-1", "TR-1")
@pytest.mark.parametrize(
    ("values", "error", "why"),
    [
        (
            {"credentials": {"access_key_id": "AKIANOBODY0000000000", "secret_access_key": "x"}},
            AuthenticationFailed,
            "security token|signature",
        ),
        (
            {"credentials": {"access_key_id": "AKIASANDBOXPRODUCTION", "secret_access_key": "no"}},
            AuthenticationFailed,
            "security token|signature",
        ),
        ({"credentials": {"access_key_id": "AKIASANDBOXPRODUCTION"}}, InvalidParameter, "secret_access_key is missing"),
        ({"region": "mars-north-1"}, UnknownRegion, "mars-north-1"),
        ({"method": "guessing"}, InvalidParameter, "not a way to sign in"),
    ],
)
def test_a_sign_in_that_cannot_work_names_what_to_look_at(
    home: Path, cloud: Control, values: dict[str, Any], error: type[CloudError], why: str
) -> None:
    with pytest.raises(error, match=why) as refused:
        with_manager(listed, config(**values))
    assert refused.value.hint
    assert "sandbox-production-secret" not in str(refused.value)


@pytest.mark.promise("TR-3")
@pytest.mark.parametrize(
    "endpoint",
    [
        "http://169.254.169.254",
        "http://127.0.0.1:1",
        "http://10.0.0.1:8080",
        "https://metadata.google.internal",
        "ftp://x",
    ],
)
def test_an_endpoint_that_is_not_allowed_is_never_called(home: Path, endpoint: str) -> None:
    with pytest.raises(ForbiddenEndpoint):
        with_manager(listed, config(endpoint=endpoint))


def test_an_endpoint_on_this_machine_is_called_when_the_setting_lists_it(
    home: Path, running: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "sandbox" / "aws" / "address").unlink()
    with pytest.raises(ForbiddenEndpoint):
        with_manager(listed, config(endpoint=running.address))
    monkeypatch.setenv("MULTICLOUD_ALLOWED_ENDPOINTS", running.address.removeprefix("http://"))
    assert with_manager(listed, config(endpoint=running.address, regions=("us-east-1",)))


@pytest.mark.promise("EN-1", "CF-1", "CF-3", "CF-5")
@pytest.mark.parametrize(
    ("file", "variable", "key"),
    [
        ("", "false", "multicloud.enabled"),
        ("multicloud:\n  enabled: false\n", "", "multicloud.enabled"),
        ("providers:\n  aws:\n    enabled: false\n", "", "providers.aws.enabled"),
        ('providers:\n  aws:\n    regions: ["eu-west-1"]\n', "", "providers.aws.regions"),
    ],
)
def test_what_is_switched_off_makes_no_call(
    home: Path, cloud: Control, monkeypatch: pytest.MonkeyPatch, file: str, variable: str, key: str
) -> None:
    path = home / "multicloud.yaml"
    path.write_text(file or "multicloud:\n  enabled: true\n")
    monkeypatch.setenv("MULTICLOUD_CONFIG", str(path))
    monkeypatch.setenv("MULTICLOUD_ENABLED", variable)
    cloud.forget_calls()
    with pytest.raises(NotAllowed) as refused:
        with_manager(listed, config())
    assert key in refused.value.hint
    assert cloud.calls() == {}


@pytest.mark.promise("CF-5", "AP-17")
def test_only_the_regions_in_use_are_read(home: Path, cloud: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    path = home / "multicloud.yaml"
    path.write_text('providers:\n  aws:\n    regions: ["us-east-1", "eu-west-1"]\n')
    monkeypatch.setenv("MULTICLOUD_CONFIG", str(path))
    resources = with_manager(listed, config(regions=()))
    assert {one.region for one in resources if one.resource_type == "instance"} == {"us-east-1", "eu-west-1"}


def test_an_account_in_observe_mode_is_listed_and_never_changed(home: Path, cloud: Control) -> None:
    before = len(cloud.ledger())

    async def use(manager: CloudProviderManager) -> None:
        assert await manager.get_resource("res-123") is not None
        for change in (
            manager.create_resource(CloudProvider.AWS, ServiceType.COMPUTE, "instance", MACHINE),
            manager.update_resource("res-123", {"state": "stopped"}),
            manager.delete_resource("res-123"),
        ):
            with pytest.raises(NotAllowed, match="observe mode"):
                await change

    with_manager(use, config(mode="observe"))
    assert len(cloud.ledger()) == before


@pytest.mark.promise("TR-4", "TR-5", "TR-6")
@pytest.mark.parametrize(
    ("kind", "family", "parameters", "error", "why"),
    [
        ("instance", ServiceType.COMPUTE, {"instance_type": "t9.mega"}, InvalidParameter, "t9.mega"),
        ("instance", ServiceType.COMPUTE, {"region": "mars-north-1"}, UnknownRegion, "mars-north-1"),
        ("instance", ServiceType.COMPUTE, {"image": "ami-00000000"}, InvalidParameter, "ami-00000000"),
        ("instance", ServiceType.COMPUTE, {"colour": "red"}, InvalidParameter, "colour"),
        ("instance", ServiceType.COMPUTE, {"name": ""}, InvalidParameter, "name"),
        ("instance", ServiceType.STORAGE, {}, InvalidParameter, "compute resource"),
        ("instance", "everything", {}, InvalidParameter, "not a service type"),
        ("spaceship", ServiceType.COMPUTE, {}, Unsupported, "spaceship"),
        ("instance", ServiceType.COMPUTE, {"account": "nobody"}, InvalidParameter, "nobody"),
    ],
)
def test_a_creation_that_makes_no_sense_changes_nothing(
    home: Path, cloud: Control, kind: str, family: Any, parameters: dict[str, Any], error: type[CloudError], why: str
) -> None:
    before = len(cloud.ledger())

    async def use(manager: CloudProviderManager) -> None:
        await manager.create_resource(CloudProvider.AWS, family, kind, {**MACHINE, **parameters})

    with pytest.raises(error, match=why):
        with_manager(use)
    assert len(cloud.ledger()) == before


@pytest.mark.promise("TR-4")
def test_a_quota_that_is_reached_is_raised_as_such_and_nothing_was_created(home: Path, cloud: Control) -> None:
    before = len(cloud.ledger())

    async def use(manager: CloudProviderManager) -> None:
        cloud.quota("111111111111", "vcpus", 1)
        try:
            await manager.create_resource(CloudProvider.AWS, ServiceType.COMPUTE, "instance", MACHINE)
        finally:
            cloud.quota("111111111111", "vcpus", 5000)

    with pytest.raises(QuotaReached) as refused:
        with_manager(use)
    assert "Nothing was changed." in refused.value.hint
    assert refused.value.request_id
    assert len(cloud.ledger()) == before


def test_a_name_that_is_taken_is_refused(home: Path, cloud: Control) -> None:
    async def use(manager: CloudProviderManager) -> None:
        bucket = {"name": "library-taken-1"}
        made = await manager.create_resource(CloudProvider.AWS, ServiceType.STORAGE, "bucket", bucket)
        try:
            with pytest.raises(NameTaken):
                await manager.create_resource(CloudProvider.AWS, ServiceType.STORAGE, "bucket", bucket)
        finally:
            await manager.delete_resource(made.id)

    with_manager(use)


@pytest.mark.promise("BP-20")
def test_with_a_full_disk_nothing_is_sent(home: Path, cloud: Control) -> None:
    before = len(cloud.ledger())

    async def use(manager: CloudProviderManager) -> None:
        with full_disk():
            await manager.delete_resource("res-123")

    with pytest.raises(AuditUnavailable):
        with_manager(use)
    assert len(cloud.ledger()) == before


def test_a_throttled_cloud_is_asked_again_and_nothing_is_done_twice(home: Path, cloud: Control) -> None:
    before = len(cloud.ledger())
    cloud.fault("throttle", rate=0.3, seed=7, retry_after=0)

    async def use(manager: CloudProviderManager) -> None:
        made = await manager.create_resource(CloudProvider.AWS, ServiceType.COMPUTE, "instance", MACHINE)
        assert await manager.delete_resource(made.id) is True

    with_manager(use)
    assert [entry["action"] for entry in cloud.ledger()[before:]] == ["RunInstances", "TerminateInstances"]


@pytest.mark.parametrize("fault", ["reset_after", "error_after", "cut"])
def test_an_answer_that_got_lost_is_looked_up_and_nothing_is_done_twice(home: Path, cloud: Control, fault: str) -> None:
    before = len(cloud.ledger())
    cloud.fault(fault, service="ec2", action="RunInstances", count=1)

    async def use(manager: CloudProviderManager) -> None:
        made = await manager.create_resource(CloudProvider.AWS, ServiceType.COMPUTE, "instance", MACHINE)
        assert await manager.delete_resource(made.id) is True

    with_manager(use)
    assert [entry["action"] for entry in cloud.ledger()[before:]] == ["RunInstances", "TerminateInstances"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((ServiceType.COMPUTE, "instance", "web-1"), "config is a mapping, not str"),
        ((ServiceType.COMPUTE, "instance", None), "config is a mapping, not NoneType"),
        ((ServiceType.COMPUTE, {"name": "web-1"}, {}), "resource_type is a text, not dict"),
        (("instance", "instance", {}), "not a service type"),
    ],
)
def test_arguments_of_a_wrong_type_are_refused_by_their_name(
    home: Path, cloud: Control, arguments: tuple[Any, ...], why: str
) -> None:
    before = len(cloud.ledger())

    async def create(manager: CloudProviderManager) -> Any:
        return await manager.create_resource(CloudProvider.AWS, *arguments)

    with pytest.raises(InvalidParameter, match=why):
        with_manager(create)
    assert len(cloud.ledger()) == before
