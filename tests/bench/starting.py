"""How long an idle product takes from an approval to the first change at the cloud, by the cloud's own ledger."""

import threading
import time
from pathlib import Path
from statistics import median

from tests.bench.operating import taggable
from tests.bench.product import changes_since, estate_is_read, last_change, moment_of, running, signed_in, wait_for

APPROVALS = 15
#: Long enough for the product to be idle again, and never a multiple of its own rhythms.
PAUSES_SECONDS = (1.3, 2.1, 2.9)


def measure(home: Path) -> dict[str, float]:
    with running(home):
        actor = signed_in()
        estate_is_read()
        from providers import actions
        from resources.actions import plan_change

        waits = []
        for number, name in enumerate(taggable(actor, APPROVALS)):
            row = plan_change(actor, name, "tag", {"tags": {"bench-start": str(number)}})
            threading.Event().wait(PAUSES_SECONDS[number % len(PAUSES_SECONDS)])
            seq = last_change(home)
            approved_at = time.time()
            actions.approve(actor, row.id, row.plan_hash)
            wait_for(lambda seq=seq: bool(changes_since(home, seq)), within=30, every=0.05)
            waits.append((moment_of(changes_since(home, seq)[0]) - approved_at) * 1000)
        print("start_ms:", " ".join(f"{wait:.0f}" for wait in waits))
        return {"start_ms_p50": median(waits)}
