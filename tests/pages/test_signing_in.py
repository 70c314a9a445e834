"""Signing in and out: where it leads, what it locks, and which sessions it ends."""

import pytest
from django.test import Client
from django.urls import reverse

PASSWORD = "a long enough password"


def sign_in(client, password=PASSWORD, login="default-admin", **more):
    return client.post(reverse("account_login"), {"login": login, "password": password, **more})


def test_the_right_password_leads_to_the_page_that_was_asked_for(world):
    client = Client()
    response = sign_in(client, next="/resources/?q=web")
    assert (response.status_code, response["Location"]) == (302, "/resources/?q=web")
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "url",
    ["//evil.example", "/\\evil.example", "https:///evil.example", "javascript:alert(1)", "http://u@evil.example/"],
)
def test_signing_in_never_leads_to_another_host(world, url):
    """Reliability, input 27."""
    assert sign_in(Client(), next=url)["Location"] == "/"


def test_a_wrong_name_and_a_wrong_password_are_told_in_the_same_words(world):
    """Reliability, input 34."""
    wrong = [sign_in(Client(), "wrong"), sign_in(Client(), "wrong", login="nobody")]
    said = [response.content.decode().split('class="note bad"')[1].split("</div>")[0] for response in wrong]
    assert said[0] == said[1]


def test_after_five_wrong_passwords_the_right_one_is_not_tried(world):
    """Reliability, input 35."""
    client = Client()
    for _ in range(5):
        sign_in(client, "wrong")
    assert "Too many" in sign_in(client).content.decode()
    assert "_auth_user_id" not in client.session


def test_a_session_known_before_the_sign_in_is_worth_nothing_after(world):
    """Reliability, input 32."""
    client = Client()
    client.get(reverse("account_login"))
    planted = client.session
    planted["seen"] = True
    planted.save()
    before = client.session.session_key
    sign_in(client)
    assert client.session.session_key != before


def test_signing_out_ends_the_session(world):
    client = Client()
    sign_in(client)
    old = client.cookies["session"].value
    client.post(reverse("account_logout"))
    stolen = Client()
    stolen.cookies["session"] = old
    assert stolen.get("/").status_code == 302


def test_a_new_password_ends_the_sessions_of_the_old_one(world):
    client = Client()
    sign_in(client)
    user = world.people["admin"]
    user.set_password("another long password")
    user.save()
    assert client.get("/").status_code == 302


def test_a_fragment_without_a_session_sends_the_whole_page_to_the_sign_in(world):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/resources/?q=web"}
    response = Client().get("/resources/?q=we", headers=headers)
    assert response.status_code == 204
    assert response["HX-Redirect"] == "/account/login/?next=%2Fresources%2F%3Fq%3Dweb"


def test_nobody_signs_up_alone(db):
    assert "made by an administrator" in Client().get(reverse("account_signup")).content.decode()


def test_somebody_without_a_team_sees_nothing_of_anybody(world, django_user_model):
    client = Client()
    client.force_login(django_user_model.objects.create_user("alone"))
    html = client.get(reverse("resources")).content.decode()
    assert "No resources yet" in html
    assert "web-1" not in html


class TestAGeneratedPassword:
    @pytest.fixture
    def newcomer(self, world):
        from multicloud_site import first_start

        client = Client()
        assert sign_in(client, first_start.reset_password("default-admin")).status_code == 302
        return client

    def test_it_opens_nothing_but_the_choice_of_another(self, newcomer):
        for url in ("/", "/resources/", reverse("audit")):
            response = newcomer.get(url)
            assert (response.status_code, response["Location"]) == (302, reverse("account_change_password"))
        assert newcomer.post(reverse("account_add")).status_code == 302
        fragment = newcomer.get("/", headers={"HX-Request": "true"})
        assert fragment["HX-Redirect"] == reverse("account_change_password")
        assert "Choose your password" in newcomer.get(reverse("account_change_password")).content.decode()
        assert newcomer.get("/healthz").status_code == 200

    def test_who_signs_out_instead_is_asked_again(self, newcomer, world):
        newcomer.post(reverse("account_logout"))
        world.people["admin"].refresh_from_db()
        newcomer.force_login(world.people["admin"])
        assert newcomer.get("/")["Location"] == reverse("account_change_password")

    def test_the_chosen_one_opens_everything_and_the_generated_one_nothing(self, world):
        from multicloud_site import first_start

        client, generated = Client(), first_start.reset_password("default-admin")
        sign_in(client, generated)
        chosen = {"oldpassword": generated, "password1": "chosen by myself", "password2": "chosen by myself"}
        assert client.post(reverse("account_change_password"), chosen)["Location"] == "/"
        assert client.get("/")["Location"].startswith(reverse("account_login"))
        assert sign_in(client, generated).status_code == 200
        sign_in(client, "chosen by myself")
        assert client.get("/").status_code == 200


@pytest.mark.parametrize("name", ["account_email", "account_reset_password", "account_set_password"])
def test_pages_that_would_send_mail_are_not_served(world, name):
    signed_in = Client()
    sign_in(signed_in)
    for client in (Client(), signed_in):
        assert client.get(reverse(name)).status_code == 404
        assert client.post(reverse(name), {"email": "a@example.com", "action_add": ""}).status_code == 404
