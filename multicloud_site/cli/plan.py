"""A plan as a person reads it on a terminal."""

from collections.abc import Iterable

from multicloud_site.cli.columns import facts, table
from providers.plans import UNKNOWN_COST, Plan
from vocabulary.text import visible

SHORT_HASH = 12


def plan_text(plan: Plan, plan_hash: str) -> str:
    """Everything that somebody must know before they approve: steps, changes, effects, what stays, cost, way back."""
    cost = plan.cost_monthly if plan.cost_monthly != UNKNOWN_COST else f"unknown: {plan.cost_reason}"
    head = {
        "plan": plan.title,
        "account": f"{plan.account}{' (simulated)' if plan.simulated else ''}",
        "region": plan.region,
        "what": f"{plan.kind} {plan.native_id}".strip(),
        "monthly cost": cost,
        "undo": plan.undo or "There is no way back.",
        "needs": ", ".join(plan.needs),
        "hash": plan_hash,
    }
    parts = [facts({name: value for name, value in head.items() if value})]
    if plan.changes:
        parts.append(table(("SETTING", "NOW", "AFTER"), [[c.setting, c.now, c.after] for c in plan.changes], keep=()))
    steps = [[str(number), step.title, step.method] for number, step in enumerate(plan.steps, 1)]
    parts.append(table(("STEP", "WHAT", "CALL"), steps))
    for title, lines in (("What happens", plan.effects), ("What stays", plan.stays), ("Look out", plan.warnings)):
        if lines:
            parts.append(f"{title}:\n" + _bullets(lines))
    return "\n\n".join(parts)


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"  - {visible(line, 1000)}" for line in lines)
