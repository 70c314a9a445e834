"""What clouds do without any fault of theirs: show late, accept and then fail, have deleted already, revoke a key."""

import pytest

from providers import credential_actions, vault_store
from providers.connect import driver_for
from providers.journal import OperationState
from providers.models import Credential, OperationRow
from tests.faults.world import REGION, World, until
from vocabulary.words import Verb


@pytest.mark.parametrize("hidden_seconds", [5, 60, 4000])
def test_a_machine_that_the_cloud_does_not_show_yet_is_not_made_again(world: World, hidden_seconds: int) -> None:
    """Fault 18: the worker dies, and the look-up cannot see what was made. (Time runs a thousand times as fast; 4,000
    seconds are longer than the window, and the token alone stands against a second machine.)"""
    operation = world.creation()
    world.control.fault("invisible", action="RunInstances", seconds=hidden_seconds * 1.0)
    world.control.fault("reset_after", action="RunInstances", count=1)
    world.finish(operation)
    assert world.problems(operation) == []
    assert len(world.there()) == 1


def test_a_creation_that_was_accepted_and_fails_later_says_so_and_names_what_remains(world: World) -> None:
    """Fault 20."""
    operation = world.creation()
    world.control.fault("fail_later", action="RunInstances", count=1)
    ended = world.finish(operation)
    assert ended.state is OperationState.FAILED
    assert ended.native_id == world.ledger(operation)[0].native_ids[0]
    assert ended.native_id in ended.note


class TestGoneAlready:
    def test_deleting_what_somebody_else_has_deleted_is_success(self, world: World) -> None:
        """Fault 21."""
        machine = world.machine()
        operation = world.approved("instance", Verb.DELETE, machine)
        world.control.delete(machine)
        assert world.finish(operation).state is OperationState.SUCCEEDED
        assert world.ledger(operation) == []

    def test_not_found_in_another_account_is_no_success(self, world: World) -> None:
        """Fault 21: the credential has come to lead to another account, where the machine is of course not found."""
        machine = world.machine()
        operation = world.approved("instance", Verb.DELETE, machine)
        credential = Credential.objects.get()
        credential.fields = {"access_key_id": "AKIASANDBOXSTAGING000"}
        vault_store.put(credential.holder, {"secret_access_key": "sandbox-staging-secret"})
        credential.save()
        world.worker_advances(operation)
        assert world.load(operation).state is not OperationState.SUCCEEDED
        assert world.ledger(operation) == []
        assert [thing["id"] for thing in world.there()] == [machine]

    def test_an_answer_for_another_account_is_no_success(self, world: World) -> None:
        """Fault 21. Fault 25: the cloud itself answers for another account."""
        machine = world.machine()
        operation = world.approved("instance", Verb.DELETE, machine)
        world.control.fault("wrong_account", action="TerminateInstances", answer_account="222222222222", count=1)
        world.worker_advances(operation)
        assert world.load(operation).is_open
        OperationRow.objects.update(phase_at="2020-01-01T00:00:00Z", not_before=None)  # it was awaited for long
        assert world.finish(operation).state is OperationState.NEEDS_HUMAN
        assert [thing["id"] for thing in world.there()] == [machine]


def test_a_key_revoked_in_the_middle_pauses_the_operation_and_a_new_key_resumes_it(world: World) -> None:
    """Fault 22: a running machine is resized in three calls; the key is revoked after the first."""
    machine = world.machine()
    operation = world.approved("instance", Verb.RESIZE, machine, instance_type="t3.small")
    world.control.fault("hold", action="StopInstances", seconds=0.5, count=1)
    worker = world.worker(lambda: world.works(operation))
    until(lambda: world.ledger(operation))
    world.control.key("AKIASANDBOXPRODUCTION", "Inactive")
    paused = until(lambda: "Paused" in world.story(operation) or "Looking failed" in world.story(operation))
    assert paused
    assert world.load(operation).is_open
    keys = {"access_key_id": "your-access-key", "secret_access_key": "your-secret-key"}
    credential_actions.replace_secret(world.actor, Credential.objects.get().pk, keys)
    world.control.clear()
    OperationRow.objects.update(not_before=None)
    assert world.ended(worker) == 0
    assert world.problems(operation) == []
    assert [entry.action for entry in world.ledger(operation)] == [
        "StopInstances",
        "ModifyInstanceAttribute",
        "StartInstances",
    ]
    kind = driver_for(world.account).cloud.kind("instance")
    found = driver_for(world.account).get(kind, REGION, machine)
    assert found is not None
    assert found.attributes["instance_type"] == "t3.small"
