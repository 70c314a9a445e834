"""The judge: joins the cloud's ledger with journal and audit, and believes no word of the product about itself."""

from collections import Counter
from pathlib import Path

from access.audit import broken_links
from access.models import AuditRecord
from providers.db_journal import DatabaseJournal
from sandbox import ledger
from vocabulary.words import Verb


def problems_of(operation_id: str, home: Path) -> list[str]:
    """What is wrong with one ended operation: done twice, an orphan, stuck, or the audit not matching the ledger."""
    operation = DatabaseJournal().load(operation_id)
    entries = [entry for entry in ledger.read(home) if f"op/{operation_id}-" in entry.user_agent]
    problems = []
    if operation.state != "succeeded":
        why = (operation.error or {}).get("why", "") or operation.note
        problems.append(f"I7 it ended as {operation.state}, step {operation.step} {operation.phase}: {why}")
    accepted = Counter(_token(entry.user_agent) for entry in entries if not entry.replayed)
    problems += [f"I1 {token} was carried out {count} times" for token, count in accepted.items() if count > 1]
    missing = len(operation.plan.steps) - len(accepted) - len(_in_effect(operation_id) - set(accepted))
    if operation.state == "succeeded" and missing:
        problems.append(f"{missing} of {len(operation.plan.steps)} steps never reached the cloud")
    if operation.verb is Verb.CREATE:
        made = {
            entry.native_ids[0]
            for entry in entries
            if entry.action.lower().startswith(("run", "create"))
            and not entry.replayed
            and entry.action != "CreateTags"
        }
        if made != {operation.native_id}:
            problems.append(f"I2 the cloud made {sorted(made)}, the journal knows {operation.native_id!r}")
    return problems + _audit_problems(operation_id, accepted)


def _audit_problems(operation_id: str, accepted: Counter[str]) -> list[str]:
    records = AuditRecord.objects.filter(operation=operation_id).order_by("sequence")
    before = Counter(record.token for record in records if record.moment == "before")
    after = Counter(record.token for record in records if record.moment == "after")
    problems = [] if before == after else [f"I5 {sum(before.values())} records before, {sum(after.values())} after"]
    done = Counter(
        record.token
        for record in records
        if record.moment == "after"
        and not record.outcome.startswith("refused")
        and record.outcome != "found not carried out"
    )
    in_effect = _in_effect(operation_id)
    if any(
        done[token] != accepted[token] and not (token in in_effect and not accepted[token]) for token in done | accepted
    ):
        problems.append(f"I5 the audit says {dict(done)}, the ledger {dict(accepted)}")
    return problems


def _in_effect(operation_id: str) -> set[str]:
    """Tokens of calls that were not needed (any more), because their effect was found in place."""
    found = AuditRecord.objects.filter(operation=operation_id, moment="after", outcome="found in effect")
    return set(found.values_list("token", flat=True))


def chain_problems(account: str) -> list[str]:
    """Whether the account's audit chain holds, from its first record to its last."""
    return [f"I5 the audit chain of {account} breaks at {number}" for number in broken_links(account)]


def _token(user_agent: str) -> str:
    return next(word[3:] for word in user_agent.split() if word.startswith("op/"))
