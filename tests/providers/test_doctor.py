"""What the doctor says of an account's sign-in, and of this machine."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from access.models import Team
from providers import connect, credential_actions, credential_work, doctor, doctor_work, queries
from providers.drivers.clouds import cloud
from providers.drivers.examination import examination
from providers.models import Account, DoctorReport
from sandbox.control import Control
from tests.providers.conftest import PRODUCTION, keys

NOW = datetime(2026, 3, 1, tzinfo=UTC)
AWS = cloud("aws")
ASKED = examination("aws")
FACTS = doctor.Facts(NOW, "keys", account="1", principal="arn:aws:iam::1:user/x", answered_in_ms=20.0)


def check(report: doctor.Report, name: str) -> doctor.Check:
    return next(one for one in report.checks if one.name == name)


def told(stored: DoctorReport, name: str) -> dict[str, Any]:
    return next(one for one in stored.report["checks"] if one["name"] == name)


@pytest.fixture
def account(admin: Any, team: Team, sandbox: Control) -> Account:
    row = credential_actions.add_credential(
        admin, team, provider="aws", name="production", fields=keys(PRODUCTION), endpoint="sandbox"
    )
    found = credential_work.check(row.pk)
    assert found is not None
    return found


class TestTheReport:
    def test_what_was_not_found_out_is_unknown_and_never_fine(self) -> None:
        report = doctor.report(AWS, FACTS, ASKED)
        assert {feature.status for feature in report.features} == {"unknown"}
        assert check(report, "permissions to look").status == "unknown"
        assert check(report, "key age").status == "unknown"
        assert report.status == "unknown"

    def test_a_missing_permission_names_the_verb_that_lacks_it(self) -> None:
        granted = dict.fromkeys(doctor.permissions_for(AWS, "manage", ASKED), True)
        facts = replace(FACTS, decisions={**granted, "ec2:StopInstances": False})
        report = doctor.report(AWS, facts, ASKED)
        lacking = {(feature.kind, feature.verb) for feature in report.features if feature.missing}
        assert lacking == {("instance", "stop"), ("instance", "resize")}
        assert check(report, "permissions to look").status == "ok"
        assert "ec2:StopInstances" in check(report, "permissions to change").says

    def test_the_policy_to_look_is_part_of_the_policy_to_change(self) -> None:
        policies = doctor.report(AWS, FACTS, ASKED).policies
        looking, changing = (set(policies[mode]["Statement"][0]["Action"]) for mode in ("observe", "manage"))
        assert looking < changing
        assert not {
            action
            for action in looking
            if not action.split(":")[1].startswith(("Describe", "Get", "List", "Simulate", "Lookup"))
        }
        assert "ec2:RunInstances" in changing

    @pytest.mark.promise("TR-14", "TR-16")
    def test_it_links_the_status_page_and_the_support(self) -> None:
        links = doctor.report(AWS, FACTS, ASKED).links
        assert all(links[name].startswith("https://") for name in ("status", "support"))

    @pytest.mark.parametrize(("days", "status"), [(1, "ok"), (90, "ok"), (91, "warn"), (4000, "warn")])
    def test_an_old_key_is_warned_of(self, days: int, status: str) -> None:
        key = doctor.Key("AKIA1", NOW - timedelta(days=days), "Active", ours=True)
        found = check(doctor.report(AWS, replace(FACTS, keys=(key,)), ASKED), "key age")
        assert found.status == status
        assert f"{days} days" in found.says

    @pytest.mark.promise("TR-2")
    def test_temporary_keys_are_said_to_end_at_the_latest(self) -> None:
        found = check(doctor.report(AWS, replace(FACTS, temporary_since=NOW - timedelta(hours=30)), ASKED), "expiry")
        assert found.status == "warn"
        assert "2026-03-01 06:00 UTC" in found.says

    @pytest.mark.promise("TR-3")
    @pytest.mark.parametrize(
        ("kind", "network"), [("Unreachable", "bad"), ("AuthenticationFailed", "ok"), ("NotAllowed", "unknown")]
    )
    def test_a_cloud_that_refuses_can_be_reached_and_one_out_of_reach_says_so(self, kind: str, network: str) -> None:
        facts = replace(
            FACTS, error={"type": kind, "why": "no route to host", "hint": "Check the proxy."}, answered_in_ms=None
        )
        report = doctor.report(AWS, facts, ASKED)
        assert check(report, "network").status == network
        assert check(report, "sign-in").status == "bad"
        assert not report.features


class TestTheExamination:
    @pytest.mark.promise("TR-1")
    def test_with_every_right_nothing_is_missing_and_nothing_unknown(self, account: Account, sandbox: Control) -> None:
        before = sandbox.ledger()
        stored = doctor_work.examine(account.pk)
        assert stored is not None
        assert {feature["status"] for feature in stored.report["features"]} == {"ok"}
        assert "user/multicloud" in told(stored, "sign-in")["says"]
        assert told(stored, "key age")["status"] in ("ok", "warn")
        assert "days old" in told(stored, "key age")["says"]
        assert sandbox.ledger() == before  # nothing was changed

    def test_a_denied_permission_is_found_by_the_simulator(self, account: Account, sandbox: Control) -> None:
        sandbox.policy(PRODUCTION[1], ["ec2:StopInstances"])
        stored = doctor_work.examine(account.pk)
        assert stored is not None
        assert "ec2:StopInstances" in told(stored, "permissions to change")["says"]
        assert told(stored, "permissions to look")["status"] == "ok"

    def test_without_the_simulator_calls_are_rehearsed_and_the_rest_is_unknown(
        self, account: Account, sandbox: Control
    ) -> None:
        sandbox.policy(PRODUCTION[1], ["iam:*", "ec2:StopInstances", "ec2:DescribeVolumes"])
        before = sandbox.ledger()
        stored = doctor_work.examine(account.pk)
        assert stored is not None
        features = {(one["kind"], one["verb"]): one for one in stored.report["features"]}
        assert features["instance", "stop"]["missing"] == ["ec2:StopInstances"]
        assert features["volume", "list"]["missing"] == ["ec2:DescribeVolumes"]
        assert features["instance", "list"]["status"] == "ok"
        assert features["bucket", "list"]["status"] == "unknown"
        assert told(stored, "key age")["status"] == "unknown"
        assert "iam:" in told(stored, "key age")["says"] or "not authorized" in told(stored, "key age")["says"]
        assert sandbox.ledger() == before

    def test_a_key_that_was_switched_off_is_told_with_what_to_do(self, account: Account, sandbox: Control) -> None:
        sandbox.key(PRODUCTION[1], "Inactive")
        stored = doctor_work.examine(account.pk)
        assert stored is not None
        assert stored.status == "bad"
        assert told(stored, "sign-in")["hint"]

    def test_an_account_without_a_credential_says_so(self, account: Account, admin: Any) -> None:
        credential_actions.remove_credential(admin, account.credentials.get().pk)
        stored = doctor_work.examine(account.pk)
        assert stored is not None
        assert "no credential" in told(stored, "sign-in")["says"]

    def test_the_newest_report_replaces_the_last_and_only_the_team_sees_it(
        self, account: Account, admin: Any, stranger: Any
    ) -> None:
        doctor_work.examine(account.pk)
        doctor_work.examine(account.pk)
        assert queries.doctor_reports_for(admin).count() == 1
        assert not queries.doctor_reports_for(stranger).exists()
        assert PRODUCTION[2] not in json.dumps(queries.doctor_reports_for(admin).get().report)

    def test_a_forgotten_account_is_no_accident(self, db: None) -> None:
        assert doctor_work.examine(4711) is None


def test_the_credential_that_works_is_the_one_examined(account: Account) -> None:
    assert connect.credential_of(account) == account.credentials.get()
