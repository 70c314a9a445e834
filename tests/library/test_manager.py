"""What the manager promises, asked of it over the simulated AWS."""

import inspect
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from providers.audit_file import check_chain
from sandbox.control import Control
from sandbox.testing import Running
from src.multicloud import (
    AuditUnavailable,
    CloudProvider,
    CloudProviderManager,
    Conflict,
    InvalidParameter,
    MemoryJournal,
    NotFound,
    NotYetSupported,
    RateLimited,
    ServiceType,
)
from tests.library.conftest import config, with_manager

ENDED = ("shutting-down", "terminated", "gone")
INSTANCE = {"name": "library-1", "instance_type": "t3.micro", "region": "us-west-2"}


@pytest.mark.promise("AP-1", "AP-2", "AP-3", "AP-4", "AP-5", "AP-6", "AP-7", "AP-8", "AP-9")
@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("add_provider", ["config"]),
        ("remove_provider", ["provider"]),
        ("create_resource", ["provider", "service_type", "resource_type", "config"]),
        ("get_resource", ["resource_id"]),
        ("list_all_resources", ["service_type"]),
        ("get_optimal_provider", ["service_type", "region_preference", "cost_priority", "performance_priority"]),
        ("get_cost_comparison", ["service_type", "resource_type", "region"]),
        ("migrate_resource", ["resource_id", "target_provider"]),
        ("get_provider_status", []),
    ],
)
def test_the_nine_methods_have_the_documented_signatures(name: str, parameters: list[str]) -> None:
    method = getattr(CloudProviderManager, name)
    assert inspect.iscoroutinefunction(method)
    assert list(inspect.signature(method).parameters) == ["self", *parameters]


@pytest.mark.promise("AP-2")
def test_removing_a_provider_forgets_all_its_accounts_and_changes_nothing(home: Path, cloud: Control) -> None:
    before = len(cloud.ledger())

    async def use(manager: CloudProviderManager) -> list[Any]:
        both = (await manager.get_provider_status())[CloudProvider.AWS]["accounts"]
        removed = [await manager.remove_provider(CloudProvider.AWS) for _ in range(2)]
        return [[one["name"] for one in both], removed, await manager.get_provider_status()]

    named = (config(name="prod"), config("staging", name="test", priority=2))
    assert with_manager(use, *named) == [["prod", "test"], [True, False], {}]
    assert len(cloud.ledger()) == before


@pytest.mark.promise("AP-3", "RE-1", "RE-4", "RE-5", "ST-1")
def test_a_machine_is_created_changed_and_deleted_and_the_audit_has_it_all(home: Path, cloud: Control) -> None:
    before = len(cloud.ledger())

    async def use(manager: CloudProviderManager) -> None:
        made = await manager.create_resource(CloudProvider.AWS, ServiceType.COMPUTE, "instance", INSTANCE)
        assert (made.state, made.simulated, made.account) == ("running", True, "111111111111")
        change = {"tags": {"team": "platform"}, "instance_type": "t3.small", "name": "library-2", "state": "stopped"}
        changed = await manager.update_resource(made.id, change)
        assert (changed.id, changed.name, changed.state) == (made.id, "library-2", "stopped")
        assert (changed.tags["team"], changed.attributes["instance_type"]) == ("platform", "t3.small")
        assert (await manager.update_resource(made.id, {"state": "stopped"})).state == "stopped"
        assert (await manager.update_resource(made.id, {"state": "running"})).state == "running"
        assert await manager.delete_resource(made.id) is True
        assert await manager.delete_resource(made.id) is False
        assert await manager.get_resource(made.id) is None

    with_manager(use)
    accepted = [entry["action"] for entry in cloud.ledger()[before:]]
    assert accepted[0] == "RunInstances"
    assert accepted[-1] == "TerminateInstances"
    audit = home / "operations" / "audit.jsonl"
    assert check_chain(audit) == []
    records = [json.loads(line) for line in audit.read_text().splitlines()]
    calls = [record["moment"] for record in records if record["moment"] != "event"]
    assert calls == ["before", "after"] * len(accepted)
    assert audit.stat().st_mode & 0o777 == 0o600
    assert home.joinpath("operations").stat().st_mode & 0o777 == 0o700


@pytest.mark.promise("RE-1")
def test_what_the_document_leaves_out_is_said_in_the_plan(home: Path, cloud: Control) -> None:
    async def use(manager: CloudProviderManager) -> None:
        made = await manager.create_resource(CloudProvider.AWS, ServiceType.COMPUTE, "instance", INSTANCE)
        await manager.delete_resource(made.id)

    with_manager(use)
    plans = [json.loads(path.read_text().splitlines()[0]) for path in home.glob("operations/ended/*.jsonl")]
    (plan,) = [line["operation"]["plan"] for line in plans if line["operation"]["plan"]["verb"] == "create"]
    (image,) = [change["after"] for change in plan["changes"] if change["setting"] == "Image"]
    assert image.startswith("ubuntu-24.04 (ami-")
    assert any("default network" in effect for effect in plan["effects"])


