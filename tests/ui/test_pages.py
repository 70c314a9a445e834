"""One URL answers with a page or a fragment, and never sends anybody to another host."""

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import RequestFactory

from multicloud_site.security import SecurityHeaders
from pages import answers
from vocabulary.errors import NotAllowed, RateLimited

CONFIRM = {"confirm": {"title": "Delete web-1?", "yes": "Delete web-1"}}
HTMX = {"HX-Request": "true"}


def get(path="/resources/", **headers):
    return RequestFactory().get(path, headers=headers)


def answer(request, **more):
    return answers.render_page(request, "confirm.html", "_confirm.html", CONFIRM, **more)


@pytest.mark.usefixtures("render")
class TestPageOrFragment:
    @pytest.mark.parametrize(
        ("headers", "whole"),
        [
            ({}, True),
            (HTMX, False),
            ({**HTMX, "HX-Request-Type": "partial"}, False),
            ({**HTMX, "HX-Request-Type": "full"}, True),
            ({**HTMX, "HX-History-Restore-Request": "true"}, True),
            ({"HX-Request": "false"}, True),
        ],
    )
    def test_a_fragment_is_sent_only_when_htmx_wants_one(self, headers, whole):
        html = answer(get(**headers)).content.decode()
        assert ("<html" in html) is whole
        assert "Delete web-1?" in html

    @pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
    def test_both_answers_tell_caches_what_they_depend_on(self, headers):
        vary = answer(get(**headers))["Vary"]
        for name in ("HX-Request", "HX-History-Restore-Request", "HX-Request-Type"):
            assert name in vary

    def test_a_fragment_carries_the_waiting_messages(self):
        request = get(**HTMX)
        request._messages = [Message(constants.SUCCESS, "web-1 is being stopped.")]
        html = answer(request).content.decode()
        assert "web-1 is being stopped." in html
        assert 'hx-swap-oob="beforeend:#toasts"' in html

    def test_a_page_has_one_heading_of_the_first_level(self):
        assert answer(get()).content.decode().count("<h1") == 1


class TestWhereAFormLeads:
    @pytest.mark.parametrize(
        "url", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", "/\\evil.example"]
    )
    @pytest.mark.parametrize("headers", [{}, HTMX], ids=["form", "htmx"])
    def test_never_to_another_host(self, url, headers):
        response = answers.redirect_after(get(**headers), url)
        assert response.headers.get("Location", "/") == "/"
        assert response.headers.get("HX-Redirect", "/") == "/"

    def test_a_form_gets_a_see_other(self):
        response = answers.redirect_after(get(), "/operations/op-81/")
        assert (response.status_code, response["Location"]) == (303, "/operations/op-81/")

    def test_htmx_is_told_in_its_own_header(self):
        response = answers.redirect_after(get(**HTMX), "/operations/op-81/")
        assert (response.status_code, response["HX-Redirect"]) == (204, "/operations/op-81/")


@pytest.mark.usefixtures("render")
class TestErrors:
    @pytest.mark.parametrize(
        ("view", "status"),
        [
            (answers.bad_request, 400),
            (answers.permission_denied, 403),
            (answers.page_not_found, 404),
            (answers.server_error, 500),
        ],
    )
    @pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
    def test_each_is_readable_as_a_page_and_as_a_fragment(self, view, status, headers):
        response = view(get(**headers))
        html = response.content.decode()
        assert response.status_code == status
        assert ("<html" in html) is (not headers)
        assert len(html.split("Multicloud")) > 1

    def test_an_error_of_a_cloud_says_who_why_and_what_to_do(self):
        error = NotAllowed("aws/production", "ec2.stop_instances", "the account is in observe mode", "Ask an admin.")
        response = answers.CloudErrorPages(HttpResponse).process_exception(get(), error)
        html = response.content.decode()
        assert response.status_code == 403
        assert "The account is in observe mode" in html
        assert "Ask an admin." in html

    def test_an_error_without_a_page_of_its_own_keeps_its_status(self):
        error = RateLimited("aws/production", "ec2.describe_instances", "asked too often", "Wait a minute.")
        assert answers.error_answer(get(), error).status_code == 429

    def test_an_unknown_fault_is_not_explained_away(self):
        assert answers.CloudErrorPages(HttpResponse).process_exception(get(), RuntimeError("a secret")) is None

    def test_the_reason_of_a_refusal_is_shown(self):
        html = answers.permission_denied(get(), PermissionDenied("only owners may do this")).content.decode()
        assert "Only owners may do this" in html


class TestWhatTheBrowserIsTold:
    def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere(self):
        policy = SecurityHeaders(lambda request: HttpResponse())(get())["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "base-uri 'none'" in policy

    def test_a_sign_in_issuer_is_allowed_as_the_target_of_a_form(self, settings):
        settings.CSP_FORM_ACTIONS = ["https://login.example.org"]
        policy = SecurityHeaders(lambda request: HttpResponse())(get())["Content-Security-Policy"]
        assert "form-action 'self' https://login.example.org;" in policy

    @pytest.mark.parametrize(
        "name",
        [
            "X-Content-Type-Options",
            "X-Frame-Options",
            "Referrer-Policy",
            "Cross-Origin-Opener-Policy",
            "Cross-Origin-Resource-Policy",
            "Permissions-Policy",
        ],
    )
    def test_every_answer_carries_the_header(self, name):
        assert SecurityHeaders(lambda request: HttpResponse())(get())[name]

    def test_no_shared_cache_keeps_a_page_but_static_files_keep_their_own_rule(self):
        page = SecurityHeaders(lambda request: HttpResponse())(get())
        file = SecurityHeaders(lambda request: HttpResponse(headers={"Cache-Control": "public, max-age=60"}))(get())
        assert page["Cache-Control"] == "private, no-cache"
        assert file["Cache-Control"] == "public, max-age=60"


def test_error_pages_need_no_context_at_all(render):
    for name in ("400", "403", "404", "429", "500"):
        html = render(f'{{% include "{name}.html" %}}')
        assert name in html
        assert "None" not in html
