"""Plans are made from the inventory, by those who may, for accounts in manage mode; and the way back is a plan too."""

from typing import Any

import pytest
from django.utils import timezone

from access.models import AuditRecord, Role, Team
from providers.journal import OperationState
from providers.models import Account, OperationRow
from resources import actions, places
from resources.models import Reading, Resource
from tests.resources.conftest import Reader, person
from tests.resources.scripted import ScriptedEngine
from vocabulary.errors import Conflict, InvalidParameter, NotAllowed, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def machine(read: Reader) -> Resource:
    read()
    return Resource.objects.get(name="web-1")


def test_a_plan_is_made_without_a_call_to_the_cloud(viewer: Any, machine: Resource, engine: ScriptedEngine) -> None:
    engine.calls.clear()
    row = actions.plan_change(viewer, machine.public_id, "stop")
    assert (row.state, row.verb, row.subject) == (OperationState.PLANNED, "stop", machine.public_id)
    assert row.plan["expects"]["state"] == "running"
    assert engine.calls == []


def test_a_resource_of_another_team_is_not_there(outsider: Any, machine: Resource) -> None:
    with pytest.raises(NotFound):
        actions.plan_change(outsider, machine.public_id, "stop")
    assert not OperationRow.objects.exists()


def test_somebody_who_only_looks_makes_no_plan(machine: Resource, team: Team) -> None:
    with pytest.raises(NotAllowed):
        actions.plan_change(person("looker", team, Role.VIEWER), machine.public_id, "stop")


def test_an_account_in_observe_mode_refuses_and_says_who_can_switch_it(
    viewer: Any, machine: Resource, account: Account
) -> None:
    Account.objects.update(mode="observe")
    with pytest.raises(NotAllowed, match="observe mode") as refused:
        actions.plan_change(viewer, machine.public_id, "stop")
    assert "admin" in refused.value.hint


def test_a_protected_resource_is_left_alone_until_the_protection_is_lifted(viewer: Any, machine: Resource) -> None:
    actions.set_protected(viewer, machine.public_id, True)
    with pytest.raises(Conflict, match="protected"):
        actions.plan_change(viewer, machine.public_id, "delete")
    actions.set_protected(viewer, machine.public_id, False)
    actions.plan_change(viewer, machine.public_id, "delete")
    acts = AuditRecord.objects.order_by("pk").values_list("action", flat=True)
    assert [act for act in acts if "protect" in act] == ["protect", "lift protection"]


def test_what_is_gone_is_not_changed(viewer: Any, machine: Resource) -> None:
    Resource.objects.filter(pk=machine.pk).update(gone_at=timezone.now(), state="gone")
    with pytest.raises(Conflict, match="gone"):
        actions.plan_change(viewer, machine.public_id, "start")


@pytest.mark.parametrize("verb", ["list", "get", "create", "explode", "", "stop; delete"])
def test_only_changes_of_a_resource_are_planned(viewer: Any, machine: Resource, verb: str) -> None:
    with pytest.raises(InvalidParameter):
        actions.plan_change(viewer, machine.public_id, verb)


def test_a_verb_that_the_state_forbids_is_a_conflict(viewer: Any, machine: Resource) -> None:
    with pytest.raises(Conflict, match="running"):
        actions.plan_change(viewer, machine.public_id, "start")


def test_the_way_back_of_a_tag_is_the_tag_from_before(viewer: Any, machine: Resource) -> None:
    row = actions.plan_change(viewer, machine.public_id, "tag", {"tags": {"env": "dev", "new": "1"}})
    with pytest.raises(Conflict, match="cannot be undone"):
        actions.plan_undo(viewer, row.pk)
    OperationRow.objects.filter(pk=row.pk).update(state=OperationState.SUCCEEDED)
    back = actions.plan_undo(viewer, row.pk)
    assert back.undo_of == row.pk
    assert back.plan["parameters"]["tags"] == {"env": "prod", "new": None}


def test_a_secret_of_a_creation_is_in_the_vault_and_not_in_the_plan(viewer: Any, account: Account) -> None:
    values = {"name": "web-9", "instance_type": "t3.micro", "image": "ami-1", "user_data": "canary-user-data"}
    try:
        row = actions.plan_creation(viewer, account.pk, "instance", "us-east-1", values, driver=LookingDriver())
    except NotAllowed as refused:
        pytest.fail(str(refused))
    assert "canary-user-data" not in str(row.plan)
    assert "$secret" in str(row.plan["parameters"]["user_data"])


def LookingDriver() -> Any:  # noqa: N802  # stands for a driver whose look-ups find everything
    from dataclasses import replace

    from tests.resources.scripted import driver_over

    driver = driver_over(ScriptedEngine())
    kinds = tuple(replace(kind, look_ups={}) for kind in driver.cloud.kinds)
    driver.cloud = replace(driver.cloud, kinds=kinds)
    return driver


def test_a_reading_is_asked_for_and_recorded(viewer: Any, account: Account, read: Reader) -> None:
    read()
    assert not places.due_in(account).exists()
    actions.request_reading(viewer, account)
    assert places.due_in(account).count() == 1
    assert Reading.objects.filter(places.due(), kind=places.REGIONS).exists()
    assert AuditRecord.objects.filter(action="request reading", actor="operator").count() == 1


def test_a_reading_of_an_account_that_is_switched_off_is_refused(viewer: Any, account: Account) -> None:
    account.enabled = False
    with pytest.raises(NotAllowed, match="switched off"):
        actions.request_reading(viewer, account)