@pytest.mark.promise("AP-5", "RE-2", "OV-1")
def test_listing_gives_every_account_and_region_each_resource_once(home: Path, cloud: Control) -> None:
    async def use(manager: CloudProviderManager) -> tuple[Any, ...]:
        return await manager.list_all_resources(), await manager.list_all_resources(ServiceType.SECURITY)

    everything, security = with_manager(
        use, config(regions=()), config("staging", regions=()), config(name="again", priority=9)
    )
    assert len({one.id for one in everything}) == len(everything)
    assert {one.account for one in everything} == {"111111111111", "222222222222"}
    assert {one.resource_type for one in security} == {"firewall"}
    assert {one.id for one in security} == {one.id for one in everything if one.service_type is ServiceType.SECURITY}
    machines = {one.native_id for one in everything if one.resource_type == "instance"}
    there = [
        one for account in ("111111111111", "222222222222") for one in cloud.resources(kind="instance", account=account)
    ]
    missing = [one for one in there if one["id"] not in machines and one["state"] not in ENDED]
    assert not missing, missing
    assert machines <= {one["id"] for one in there}


@pytest.mark.promise("AP-5")
def test_a_region_that_refuses_does_not_lose_the_others(home: Path, cloud: Control) -> None:
    cloud.fault("deny", service="ec2", action="DescribeInstances", region="eu-west-1")

    async def use(manager: CloudProviderManager) -> tuple[Any, ...]:
        return await manager.list_all_resources(ServiceType.COMPUTE), manager.last_failures

    listed, failures = with_manager(use)
    assert [(one.region, one.resource_type) for one in failures] == [("eu-west-1", "instance")]
    assert "us-east-1" in {one.region for one in listed if one.resource_type == "instance"}


@pytest.mark.promise("AP-5")
def test_when_nothing_can_be_read_the_reason_is_raised(home: Path, cloud: Control) -> None:
    async def use(manager: CloudProviderManager) -> None:
        cloud.fault("throttle", retry_after=0)
        await manager.list_all_resources()

    with pytest.raises(RateLimited):
        with_manager(use, config(regions=("us-east-1",)))


@pytest.mark.promise("AP-4", "RE-3", "TY-5")
@pytest.mark.parametrize("alias", ["res-123", "resource-id", "source-resource-id"])
def test_one_resource_is_found_by_its_alias_its_public_id_and_the_clouds_id(
    home: Path, cloud: Control, alias: str
) -> None:
    async def use(manager: CloudProviderManager) -> list[Any]:
        first = await manager.get_resource(alias)
        assert first is not None
        names = (alias, first.id, first.native_id)
        return [first, *[await manager.get_resource(name) for name in names]]

    found = with_manager(use)
    assert {one.native_id for one in found} == {cloud.aliases()[alias]["native_id"]}
    assert len({one.id for one in found}) == 1


@pytest.mark.promise("AP-4")
def test_what_is_nowhere_is_none_but_not_when_a_part_could_not_be_read(home: Path, cloud: Control) -> None:
    async def use(manager: CloudProviderManager) -> None:
        assert await manager.get_resource("i-00000000000000000") is None
        cloud.fault("deny", service="ec2", action="DescribeVolumes", region="eu-west-1")
        with pytest.raises(Exception, match="eu-west-1"):
            await manager.get_resource("i-00000000000000000")

    with_manager(use)


@pytest.mark.promise("AP-4")
def test_an_alias_that_two_resources_carry_is_refused(home: Path, cloud: Control) -> None:
    async def use(manager: CloudProviderManager) -> None:
        tags = {"tags": {"multicloud:alias": "twice"}}
        for name in ("library-bucket-1", "library-bucket-2"):
            await manager.create_resource(CloudProvider.AWS, ServiceType.STORAGE, "bucket", {"name": name, **tags})
        with pytest.raises(Conflict, match="2 resources"):
            await manager.delete_resource("twice")
        for name in ("library-bucket-1", "library-bucket-2"):
            assert await manager.delete_resource(name)

    with_manager(use)


