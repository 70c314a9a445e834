"""Changes: from the document's parameters to plans, and from a plan to its verified end, over the operation engine."""

import logging
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from getpass import getuser
from typing import Any

from providers.drivers.kind import Kind
from providers.drivers.parameters import ALIASES
from providers.drivers.planning import make_plan
from providers.journal import Journal, Operation, OperationState
from providers.operations import Operations
from providers.plans import Plan
from providers.surroundings import Surroundings
from src.multicloud.connections import Account
from src.multicloud.looking import Located
from vocabulary import errors
from vocabulary.errors import AuthenticationFailed, CloudError, Conflict, InvalidParameter, VaultError
from vocabulary.words import State, Verb

log = logging.getLogger("src.multicloud")

#: What a creation gets where the document's configuration does not say it.
DEFAULTS: Mapping[str, str] = {"image": "ubuntu-24.04"}
#: Left to the cloud, and said in the plan.
LEFT_TO_THE_CLOUD: Mapping[str, str] = {"subnet": "No subnet was given: the cloud places it in its default network."}
#: What `update_resource` may be asked for, beside parameters: a state to be in.
STATES: Mapping[str, Verb] = {State.STOPPED: Verb.STOP, State.RUNNING: Verb.START}
NOT_PARAMETERS = ("region", "account", "provider")
LONGEST_WAIT = timedelta(seconds=1)


class Changes:
    """Carries plans out. `account_of` finds the account of an operation by its key; None when it is not held."""

    def __init__(self, journal: Journal, account_of: Callable[[str], Account | None]) -> None:
        self.journal, self._account_of = journal, account_of
        self._secrets: dict[str, str] = {}
        self.closing = threading.Event()

    def carry_out(self, account: Account, plan: Plan) -> Operation:
        """Write the plan down, approve it, and wait for its end. Raises what the cloud refused it with."""
        if self.closing.is_set():
            raise Conflict(account.key, plan.title, "this manager is closed", "Make a new one.")
        actor = _actor()
        engine = self._engine()
        operation = engine.propose(plan, actor)
        log.info("operation=%s account=%s %s: %s", operation.id, account.key, plan.title, " ".join(plan.effects))
        engine.approve(operation.id, operation.plan_hash, actor)
        ended = self.wait_for(operation.id)
        if ended.state is not OperationState.SUCCEEDED:
            raise error_of(ended)
        return ended

    def wait_for(self, operation_id: str) -> Operation:
        """Advance an operation until it has ended or needs a person, here or in whichever process has it.

        Raises AuditUnavailable when the journal cannot be written, Conflict when the manager is closed meanwhile.
        """
        engine = self._engine()
        while True:
            operation = engine.advance(operation_id) or self.journal.load(operation_id)
            if operation.state.closed or operation.state is OperationState.NEEDS_HUMAN:
                return operation
            if isinstance(engine.stopped_by, errors.AuditUnavailable):
                raise engine.stopped_by
            now = self.journal.now()
            wait = min(max((operation.not_before or now) - now, timedelta(milliseconds=20)), LONGEST_WAIT)
            if self.closing.wait(wait.total_seconds()):
                why = "the manager was closed before it had ended"
                raise Conflict(operation.plan.account, operation.plan.title, why, "The next manager carries on.")

    def hide(self, name: str, value: str) -> str:
        """Keep a secret parameter in memory only, and return its reference."""
        reference = f"memory/{name}/{secrets.token_hex(8)}"
        self._secrets[reference] = value
        return reference

    def _engine(self) -> Operations:
        around = Surroundings(connect=self._connect, authorize=self._authorize, reveal=self._reveal)
        return Operations(self.journal, around, f"library-{secrets.token_hex(4)}")

    def _connect(self, operation: Operation) -> Any:
        return self._required(operation).driver

    def _authorize(self, operation: Operation) -> None:
        self._required(operation).require_manage(operation.plan.region)

    def _required(self, operation: Operation) -> Account:
        account = self._account_of(operation.plan.account)
        if account is None:
            why = "this manager holds no configuration of this account"
            raise AuthenticationFailed(operation.plan.account, operation.plan.title, why, "Add the provider again.")
        return account

    def _reveal(self, reference: str) -> str:
        if reference not in self._secrets:
            why = "a secret parameter was in the memory of a program that has ended"
            raise VaultError("Multicloud", reference.rpartition("/")[0], why, "Ask for the change again.")
        return self._secrets[reference]


