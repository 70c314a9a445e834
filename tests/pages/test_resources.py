"""The list of resources says what its address asks for, and a resource's page what may be done and why not."""

import csv
import io
import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from providers.models import OperationRow
from resources.models import Reading, Resource
from tests.pages.conftest import HOSTILE, found
from vocabulary.words import State

HTMX = {"HX-Request": "true"}


def page(world, who="viewer", **asked):
    return world.client(who).get(reverse("resources"), asked).content.decode()


def names_in(html):
    return re.findall(r'<th scope="row"><a href="/resources/[^"]+/"><bdi>(.*?)</bdi>', html)


class TestTheList:
    @pytest.mark.promise("RE-2")
    def test_it_shows_every_account_of_the_team(self, world):
        assert {"web-1", "web-2", "logs", "report-1"} <= set(names_in(page(world)))

    @pytest.mark.parametrize(
        ("asked", "shown"),
        [
            ({"kind": "bucket"}, {"logs"}),
            ({"state": "stopped"}, {"web-2"}),
            ({"account": "aws/333333333333"}, {"report-1"}),
            ({"q": "report"}, {"report-1"}),
            ({"tag": "env:prod", "kind": "volume"}, {"web-1-root"}),
            ({"region": "eu-central-1"}, set()),
        ],
    )
    def test_the_address_holds_the_filter(self, world, asked, shown):
        assert set(names_in(page(world, **asked))) == shown

    def test_a_filter_that_lets_nothing_through_says_so_and_leads_back(self, world):
        html = page(world, q="no such thing")
        assert "No resource matches" in html
        assert "Show all resources" in html

    @pytest.mark.parametrize("asked", [{"sort": "password"}, {"colour": "red"}, {"state": "asleep"}])
    def test_what_cannot_be_asked_is_refused(self, world, asked):
        assert world.client().get(reverse("resources"), asked).status_code == 400

    def test_the_sorted_column_says_its_direction(self, world):
        html = page(world, sort="-name")
        assert html.count("aria-sort") == 1
        assert 'aria-sort="descending"' in html
        listed = names_in(html)
        assert listed.index("web-2") < listed.index("web-1")

    def test_htmx_gets_the_table_alone_with_the_count_to_be_read_out(self, world):
        html = world.client().get(reverse("resources"), headers=HTMX).content.decode()
        assert "<html" not in html
        assert 'data-announce="1 to 6 of 6 resources"' in html

    def test_files_hold_exactly_the_rows_of_the_filter_on_all_pages(self, world):
        world.see(world.accounts["production"], *(found(f"many-{n:03}") for n in range(60)))
        asked = {"q": "many", "sort": "-name"}
        client = world.client("viewer")
        lines = list(csv.DictReader(io.StringIO(client.get(reverse("resources_csv"), asked).getvalue().decode())))
        items = json.loads(client.get(reverse("resources_json"), asked).getvalue())
        assert [line["name"] for line in lines] == [item["name"] for item in items]
        assert [item["name"] for item in items] == [f"many-{n:03}" for n in reversed(range(60))]
        assert {line["simulated"] for line in lines} == {"true"}

    def test_no_cell_of_a_file_is_run_by_a_spreadsheet(self, world):
        world.see(world.accounts["production"], found("=1+1", native_id="i-formula"))
        text = world.client().get(reverse("resources_csv"), {"q": "=1+1"}).getvalue().decode()
        assert "'=1+1" in text

    def test_pages_follow_each_other_without_a_gap(self, world):
        world.see(world.accounts["production"], *(found(f"many-{n:03}") for n in range(120)))
        client, url, seen = world.client(), reverse("resources") + "?q=many", []
        while url:
            html = client.get(url).content.decode()
            seen += names_in(html)
            following = re.search(r'href="([^"]+)"\s+rel="next"', html)
            url = following and following[1].replace("&amp;", "&")
        assert seen == [f"many-{n:03}" for n in range(120)]

    def test_fifty_rows_stay_small_and_cost_few_queries(self, world):
        tags = {"Name": "x", "env": "production", "team": "storefront", "service": "checkout"}
        names = [f"checkout-production-eu-central-1-{n:04}" for n in range(60)]
        world.see(world.accounts["production"], *(found(name, tags=tags) for name in names))
        client = world.client()
        with CaptureQueriesContext(connection) as first:
            html = client.get(reverse("resources")).content
        assert len(html) <= 60_000
        with CaptureQueriesContext(connection) as second:
            client.get(reverse("resources"))
        assert len(first) <= 9, [query["sql"][:90] for query in first]
        assert len(second) <= 8

    def test_what_is_known_of_an_old_place_is_called_old(self, world, old):
        Reading.objects.update(completed_at=timezone.now() - old)
        Resource.objects.update(changed_at=timezone.now() - old)
        assert "asof stale" in page(world)

    def test_what_was_just_seen_to_change_is_not_called_old(self, world, old):
        Reading.objects.update(completed_at=timezone.now() - old)
        assert "asof stale" not in opened(world, "web-1")
        assert "asof stale" not in page(world)

    def test_a_team_without_accounts_is_told_what_to_do(self, empty):
        html = page(empty)
        assert "No resources yet" in html
        assert "Connect a cloud account" in html


def opened(world, name="web-1", who="operator"):
    return world.client(who).get(reverse("resource", args=[world.resources[name].public_id])).content.decode()


