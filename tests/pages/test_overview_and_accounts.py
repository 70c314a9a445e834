"""The Overview and the accounts: alive, empty, being read, old, refused, and without the right."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from providers.models import Account, Credential, DoctorReport
from resources.models import Reading, Resource
from tests.pages.conftest import CANARY

REFUSAL = {
    "type": "PermissionMissing",
    "who": "aws/production",
    "call": "ec2.describe_volumes",
    "why": "the permission ec2:DescribeVolumes is missing",
    "hint": "Attach the observe policy.",
}
WRONG = {**REFUSAL, "type": "AuthenticationFailed", "why": "the key is not known", "hint": "Replace the key."}


def overview(world, who="viewer"):
    return world.client(who).get(reverse("overview")).content.decode()


class TestTheOverview:
    @pytest.mark.promise("DA-1")
    def test_it_says_what_runs_where_in_a_picture_that_needs_no_script(self, world):
        html = overview(world)
        assert 'aria-label="Resources by region and state. us-east-1 has the most' in html
        assert "Running, us-east-1: 3 resources" in html

    def test_each_picture_has_the_table_of_the_same_data(self, world):
        html = overview(world)
        for by in ("region", "kind"):
            assert reverse("counts", args=[by]) in html
        table = world.client().get(reverse("counts", args=["kind"])).content.decode()
        lines = world.client().get(reverse("counts_csv", args=["kind"])).getvalue().decode()
        assert "instance,4,4,true" in lines
        assert ">instance<" in table

    def test_a_cost_nobody_knows_is_unknown_and_says_why(self, world):
        html = overview(world)
        assert "no bill is imported yet" in html
        assert "$0" not in html

    def test_simulated_clouds_are_called_so(self, world):
        assert "These clouds are simulated. Everything works on them and costs nothing." in overview(world)

    def test_a_waiting_plan_is_the_first_thing_that_needs_somebody(self, world, planned):
        row = planned()
        html = overview(world)
        assert "It waits for approval." in html
        assert html.count(reverse("operation", args=[row.pk])) >= 3  # the list, the tour, the latest operations

    def test_a_refused_reading_names_the_permission(self, world):
        Reading.objects.filter(kind="volume").update(state="refused", error=REFUSAL)
        html = overview(world)
        assert "the permission ec2:DescribeVolumes is missing" in html
        assert "Attach the observe policy." in html
        assert "parts refused" in html

    def test_a_key_that_does_not_work_is_named(self, world):
        Credential.objects.filter(name="production").update(last_check={"error": WRONG})
        html = overview(world)
        assert "aws/production cannot sign in" in html
        assert "Replace keys" in html

    def test_an_old_key_is_named(self, world):
        Credential.objects.filter(name="production").update(secret_set_at=timezone.now() - timedelta(days=100))
        assert "The key of aws/production is old" in overview(world)

    def test_figures_that_are_old_say_how_old(self, world, old):
        Reading.objects.update(completed_at=timezone.now() - old)
        html = overview(world)
        assert "asof stale" in html
        assert "3 h old" in html

    def test_the_first_reading_is_waited_for(self, world):
        Reading.objects.all().delete()
        Resource.objects.all().delete()
        html = overview(world)
        assert "read for the first time" in html
        assert 'hx-trigger="every 3s"' in html
        assert "the first reading is under way" in html

    def test_a_team_without_accounts_is_told_what_would_stand_here(self, empty):
        html = overview(empty)
        assert "Connect a cloud account" in html
        assert "Nothing runs here yet" in html


class TestAnAccount:
    def page(self, world, name="production", who="viewer"):
        return world.client(who).get(reverse("account", args=[world.accounts[name].pk])).content.decode()

    def test_it_says_when_a_secret_was_set_and_nothing_more_of_it(self, world):
        html = self.page(world)
        assert re.search(r"Secret access key</dt>\s*<dd>\s*set <time", html)
        assert CANARY not in html

    def test_a_refused_part_names_the_permission_and_what_still_holds(self, world):
        Reading.objects.filter(kind="volume").update(state="refused", error=REFUSAL)
        html = self.page(world)
        assert "the permission ec2:DescribeVolumes is missing" in html
        assert "What is shown of it is from" in html

    def test_items_that_could_not_be_read_are_listed_with_the_reason(self, world):
        Reading.objects.filter(kind="volume").update(unreadable=[{"id": "vol-odd", "why": "it has no state"}])
        assert "vol-odd" in self.page(world)
        assert "it has no state" in self.page(world)

    @pytest.mark.promise("TR-1")
    def test_the_examination_says_what_is_missing_and_which_policy_grants_it(self, world):
        report = {
            "checks": [
                {"name": "permissions to change", "status": "warn", "says": "Missing: ec2:StopInstances.", "hint": ""}
            ],
            "features": [{"kind": "instance", "verb": "stop", "status": "bad", "missing": ["ec2:StopInstances"]}],
            "policies": {"manage": {"Statement": [{"Action": ["ec2:StopInstances"]}]}},
        }
        DoctorReport.objects.create(
            account=world.accounts["production"], at=timezone.now(), status="warn", report=report
        )
        html = self.page(world)
        assert "stop instance" in html
        assert "Copy the policy for manage mode" in html

    def test_only_an_admin_switches_the_mode(self, world):
        url = reverse("account_mode", args=[world.accounts["data"].pk])
        assert world.client("operator").post(url, {"mode": "manage"}).status_code == 403
        assert "Only an admin of the team can switch it." in self.page(world, "data")
        assert world.client("admin").post(url, {"mode": "manage"}).status_code == 303
        assert Account.objects.get(name="data").mode == "manage"

    def test_a_viewer_cannot_have_it_read_and_is_told_why(self, world):
        url = reverse("account_read", args=[world.accounts["production"].pk])
        assert world.client("viewer").post(url).status_code == 403
        assert "reading anew needs operator" in self.page(world)
        assert world.client("operator").post(url).status_code == 303


class TestCredentials:
    def given(self, **more):
        fields = {"field-access_key_id": "AKIATESTTESTTEST0001", "field-secret_access_key": "typed-" + CANARY}
        return {"provider": "aws", "method": "keys", "name": "new", **fields, **more}

    @pytest.mark.promise("BP-19")
    def test_a_secret_is_taken_and_never_given_back(self, world):
        response = world.client().post(reverse("account_add"), self.given())
        assert response.status_code == 303
        assert "typed-" not in world.client().get(response["Location"]).content.decode()

    @pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "production"}, {"endpoint": "http://169.254.169.254/"}])
    def test_a_refused_form_does_not_put_the_secret_back(self, world, wrong):
        """Reliability, input 37."""
        response = world.client().post(reverse("account_add"), self.given(**wrong))
        assert response.status_code in (409, 422)
        html = response.content.decode()
        assert "typed-" not in html
        assert "type them again" in html
        assert Credential.objects.filter(name="new").count() == 0

    @pytest.mark.parametrize("box", ["field-access_key_id", "name", "region", "endpoint"])
    def test_a_secret_pasted_into_a_box_that_is_shown_does_not_come_back(self, world, box):
        """Reliability, input 37: whoever mixes up two boxes finds the secret in neither."""
        secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
        response = world.client().post(reverse("account_add"), self.given(**{box: secret}))
        assert response.status_code in (403, 422)
        assert "wJalr" not in response.content.decode()
        assert Credential.objects.filter(name="new").count() == 0

    def test_what_was_refused_for_another_reason_need_not_be_typed_again(self, world):
        html = world.client().post(reverse("account_add"), self.given(name="production")).content.decode()
        assert 'value="AKIATESTTESTTEST0001"' in html

    def test_secret_fields_are_hidden_and_not_remembered(self, world):
        html = world.client().get(reverse("account_add")).content.decode()
        field = re.search(r'<input type="password"[^>]*name="field-secret_access_key"[^>]*>', html)[0]
        assert 'autocomplete="off"' in field
        assert "value=" not in field

    def test_only_an_admin_adds_one(self, world):
        assert world.client("operator").post(reverse("account_add"), self.given()).status_code == 403

    def test_a_check_that_a_worker_makes_is_waited_for(self, world):
        world.client().post(reverse("account_add"), self.given())
        row = Credential.objects.get(name="new")
        html = world.client().get(reverse("credential", args=[row.pk])).content.decode()
        assert "A worker signs in" in html
        assert 'hx-trigger="every 2s"' in html

    def test_one_that_does_not_sign_in_is_kept_with_its_error_and_can_be_checked_again(self, world):
        row = Credential.objects.get(name="production")
        row.last_check, row.checked_at = {"error": REFUSAL}, timezone.now() - timedelta(minutes=1)
        row.save()
        html = world.client().get(reverse("credential", args=[row.pk])).content.decode()
        for words in ("It cannot sign in", "is kept", "Check again", "Replace the secret", "Remove"):
            assert words in html
        asked = world.client().post(reverse("credential_check", args=[row.pk]))
        assert "A worker signs in" in world.client().get(asked["Location"]).content.decode()
        assert (
            "Replace the secret"
            not in world.client("viewer").get(reverse("credential", args=[row.pk])).content.decode()
        )

    def test_removing_says_first_what_would_be_forgotten(self, world):
        row = Credential.objects.get(name="production")
        html = world.client().get(reverse("credential_remove", args=[row.pk])).content.decode()
        assert "5 resources" in html
        assert "Nothing is deleted at the cloud" in html
        assert Credential.objects.filter(pk=row.pk).exists()
        world.client().post(reverse("credential_remove", args=[row.pk]), {"forget": "yes"})
        assert not Account.objects.filter(name="production").exists()

    def test_new_keys_take_the_place_of_the_old(self, world):
        row = Credential.objects.get(name="production")
        given = {key: value for key, value in self.given().items() if key.startswith("field-")}
        response = world.client().post(reverse("credential_secret", args=[row.pk]), given)
        assert response.status_code == 303
        row.refresh_from_db()
        assert row.fields == {"access_key_id": "AKIATESTTESTTEST0001"}
