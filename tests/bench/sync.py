"""Reading 5,000 instances from canned, paged answers: CPU against the SDK's bare paginator, memory, and rows written.

Each memory figure comes from a process of its own, because a process never gives all of its memory back.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

TOTAL, LARGE, ROUNDS = 5_000, 50_000, 5
KEYS = {"aws_access_key_id": "AKIACANNEDANSWERS000", "aws_secret_access_key": "canned"}


def measure(home: Path) -> dict[str, float]:
    """The figures of a sync. The database is one of its own, in a temporary folder."""
    del home  # the inventory of the lists must stay as it is
    figures = _in_a_process("cpu", TOTAL)
    small, large = _in_a_process("memory", TOTAL), _in_a_process("memory", LARGE)
    return {**figures, "sync_rss_mb": small["rss_mb"], "sync_rss_mb_at_50000": large["rss_mb"]}


def _in_a_process(what: str, total: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="multicloud-bench-") as home:
        environment = {**os.environ, "MULTICLOUD_HOME": home, "DJANGO_SETTINGS_MODULE": "multicloud_site.settings"}
        command = [sys.executable, "-m", "tests.bench.sync", what, str(total)]
        lines = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.splitlines()
    return {name: float(value) for name, _, value in (line.partition(" ") for line in lines)}


def _prepared() -> Any:
    import django

    django.setup()
    from django.core.management import call_command

    from access.models import Team
    from providers.models import Account

    call_command("migrate", verbosity=0)
    team = Team.objects.create(slug="bench", name="Bench")
    return Account.objects.create(
        team=team, provider="aws", native_id="111111111111", name="production", regions=["us-east-1"]
    )


def _driver(answers: Any) -> Any:
    from providers.drivers.clouds import cloud
    from providers.drivers.driver import Driver
    from providers.drivers.engines.boto import BotoEngine
    from providers.drivers.engines.boto_session import SignIn

    class Canned(BotoEngine):
        """The engine as it is, with answers that need no network."""

        def _new_client(self, service: str, region: str) -> Any:
            client = super()._new_client(service, region)
            answers.attach(client)
            return client

    fields = {"access_key_id": KEYS["aws_access_key_id"], "secret_access_key": KEYS["aws_secret_access_key"]}
    engine = Canned("aws/production", SignIn("keys", fields), "us-east-1")
    tables = cloud("aws")
    instances = replace(tables, kinds=tuple(kind for kind in tables.kinds if kind.name == "instance"))
    return Driver(instances, engine, "111111111111")


def _spent(work: Callable[[], Any]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _cpu(account: Any, total: int) -> dict[str, float]:
    """A first reading, a second one that finds nothing changed, and the bare paginator, in turns."""
    import boto3
    from botocore.config import Config

    from resources.models import Reading, Resource, ResourceChange
    from resources.work import read_account
    from tests.bench.canned import PAGE, Answers

    answers = Answers(total)
    client = boto3.client("ec2", region_name="us-east-1", config=Config(retries={"total_max_attempts": 1}), **KEYS)
    answers.attach(client)

    def bare() -> None:
        pages = client.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": PAGE})
        assert sum(len(group["Instances"]) for page in pages for group in page["Reservations"]) == total

    def read() -> None:
        Reading.objects.update(due_at=None)
        outcome = read_account(account.pk, _driver(answers))
        assert (outcome.resources, outcome.refused) == (total, {}), outcome

    rounds = []
    bare()
    for _ in range(ROUNDS):
        Resource.objects.all().delete()
        rounds.append((_spent(read), _spent(bare), _spent(read)))
    before = _state_of_rows(Resource, ResourceChange)
    read()
    unchanged = 0 if _state_of_rows(Resource, ResourceChange) == before else 1
    return {
        "sync_cpu_vs_bare": round(median(first for first, _, _ in rounds) / median(other for _, other, _ in rounds), 2),
        "sync_again_cpu_vs_bare": round(median(r[2] for r in rounds) / median(r[1] for r in rounds), 2),
        "sync_unchanged_rows": float(unchanged + _written(read)),
    }


def _state_of_rows(*models: Any) -> list[Any]:
    return [list(model.objects.order_by("pk").values_list("pk", flat=True)) for model in models]


def _written(read: Callable[[], None]) -> int:
    """How many statements of a reading write a resource, its tags, relations, answer or history."""
    from django.db import connection

    written: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith("SELECT") and "resources_resource" in sql:
            written.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        read()
    return len(written)


def _memory(account: Any, total: int) -> dict[str, float]:
    import resource

    from resources.work import read_account
    from tests.bench.canned import Answers

    outcome = read_account(account.pk, _driver(Answers(total, keep=False)))
    assert outcome.resources == total, outcome
    return {"rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)}


if __name__ == "__main__":
    found = {"cpu": _cpu, "memory": _memory}[sys.argv[1]](_prepared(), int(sys.argv[2]))
    print("\n".join(f"{name} {value}" for name, value in found.items()))