def creation(account: Account, kind: Kind, config: Mapping[str, Any], hide: Callable[[str, str], str]) -> Plan:
    """The plan of a creation from the document's keys (name, instance_type, region, …)."""
    region = str(config.get("region") or account.config.region or account.driver.cloud.home_region)
    account.require_manage(region)
    parameters = {name: value for name, value in config.items() if name not in NOT_PARAMETERS}
    there = {param.name: param for param in kind.params.get(Verb.CREATE, ())}
    given = {ALIASES.get(name, name) for name in parameters}
    required = {name for name, param in there.items() if param.required}
    parameters |= {name: value for name, value in DEFAULTS.items() if name in required - given}
    plan = _plan(account, kind, Verb.CREATE, region, parameters, hide)
    said = tuple(text for name, text in LEFT_TO_THE_CLOUD.items() if name in there and name not in given)
    return replace(plan, effects=(*plan.effects, *said))


def updates(located: Located, config: Mapping[str, Any], hide: Callable[[str, str], str]) -> list[Plan]:
    """The plans of an update, all of them made before any is carried out, in the order in which they run."""
    account, kind, found = located.place.account, located.place.kind, located.found
    account.require_manage(found.region)
    return [
        _plan(account, kind, verb, found.region, parameters, hide, found.native_id)
        for verb, parameters in verbs_of(kind, found.state, config)
    ]


def deletion(located: Located) -> Plan:
    """The plan of a deletion. Raises NotFound when it is gone already."""
    account, found = located.place.account, located.found
    account.require_manage(found.region)
    return _plan(account, located.place.kind, Verb.DELETE, found.region, {}, None, found.native_id)


def verbs_of(kind: Kind, state: State, config: Mapping[str, Any]) -> list[tuple[Verb, dict[str, Any]]]:
    """Which verbs bring about what an update asks for. A state that it is in already asks for nothing."""
    rest = {name: value for name, value in config.items() if name not in NOT_PARAMETERS}
    wanted = rest.pop("state", None)
    parts: list[tuple[Verb, dict[str, Any]]] = []
    able: list[str] = []
    for verb in (Verb.UPDATE, Verb.TAG, Verb.RESIZE):
        names = [param.name for param in kind.params.get(verb, ()) if kind.can(verb)]
        able += names
        part = {name: rest.pop(name) for name in list(rest) if name in names or ALIASES.get(name) in names}
        parts += [(verb, part)] if part else []
    if wanted is not None and wanted != state:
        if wanted not in STATES or not kind.can(STATES[wanted]):
            raise InvalidParameter(kind.vendor_name, "update", f"it cannot be told to be {str(wanted)[:40]!r}")
        parts.append((STATES[wanted], {}))
    able += ["state"] if kind.can(Verb.STOP) else []
    if rest or not (parts or wanted):
        why = f"{next(iter(rest))!r} cannot be changed" if rest else "nothing was given to change"
        raise InvalidParameter(kind.vendor_name, "update", why, f"Give one of: {', '.join(dict.fromkeys(able))}.")
    return parts


def error_of(operation: Operation) -> CloudError:
    """Why an operation did not succeed, as the error it would have been raised as."""
    told = operation.error or {}
    why, note = str(told.get("why") or f"it ended as {operation.state}"), operation.note
    if operation.state is OperationState.NEEDS_HUMAN:
        return Conflict(operation.plan.account, operation.plan.title, f"a person must look: {why}", note)
    kind = getattr(errors, str(told.get("type")), Conflict)
    hint = " ".join(part for part in (str(told.get("hint") or ""), note) if part)
    error: CloudError = kind(
        str(told.get("who") or operation.plan.account),
        str(told.get("call") or operation.plan.title),
        why,
        hint,
        code=str(told.get("code") or ""),
        request_id=str(told.get("request_id") or ""),
        sent=False,
    )
    return error


def _plan(
    account: Account,
    kind: Kind,
    verb: Verb,
    region: str,
    parameters: Mapping[str, Any],
    hide: Callable[[str, str], str] | None,
    native_id: str = "",
) -> Plan:
    return make_plan(
        account.driver,
        kind,
        verb,
        region,
        account=account.key,
        native_id=native_id,
        parameters=parameters,
        simulated=account.identity.simulated,
        hide=hide,
    )


def unfinished_of(operations: Sequence[Operation], accounts: Sequence[Account]) -> list[Operation]:
    """Those that some program began or approved and did not end, in accounts that may be changed."""
    keys = {account.key for account in accounts if account.config.mode == "manage"}
    return [one for one in operations if one.state.waits_for_a_worker and one.plan.account in keys]


def _actor() -> str:
    """Who the audit names: the user of this machine that the program runs as."""
    try:
        return f"library:{getuser()}"
    except (KeyError, OSError):
        return "library"
