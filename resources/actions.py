"""What people do with resources: plan a change, plan the way back, protect, have an account read. For every face.

A plan is made from the inventory, because no cloud call leaves a web process; the worker checks it again before the
first call.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import transaction

from access import audit, rights
from providers import actions as operations
from providers import queries as accounts
from providers import vault_store
from providers.connect import planning_driver
from providers.db_journal import value_of
from providers.drivers.driver import Driver
from providers.drivers.planning import make_plan, undo_of
from providers.journal import AuditEntry, OperationState
from providers.models import Account, OperationRow
from resources import places, queries, tasks
from resources.found import found_of
from resources.models import Reading, Resource
from vocabulary.errors import Conflict, InvalidParameter, NotAllowed, NotFound
from vocabulary.words import Verb


def plan_change(actor: Any, public_id: str, verb: str, parameters: Mapping[str, Any] | None = None) -> OperationRow:
    """Write down what `verb` would do to a resource. Nothing runs until the plan is approved.

    Raises NotFound for a resource the actor cannot see, NotAllowed without the right or in observe mode, Conflict when
    it is protected, gone or in the wrong state, InvalidParameter for a parameter that makes no sense.
    """
    resource = queries.resource_for(actor, public_id)
    return _propose(actor, resource, _verb(verb), parameters or {})


def plan_creation(
    actor: Any,
    account_id: int,
    kind: str,
    region: str,
    parameters: Mapping[str, Any],
    driver: Driver | None = None,
) -> OperationRow:
    """Write down what creating a resource would do. `driver`, where calls may leave, answers the kind's look-ups."""
    account = accounts.account_for(actor, account_id)
    _may_plan(actor, account, Verb.CREATE)
    driver = driver or planning_driver(account)
    row = driver.cloud.kind(kind)
    plan = make_plan(
        driver,
        row,
        Verb.CREATE,
        region,
        account=account.key,
        parameters=parameters,
        simulated=account.simulated,
        hide=vault_store.hide(vault_store.new_holder()),
    )
    return operations.propose(actor, plan)


def plan_undo(actor: Any, operation_id: str) -> OperationRow:
    """Plan the way back of an operation that succeeded. It is a plan like any other, and waits for its own approval."""
    row = accounts.operation_for(actor, operation_id)
    done = value_of(row)
    back = undo_of(done.plan)
    if done.state is not OperationState.SUCCEEDED or back is None:
        raise Conflict(done.plan.account, "undo", f"{done.plan.title} cannot be undone", "There is no way back for it.")
    rows = queries.resources_for(actor).filter(account=row.account, kind=row.kind)
    resource = rows.filter(public_id=row.subject).first() if row.subject else None
    resource = resource or rows.filter(native_id=done.native_id).first()
    if resource is None:
        raise NotFound(
            done.plan.account,
            "undo",
            f"{done.plan.name} is not in the inventory",
            "Have the account read, then try again.",
        )
    return _propose(actor, resource, back[0], back[1], undo_of_id=done.id)


def set_protected(actor: Any, public_id: str, protected: bool) -> Resource:
    """Keep a resource from being changed through this product, or lift that again."""
    resource = queries.resource_for(actor, public_id)
    account = resource.account
    rights.require(actor, "approve", account.team)
    with transaction.atomic():
        Resource.objects.filter(pk=resource.pk).update(protected=protected)
        _write_down(actor, account, "protect" if protected else "lift protection", resource.public_id)
    resource.protected = protected
    return resource


def request_reading(actor: Any, account: Account) -> None:
    """Have everything of an account read as soon as a worker is free."""
    rights.require(actor, "read account", account.team)
    if not account.enabled:
        raise NotAllowed(
            str(account), "read account", "this account is switched off", "Switch it on to let calls leave."
        )
    with transaction.atomic():
        Reading.objects.bulk_create([Reading(account=account, kind=places.REGIONS)], ignore_conflicts=True)
        places.want(account)
        _write_down(actor, account, "request reading", account.key)
        transaction.on_commit(partial(tasks.read_account.delay, account.pk))


def _propose(
    actor: Any, resource: Resource, verb: Verb, parameters: Mapping[str, Any], undo_of_id: str = ""
) -> OperationRow:
    account = resource.account
    _may_plan(actor, account, verb)
    if resource.protected:
        raise Conflict(str(account), verb, f"{resource.name} is protected", "Lift the protection first.")
    if resource.gone_at is not None:
        raise Conflict(str(account), verb, f"{resource.name} is gone", "It is kept only for its history.")
    driver = planning_driver(account)
    found = found_of(resource)
    plan = make_plan(
        driver,
        found.kind,
        verb,
        resource.region,
        account=account.key,
        native_id=resource.native_id,
        parameters=parameters,
        simulated=account.simulated,
        public_id=resource.public_id,
        standing=found,
        hide=vault_store.hide(vault_store.new_holder()),
    )
    return operations.propose(actor, plan, undo_of_id)


def _may_plan(actor: Any, account: Account, verb: Verb) -> None:
    rights.require(actor, "plan", account.team)
    if account.mode != Account.Mode.MANAGE:
        raise NotAllowed(
            str(account), verb, "the account is in observe mode", "An admin can switch it to manage under Accounts."
        )
    if not account.enabled:
        raise NotAllowed(str(account), verb, "this account is switched off", "Switch it on to let calls leave.")


def _verb(word: str) -> Verb:
    able = [verb for verb in Verb if verb.changes and verb is not Verb.CREATE]
    if word not in able:
        raise InvalidParameter(
            "plan", "verb", f"{word[:40]!r} is not a change of a resource", f"Choose: {', '.join(able)}."
        )
    return Verb(word)


def _write_down(actor: Any, account: Account, action: str, subject: str) -> None:
    entry = AuditEntry(actor=actor.get_username(), account=account.key, action=action, subject=subject, outcome="done")
    audit.append(account.team, entry.as_dict())
