"""An operation's page: what would happen, who decides, what happens, and what it says when something went wrong."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from access.models import AuditRecord
from providers.models import Account, OperationEvent, OperationRow
from vocabulary.errors import RateLimited

HTMX = {"HX-Request": "true"}


def shown(world, row, who="operator", **more):
    return world.client(who).get(reverse("operation", args=[row.pk]), **more)


def press(world, address, row, who="operator", **given):
    return world.client(who).post(reverse(address, args=[row.pk]), given)


class TestAPlan:
    def test_it_says_what_changes_what_stays_and_what_is_not_known(self, world, planned):
        html = shown(world, planned()).content.decode()
        assert "Nothing has happened yet" in html
        assert '<span class="chg">stopped</span>' in html
        assert "Its disks stay and are billed." in html
        assert "There is no price catalogue yet" in html
        assert "ec2:StopInstances" in html

    def test_its_buttons_are_called_by_what_they_do(self, world, planned):
        row = planned()
        assert "Approve: stop web-1" in shown(world, row).content.decode()
        OperationRow.objects.update(state="succeeded")
        assert "Undo: plan the way back" in shown(world, row).content.decode()

    def test_it_is_exported_with_its_hash(self, world, planned):
        row = planned()
        answer = world.client("viewer").get(reverse("operation_plan", args=[row.pk])).json()
        assert answer["hash"] == row.plan_hash
        assert answer["plan"]["verb"] == "stop"

    def test_it_runs_only_when_the_plan_that_was_shown_is_approved(self, world, planned):
        row = planned()
        assert press(world, "operation_approve", row, hash="0" * 64).status_code == 409
        assert press(world, "operation_approve", row, hash=row.plan_hash).status_code == 303
        row.refresh_from_db()
        assert (row.state, row.approved_by) == ("approved", "default-operator")

    def test_a_viewer_cannot_approve_and_sees_why(self, world, planned):
        row = planned()
        assert press(world, "operation_approve", row, who="viewer", hash=row.plan_hash).status_code == 403
        assert "it needs operator" in shown(world, row, who="viewer").content.decode()

    def test_switching_to_observe_stops_an_approval(self, world, planned):
        row = planned()
        Account.objects.update(mode="observe")
        assert press(world, "operation_approve", row, hash=row.plan_hash).status_code == 403
        assert "is in observe mode" in shown(world, row).content.decode()

    def test_deleting_asks_for_the_name(self, world, planned):
        row = planned(verb="delete")
        asked = world.client("operator").get(reverse("operation_approve", args=[row.pk])).content.decode()
        assert "Type <strong>web-1</strong> to confirm" in asked
        wrong = press(world, "operation_approve", row, hash=row.plan_hash, name="web-2")
        assert wrong.status_code == 422
        assert "Nothing was started" in wrong.content.decode()
        assert press(world, "operation_approve", row, hash=row.plan_hash).status_code == 422
        row.refresh_from_db()
        assert row.state == "planned"
        assert press(world, "operation_approve", row, hash=row.plan_hash, name="web-1").status_code == 303

    def test_of_two_people_one_decides_and_the_other_is_told_who(self, world, planned):
        """Reliability, faults 33 and 34."""
        row = planned()
        assert press(world, "operation_cancel", row, who="admin").status_code == 303
        late = press(world, "operation_approve", row, hash=row.plan_hash)
        assert late.status_code == 409
        assert "default-admin decided at" in late.content.decode()
        assert AuditRecord.objects.filter(action="approve").count() == 0

    def test_a_plan_that_is_too_old_says_so(self, world, planned):
        row = planned()
        OperationRow.objects.update(created_at=timezone.now() - timedelta(hours=2))
        assert "older than an hour" in shown(world, row).content.decode()
        assert press(world, "operation_approve", row, hash=row.plan_hash).status_code == 409


class TestProgress:
    @pytest.fixture
    def running(self, world, planned):
        row = planned()
        press(world, "operation_approve", row, hash=row.plan_hash)
        return OperationRow.objects.get()

    def test_an_open_operation_asks_again_every_two_seconds(self, world, running):
        html = shown(world, running, headers=HTMX).content.decode()
        assert "<html" not in html
        assert 'hx-trigger="every 2s"' in html
        assert "Closing this page stops nothing." in html

    def test_nothing_new_is_an_empty_answer(self, world, running):
        html = shown(world, running, headers=HTMX).content.decode()
        url = html.split('hx-get="')[1].split('"')[0]
        assert world.client("operator").get(url, headers=HTMX).status_code == 204
        OperationEvent.objects.create(operation=running, at=timezone.now(), text="Now stopping")
        assert world.client("operator").get(url, headers=HTMX).status_code == 200
        assert world.client("operator").get(url).status_code == 200  # a person who opens it sees the page

    def test_after_ten_minutes_it_asks_every_ten_seconds(self, world, running):
        OperationRow.objects.update(approved_at=timezone.now() - timedelta(minutes=11))
        assert 'hx-trigger="every 10s"' in shown(world, running, headers=HTMX).content.decode()

    @pytest.mark.parametrize("state", ["succeeded", "failed", "cancelled", "expired"])
    def test_a_closed_operation_asks_no_more(self, world, running, state):
        OperationRow.objects.update(state=state)
        assert "hx-trigger" not in shown(world, running, headers=HTMX).content.decode()

    def test_the_fragment_brings_the_decision_and_the_audit_along(self, world, running):
        OperationRow.objects.update(state="succeeded")
        html = shown(world, running, headers=HTMX).content.decode()
        assert html.count("hx-swap-oob") == 2
        assert "Undo: plan the way back" in html

    def test_a_failure_says_who_why_and_where_to_look(self, world, running):
        error = RateLimited("aws/production", "ec2.stop_instances", "asked too often", "Wait a minute.")
        OperationRow.objects.update(state="failed", error=error.as_dict())
        html = shown(world, running).content.decode()
        assert "asked too often" in html
        assert "Wait a minute." in html
        assert "AWS status" in html
        assert "AWS support" in html

    def test_what_a_person_has_to_look_at_is_said_and_can_be_sent_back(self, world, running):
        OperationRow.objects.update(state="needs_human", note="Look whether web-1 runs.")
        html = shown(world, running).content.decode()
        assert "Look whether web-1 runs." in html
        assert press(world, "operation_look_again", running).status_code == 303
        running.refresh_from_db()
        assert running.state == "uncertain"

    def test_the_way_back_is_a_plan_of_its_own(self, world, running):
        from resources.models import Resource

        OperationRow.objects.update(state="succeeded")
        Resource.objects.filter(name="web-1").update(state="stopped")
        response = press(world, "operation_undo", running)
        assert response.status_code == 303
        back = OperationRow.objects.get(undo_of=running.pk)
        assert (back.verb, back.state) == ("start", "planned")


class TestTheLog:
    def test_it_is_filtered_by_its_address(self, world, planned):
        planned()
        planned("web-2", "start")
        html = world.client().get(reverse("operations"), {"verb": "start"}).content.decode()
        assert "Start web-2" in html
        assert "Stop web-1" not in html

    def test_an_empty_log_says_where_to_begin(self, world):
        assert "No operations yet" in world.client().get(reverse("operations")).content.decode()

    def test_the_chains_of_the_audit_are_checked_when_asked(self, world, planned):
        planned()
        assert "Unbroken" in world.client().get(reverse("audit_chain")).content.decode()

    def test_the_audit_is_exported_as_it_is_filtered(self, world, planned):
        row = planned()
        text = world.client().get(reverse("audit_csv"), {"operation": row.pk}).getvalue().decode()
        _heading, *lines = text.splitlines()
        assert [f",{row.pk}," in line for line in lines] == [True]
