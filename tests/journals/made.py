"""Plans, operations and audit entries that say nothing but what a test needs."""

from dataclasses import replace
from typing import Any

from providers.journal import AuditEntry, Journal, Operation, OperationState
from providers.plans import Change, Plan, Step
from vocabulary.ids import fresh_id

PLAN = Plan(
    provider="aws",
    account="aws/111111111111",
    region="us-east-1",
    kind="instance",
    verb="stop",
    title="Stop wéb-server-1",
    name="wéb-server-1",
    steps=(
        Step("Stop the instance", "ec2.stop_instances", {"InstanceIds": ["i-1"]}, 0, ("stopped",),
             Step("Start the instance", "ec2.start_instances", {"InstanceIds": ["i-1"]}, -1, ("running",))),
    ),
    subject="res-abcdefabcdef",
    native_id="i-1",
    parameters={"tags": {"a": None, "b": "ü"}},
    changes=(Change("State", "running", "stopped"),),
    effects=("The machine shuts down.",),
    expects={"state": "running"},
    simulated=True,
)  # fmt: skip


def audit_entry(action: str = "test", **values: Any) -> AuditEntry:
    return AuditEntry(**{"actor": "anna", "account": PLAN.account, "action": action, "subject": PLAN.subject} | values)


def planned(journal: Journal, **values: Any) -> Operation:
    """A new operation in the journal."""
    operation = Operation(fresh_id("op"), PLAN, PLAN.hash, "anna", created_at=journal.now())
    return journal.add(replace(operation, **values), audit_entry("plan", operation=operation.id))


def approved(journal: Journal, **values: Any) -> Operation:
    """An operation that a worker may claim."""
    operation = planned(journal)
    now = journal.now()
    ready = replace(operation, state=OperationState.APPROVED, approved_by="ben", approved_at=now, not_before=now)
    return journal.decide(replace(ready, **values), (OperationState.PLANNED,), audit_entry("approve"))
