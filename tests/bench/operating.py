"""How many operations a second: tag writes at the sandbox, each planned, approved, claimed, sent and verified."""

import time
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.product import calls_at, cpu_seconds, estate_is_read, running, signed_in, wait_for

ROUNDS, OPERATIONS = 5, 100


def measure(home: Path) -> dict[str, float]:
    with running(home):
        actor = signed_in()
        estate_is_read()
        round_of(actor, "warm", 10)
        rates = []
        for number in range(ROUNDS):
            cpu, calls = cpu_seconds(home), sum(calls_at(home).values())
            rates.append(round_of(actor, f"round-{number}", OPERATIONS))
            after = cpu_seconds(home)
            spent: dict[str, float] = {}
            for name, seconds in after.items():
                program = name.partition(" ")[2]
                spent[program] = spent.get(program, 0.0) + (seconds - cpu.get(name, 0.0)) * 1000 / OPERATIONS
            shares = ", ".join(f"{program} {ms:.1f}" for program, ms in spent.items() if ms >= 0.1)
            asked = (sum(calls_at(home).values()) - calls) / OPERATIONS
            print(
                f"ops_per_s round {number + 1}: {rates[-1]:.1f}; CPU ms an operation: {shares}; {asked:.1f} calls each"
            )
        return {"ops_per_s": median(rates)}


def round_of(actor: Any, word: str, many: int) -> float:
    """Operations a second, from the first approval of so many planned tag writes to the last success."""
    from providers import actions
    from providers.models import OperationRow
    from resources.actions import plan_change

    names = taggable(actor, many)
    rows = [plan_change(actor, name, "tag", {"tags": {f"bench-{word}": str(n)}}) for n, name in enumerate(names)]
    began = time.time()
    for row in rows:
        actions.approve(actor, row.id, row.plan_hash)
    ours = OperationRow.objects.filter(pk__in=[row.id for row in rows])
    wait_for(lambda: not ours.filter(finished_at=None).exists(), within=120)
    bad = ours.exclude(state="succeeded").values_list("id", "state", "error")
    if bad:
        raise RuntimeError(f"{len(bad)} of {many} operations did not succeed: {bad[0]}")
    return many / (max(ours.values_list("finished_at", flat=True)).timestamp() - began)


def taggable(actor: Any, many: int) -> list[str]:
    """Public ids of machines and disks in the production account, used in turn."""
    from resources.queries import resources_for

    rows = resources_for(actor).filter(account__name="production", kind__in=("instance", "volume"), gone_at=None)
    ids = list(rows.exclude(state__in=("deleting", "gone")).order_by("public_id").values_list("public_id", flat=True))
    if not ids:
        raise RuntimeError("the production account has nothing to tag")
    return [ids[n % len(ids)] for n in range(many)]