class TestAResource:
    @pytest.mark.promise("RE-3")
    def test_it_shows_facts_with_units_tags_relations_and_history(self, world):
        html = opened(world, "web-1-root")
        assert "3,000 GiB" in html
        assert "env=prod" in html
        assert "Used by" in html
        assert "first seen" in html

    def test_both_ends_of_a_relation_lead_to_each_other(self, world):
        machine, disk = world.resources["web-1"].public_id, world.resources["web-1-root"].public_id
        assert f"/resources/{disk}/" in opened(world, "web-1")
        assert f"/resources/{machine}/" in opened(world, "web-1-root")

    def test_a_state_is_only_seen_since_until_it_was_seen_to_change(self, world):
        assert "running, seen since" in opened(world, "web-1")
        world.see(world.accounts["production"], found("web-1", state=State.STOPPED))
        assert "stopped since" in opened(world, "web-1")

    def test_the_last_launch_is_told_apart_from_the_creation(self, world):
        attributes = {"launched_at": "2026-11-24T17:40:00+00:00"}
        world.see(world.accounts["production"], found("restarted", attributes=attributes, created_at=None))
        html = opened(world, "restarted")
        assert re.search(r"<dt>Launched</dt>\s*<dd\s*>\s*2026-11-24 17:40:00 UTC", html)
        assert re.search(r"<dt>Created</dt>\s*<dd>\s*<span class=\"unk\">unknown", html)

    def test_an_unknown_fact_says_why(self, world):
        assert "s3:GetBucketVersioning is missing" in opened(world, "logs")

    def test_a_cost_nobody_knows_is_not_nought(self, world):
        assert "no bill is imported" in opened(world)

    def test_a_verb_that_its_state_forbids_says_so(self, world):
        html = opened(world, "web-2")
        assert "Stop: It is stopped; this works while it is running." in html

    def test_a_viewer_sees_the_buttons_and_why_they_do_nothing(self, world):
        html = opened(world, who="viewer")
        assert "Your role only looks" in html
        assert html.count('aria-disabled="true"') >= 6

    def test_observe_mode_refuses_and_says_who_can_change_it(self, world):
        html = opened(world, "report-1")
        assert "aws/data is in observe mode. An admin can switch it" in html

    def test_what_is_protected_says_so(self, world):
        url = reverse("resource_protect", args=[world.resources["web-1"].public_id])
        assert world.client("operator").post(url, {"protected": "yes"}).status_code == 303
        assert "It is protected. Lift the protection first." in opened(world)

    def test_a_refused_reading_is_told_with_the_permission(self, world):
        error = {"type": "PermissionMissing", "who": "aws/production", "call": "ec2.describe_instances",
                 "why": "ec2:DescribeInstances is missing", "hint": "Attach the observe policy."}  # fmt: skip
        Reading.objects.filter(kind="instance").update(state="refused", error=error)
        html = opened(world)
        assert "ec2:DescribeInstances is missing" in html
        assert "from the last complete reading" in html

    def test_a_hostile_name_is_text_in_its_title_and_its_form(self, world):
        for url in ("resource", "resource_change"):
            arguments = [world.resources[HOSTILE].public_id, *(["tag"] if url == "resource_change" else [])]
            html = world.client().get(reverse(url, args=arguments)).content.decode()
            assert "<script>alert" not in html
            assert "&lt;U+202E&gt;" in html

    def test_what_is_gone_can_be_looked_at_but_not_changed(self, world):
        Resource.objects.filter(name="web-1").update(state=State.GONE, gone_at=timezone.now())
        assert "It is gone." in opened(world)


class TestPlanningAChange:
    def change(self, world, verb, name="web-1", who="operator", **given):
        url = reverse("resource_change", args=[world.resources[name].public_id, verb])
        return world.client(who).post(url, given)

    def test_a_button_writes_a_plan_down_and_shows_it(self, world):
        response = self.change(world, "stop")
        operation = OperationRow.objects.get()
        assert response.status_code == 303
        assert response["Location"] == reverse("operation", args=[operation.pk])
        assert operation.state == "planned"

    def test_a_form_sends_only_what_differs(self, world):
        self.change(world, "update", name="web-1", termination_protection="true")
        assert OperationRow.objects.get().plan["parameters"] == {"termination_protection": True}

    def test_tags_are_set_removed_and_left_alone(self, world):
        given = {"key_0": "Name", "value_0": "web-1", "key_1": "env", "remove_1": "yes", "new_key_0": "team",
                 "new_value_0": "ops"}  # fmt: skip
        self.change(world, "tag", **given)
        assert OperationRow.objects.get().plan["parameters"] == {"tags": {"env": None, "team": "ops"}}

    def test_a_form_that_changes_nothing_is_told_so_and_plans_nothing(self, world):
        response = self.change(world, "resize", instance_type="t3.medium")
        assert response.status_code == 422
        assert OperationRow.objects.count() == 0

    @pytest.mark.parametrize(
        ("who", "name", "status"), [("viewer", "web-1", 403), ("operator", "report-1", 403), ("operator", "web-2", 409)]
    )
    def test_a_refusal_is_readable_and_plans_nothing(self, world, who, name, status):
        response = self.change(world, "stop", name=name, who=who)
        assert response.status_code == status
        assert OperationRow.objects.count() == 0

    @pytest.mark.parametrize("verb", ["create", "list", "explode", "../../x"])
    def test_only_a_change_that_the_kind_has_has_an_address(self, world, verb):
        url = f"/resources/{world.resources['web-1'].public_id}/change/{verb}/"
        assert world.client().get(url).status_code == 404