@pytest.mark.promise("RE-4")
@pytest.mark.parametrize(
    ("change", "error", "why"),
    [
        ({"colour": "red"}, InvalidParameter, "'colour' cannot be changed"),
        ({}, InvalidParameter, "nothing was given"),
        ({"state": "flying"}, InvalidParameter, "flying"),
        ({"instance_type": "t9.mega"}, InvalidParameter, "t9.mega"),
        ({"tags": {"aws:x": "1"}}, InvalidParameter, "aws:"),
    ],
)
def test_an_update_that_makes_no_sense_changes_nothing(
    home: Path, cloud: Control, change: dict[str, Any], error: type[Exception], why: str
) -> None:
    before = len(cloud.ledger())

    async def use(manager: CloudProviderManager) -> None:
        await manager.update_resource("res-123", {"name": "not this", **change} if change else {})

    with pytest.raises(error, match=why):
        with_manager(use)
    assert len(cloud.ledger()) == before


@pytest.mark.promise("RE-4")
def test_updating_what_is_not_there_is_not_found(home: Path, cloud: Control) -> None:
    async def use(manager: CloudProviderManager) -> None:
        await manager.update_resource("res-aaaaaaaaaaaa", {"name": "x"})

    with pytest.raises(NotFound):
        with_manager(use)


@pytest.mark.promise("AP-9", "ME-5")
def test_the_status_says_what_is_wrong_with_whom(home: Path, cloud: Control) -> None:
    async def use(manager: CloudProviderManager) -> dict[str, Any]:
        cloud.key("AKIASANDBOXSTAGING000", "Inactive")
        try:
            return (await manager.get_provider_status())[CloudProvider.AWS]
        finally:
            cloud.key("AKIASANDBOXSTAGING000", "Active")

    report = with_manager(use, config(name="prod"), config("staging", name="test", priority=2))
    good, bad = report["accounts"]
    assert (good["name"], good["status"], bad["name"], bad["status"]) == ("prod", "available", "test", "unavailable")
    assert good["latency_ms"] > 0
    assert bad["error"]["type"] == "AuthenticationFailed"
    assert report["status"] == "available"
    assert "us-east-1" in report["regions"]
    assert report["checked_at"].tzinfo is not None
    assert report["status_url"].startswith("https://")


@pytest.mark.parametrize(
    ("ask", "why"),
    [
        (lambda manager: manager.get_optimal_provider(ServiceType.COMPUTE, "us-east-1", 0.7, 0.3), "prices"),
        (lambda manager: manager.get_cost_comparison(ServiceType.COMPUTE, "instance", "us-east-1"), "price catalogue"),
        (lambda manager: manager.migrate_resource("res-123", CloudProvider.GCP), "migration engine"),
        (
            lambda manager: manager.add_provider(replace(config(), provider=CloudProvider.GCP, endpoint="x")),
            "not connected",
        ),
        (
            lambda manager: manager.create_resource(CloudProvider.AZURE, ServiceType.COMPUTE, "instance", {}),
            "not connected",
        ),
    ],
)
def test_what_is_not_there_yet_says_what_is_missing(home: Path, ask: Any, why: str) -> None:
    with pytest.raises(NotYetSupported, match=why):
        with_manager(ask)


def test_looking_leaves_nothing_on_the_disk(home: Path, cloud: Control) -> None:
    assert with_manager(lambda manager: manager.list_all_resources())
    assert not (home / "operations").exists()


def test_without_a_place_for_the_journal_nothing_is_changed(
    home: Path, cloud: Control, monkeypatch: pytest.MonkeyPatch, running: Running
) -> None:
    before = len(cloud.ledger())
    monkeypatch.setenv("MULTICLOUD_ALLOWED_ENDPOINTS", running.address.removeprefix("http://"))
    (home / "a-file").write_text("")
    monkeypatch.setenv("MULTICLOUD_HOME", str(home / "a-file"))
    with pytest.raises(AuditUnavailable, match="cannot be kept"):
        with_manager(lambda manager: manager.delete_resource("res-123"), config(endpoint=running.address))
    assert len(cloud.ledger()) == before


def test_a_closed_manager_begins_nothing(home: Path, cloud: Control) -> None:
    before = len(cloud.ledger())

    async def use(manager: CloudProviderManager) -> None:
        await manager.resume()
        await manager.update_resource("res-123", {"state": "running"})
        await manager.close()
        await manager.delete_resource("res-123")

    (home / "operations").mkdir()
    with pytest.raises(Conflict, match="closed"):
        with_manager(use)
    assert len(cloud.ledger()) == before


def test_a_manager_with_a_journal_in_memory_leaves_nothing_on_the_disk(home: Path, cloud: Control) -> None:
    import asyncio

    journal = MemoryJournal()

    async def main() -> None:
        manager = CloudProviderManager(journal=journal)
        await manager.add_provider(config())
        bucket = {"name": "library-bucket-3"}
        made = await manager.create_resource(CloudProvider.AWS, ServiceType.STORAGE, "bucket", bucket)
        assert await manager.delete_resource(made.id)

    asyncio.run(main())
    assert not (home / "operations").exists()
    assert [entry.moment for entry in journal.audit if entry.moment != "event"].count("before") == 3
