"""The gate before each call: a service that is down is not asked, and none is asked too often."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from access.models import Team
from providers import health, queries
from providers.health import DatabaseGate, memory
from providers.models import Account, ServiceHealth
from vocabulary.errors import CircuitOpen, PermissionMissing, ProviderDown, RateLimited, Unreachable

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DOWN = ProviderDown("aws/x", "ec2.describe_instances", "it answered 503", "See the status page.")


@pytest.fixture
def account(team: Team) -> Account:
    return Account.objects.create(team=team, provider="aws", native_id="1", name="real")


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 0.0)


def another_process() -> None:
    """What this process remembers is gone; the database is what it was."""
    memory.clear()


def fail(gate: DatabaseGate, times: int, error: Any = DOWN, region: str = "us-east-1") -> None:
    for _ in range(times):
        gate.leave("ec2", region, error)


class TestTheBreaker:
    def test_it_opens_after_five_failures_and_says_since_when(self, account: Account, clock: Any) -> None:
        gate = DatabaseGate(account)
        fail(gate, 4)
        gate.enter("ec2", "us-east-1")
        clock.shift(90)
        fail(gate, 1)
        with pytest.raises(CircuitOpen, match="down since 2026-03-01 12:00:00 UTC") as refused:
            gate.enter("ec2", "us-east-1")
        assert not refused.value.sent
        assert "503" in refused.value.hint

    def test_another_process_sees_it_too(self, account: Account, clock: Any) -> None:
        fail(DatabaseGate(account), 5)
        another_process()
        with pytest.raises(CircuitOpen):
            DatabaseGate(account).enter("ec2", "us-east-1")

    def test_other_regions_services_and_accounts_go_on(self, account: Account, team: Team, clock: Any) -> None:
        fail(DatabaseGate(account), 5)
        DatabaseGate(account).enter("ec2", "eu-central-1")
        DatabaseGate(account).enter("s3", "us-east-1")
        other = Account.objects.create(team=team, provider="aws", native_id="2", name="other")
        DatabaseGate(other).enter("ec2", "us-east-1")

    def test_after_a_while_one_call_of_all_processes_tries(self, account: Account, clock: Any) -> None:
        fail(DatabaseGate(account), 5)
        clock.shift(timedelta(seconds=10))
        another_process()
        DatabaseGate(account).enter("ec2", "us-east-1")
        another_process()
        with pytest.raises(CircuitOpen):
            DatabaseGate(account).enter("ec2", "us-east-1")

    def test_a_success_closes_it(self, account: Account, clock: Any, admin: Any) -> None:
        gate = DatabaseGate(account)
        fail(gate, 5)
        assert queries.troubles_for(admin).get().failing_since == NOON
        clock.shift(timedelta(seconds=10))
        gate.enter("ec2", "us-east-1")
        gate.leave("ec2", "us-east-1", None)
        for _ in range(10):
            gate.enter("ec2", "us-east-1")
        assert not queries.troubles_for(admin).exists()
        assert ServiceHealth.objects.get(region="us-east-1").failing_since is None

    def test_each_further_failure_keeps_it_open_longer_up_to_some_minutes(self, account: Account, clock: Any) -> None:
        gate = DatabaseGate(account)
        opened = []
        for failures in (5, 1, 1, 20):
            fail(gate, failures)
            row = ServiceHealth.objects.get(region="us-east-1")
            assert row.open_until is not None
            opened.append((row.open_until - NOON).total_seconds())
        assert opened == sorted(opened)
        assert opened[-1] <= 360

    def test_a_refusal_is_an_answer_and_no_failure(self, account: Account, clock: Any) -> None:
        gate = DatabaseGate(account)
        fail(gate, 4)
        fail(gate, 1, PermissionMissing("aws/x", "ec2", "not allowed"))
        fail(gate, 4)
        gate.enter("ec2", "us-east-1")

    def test_an_unreachable_cloud_counts_and_our_own_refusal_does_not(self, account: Account, clock: Any) -> None:
        gate = DatabaseGate(account)
        fail(gate, 5, Unreachable("aws/x", "ec2", "no route"))
        with pytest.raises(CircuitOpen) as refused:
            gate.enter("ec2", "us-east-1")
        fail(gate, 50, refused.value)
        assert ServiceHealth.objects.get(region="us-east-1").failures == 5


class TestTheBudget:
    def spend(self, account: Account, most: int = 1000) -> int:
        gate = DatabaseGate(account)
        for number in range(most):
            try:
                gate.enter("ec2", f"region-{number % 3}")
            except RateLimited:
                return number
        return most

    def test_the_refusal_says_when_to_ask_again(self, account: Account, clock: Any) -> None:
        self.spend(account)
        with pytest.raises(RateLimited) as refused:
            DatabaseGate(account).enter("ec2", "us-east-1")
        assert refused.value.retry_after_seconds == pytest.approx(0.05)
        assert "Nothing was sent" in refused.value.hint

    def test_a_burst_goes_out_and_then_twenty_a_second(self, account: Account, clock: Any) -> None:
        assert self.spend(account) == 100
        clock.shift(1)
        assert self.spend(account) == 20

    def test_all_processes_together_keep_to_it(self, account: Account, clock: Any) -> None:
        spent = 0
        for _ in range(12):
            another_process()
            spent += self.spend(account, most=9)
        # A process that ends takes at most the rest of its lease with it; none spends what another leased.
        assert 80 <= spent <= 100

    def test_a_clock_set_back_gives_nothing_away_and_takes_nothing(self, account: Account, clock: Any) -> None:
        assert self.spend(account) == 100
        clock.shift(timedelta(hours=-1))
        assert self.spend(account) == 0

    def test_nothing_leaves_before_the_moment_a_throttling_cloud_named(self, account: Account, clock: Any) -> None:
        gate = DatabaseGate(account)
        gate.enter("ec2", "us-east-1")
        gate.leave("ec2", "us-east-1", RateLimited("aws/x", "ec2.x", "slow down", retry_after_seconds=30))
        clock.shift(29)
        assert self.spend(account) == 0
        clock.shift(1.5)
        shortly_after = self.spend(account)
        clock.shift(3600)
        assert 0 < shortly_after < 40
        assert self.spend(account) == 100

    def test_a_simulated_account_is_not_held_back(self, account: Account, django_assert_max_num_queries: Any) -> None:
        account.simulated = True
        gate = DatabaseGate(account)
        with django_assert_max_num_queries(30):
            for _ in range(2000):
                gate.enter("ec2", "us-east-1")
                gate.leave("ec2", "us-east-1", None)


def test_calls_that_work_write_nothing(account: Account, clock: Any, django_assert_num_queries: Any) -> None:
    gate = DatabaseGate(account)
    gate.enter("ec2", "us-east-1")
    gate.leave("ec2", "us-east-1", None)
    with django_assert_num_queries(0):
        for _ in range(9):
            gate.enter("ec2", "us-east-1")
            gate.leave("ec2", "us-east-1", None)
