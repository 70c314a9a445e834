"""The parts of pages say what they mean in words, and no name from a cloud can do anything but be read."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import RequestFactory

from pages import svg
from pages.templatetags import components
from vocabulary.errors import CredentialExpired
from vocabulary.types import CloudProvider
from vocabulary.words import State

NOW = datetime(2026, 11, 23, 20, 12, tzinfo=UTC)
OPEN = {"public_id": "op-81", "title": "Stop web-1", "state": "running", "is_open": True, "url": "/op/81/"}
HOSTILE = "<script>alert(1)</script>\u202egnp.exe\u200b"


@pytest.fixture(autouse=True)
def at_a_fixed_time():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize(
    "text",
    [
        "{{ name|visible }}",
        '{% chip "ok" "check" name name %}',
        '{% cloud "aws" name %}',
        "{% cloud name %}",
        "{% state_chip name name %}",
        "{% operation_chip name %}",
        "{% unknown name %}",
        "{% bars rows %}",
        '{% columns months series name "USD" %}',
        '{% include "_alert.html" with error=error details=True %}',
        '{% include "_empty.html" with title=name text=name %}',
        '{% include "_confirm.html" with confirm=confirm %}',
        '{% include "_plan.html" with plan=plan %}',
        '{% include "_operation.html" with operation=operation %}',
        '{% include "_filters.html" with filters=filters %}',
    ],
)
def test_a_hostile_name_is_only_text(render, text):
    html = render(
        text,
        request=RequestFactory().get("/resources/"),
        name=HOSTILE,
        rows=[svg.Bar(HOSTILE, 1, HOSTILE, "/x/")],
        months=[HOSTILE],
        series=[svg.Series(HOSTILE, [1], HOSTILE)],
        error=CredentialExpired(HOSTILE, HOSTILE, HOSTILE, HOSTILE),
        confirm={"title": HOSTILE, "name": HOSTILE, "yes": HOSTILE, "facts": [(HOSTILE, HOSTILE)], "error": HOSTILE},
        plan={"title": HOSTILE, "settings": [{"name": HOSTILE, "now": HOSTILE, "after": HOSTILE, "changed": True}]},
        operation={"title": HOSTILE, "state": "running", "log": [{"at": NOW, "text": HOSTILE}], "updated_at": NOW},
        filters=[{"name": "q", "label": "Name", "value": "", "options": [(HOSTILE, HOSTILE)]}],
    )
    assert "<script>" not in html
    assert "alert(1)" in html


def test_hidden_and_reordering_characters_are_written_out(render):
    html = render("{{ name|visible }}", name="evil\u202egnp.exe\u200b\u2066")
    assert html == "evil&lt;U+202E&gt;gnp.exe&lt;U+200B&gt;&lt;U+2066&gt;"


@pytest.mark.parametrize("provider", list(CloudProvider), ids=str)
def test_every_cloud_has_letters_a_name_and_a_colour(render, provider):
    html = render("{% cloud slug %}", slug=provider.value)
    assert f"p-{provider.value}" in html
    assert provider.title in html
    assert len(components.LETTERS[provider]) == 2


@pytest.mark.parametrize("state", list(State), ids=str)
def test_every_state_of_a_resource_is_said_in_a_word_with_an_icon(render, state):
    html = render("{% state_chip state %}", state=state)
    assert state.value.capitalize() in html
    assert "<svg" in html


def test_a_state_nobody_knows_is_shown_as_it_is_and_not_as_fine(render):
    html = render('{% state_chip "hibernating" %}')
    assert "Hibernating" in html
    assert "chip ok" not in html


def test_a_time_is_utc_with_its_age_on_hover(render):
    html = render("{% when at %}", at=NOW - timedelta(minutes=12))
    assert html == '<time datetime="2026-11-23T20:00:00Z" title="12 min ago">20:00 UTC</time>'


def test_a_time_of_another_day_carries_its_date(render):
    assert ">1 Nov 2026, 20:12 UTC<" in render("{% when at %}", at=NOW - timedelta(days=22))


def test_what_never_happened_is_said_so(render):
    assert "never" in render("{% when at %}", at=None)


@pytest.mark.parametrize(("minutes", "stale"), [(29, False), (31, True)])
def test_a_figure_older_than_its_limit_turns_amber_and_says_its_age(render, minutes, stale):
    html = render("{% age at 1800 %}", at=NOW - timedelta(minutes=minutes))
    assert ("stale" in html) is stale
    assert (f"{minutes} min old" in html) is stale


def test_unknown_carries_its_reason(render):
    assert "prices are not read yet" in render('{% unknown "prices are not read yet" %}')


def test_an_unknown_tile_is_not_a_zero(render):
    html = render('{% include "_stat.html" with label="Spend" value=None reason="prices are not read yet" %}')
    assert "unknown" in html
    assert "prices are not read yet" in html
    assert ">0" not in html


def test_thousands_are_separated_and_capped_counts_stay(render):
    assert render('{{ 1284|thousands }} {{ "10,000+"|thousands }}') == "1,284 10,000+"


class TestPictures:
    def test_an_unknown_value_breaks_a_sparkline(self):
        assert svg.sparkline([1, 2, None, 3, 4]).count('class="area"') == 2

    def test_one_value_draws_no_line(self):
        assert svg.sparkline([5]) == ""
        assert svg.sparkline([]) == ""

    def test_equal_values_draw_a_level_line(self):
        assert "nan" not in svg.sparkline([3, 3, 3])

    def test_a_period_nobody_knows_is_an_outline_with_the_word(self):
        html = svg.columns(["Jan", "Feb"], [svg.Series("a", [1, None])], label="x")
        assert ">unknown</text>" in html
        assert "Feb: unknown" in html

    def test_nothing_at_all_is_drawn_without_failing(self):
        assert "<svg" in svg.columns([], [], label="none")

    @pytest.mark.parametrize("top", [0.03, 0.5, 1, 7, 412, 99_999, 3_000_000])
    def test_no_column_leaves_the_picture(self, top):
        html = svg.columns(["Jan"], [svg.Series("a", [top])], label="x")
        y = float(html.split('class="slice')[1].split(' y="')[1].split('"')[0])
        assert y >= svg.TOP - 0.05

    def test_a_meter_never_overflows(self):
        assert 'width="100.0"' in svg.meter(7, 5)
        assert 'class="fg"' not in svg.meter(0, 0)


class TestAnOperation:
    def test_it_asks_again_while_it_is_open(self, render):
        html = render('{% include "_operation.html" %}', operation=OPEN)
        assert 'hx-trigger="every 2s"' in html
        assert 'hx-get="/op/81/"' in html

    def test_it_stops_asking_when_it_is_closed(self, render):
        closed = {**OPEN, "state": "succeeded", "is_open": False}
        html = render('{% include "_operation.html" %}', operation=closed)
        assert "hx-trigger" not in html
        assert "<progress" not in html

    def test_an_action_that_is_not_possible_says_why(self, render):
        button = {"url": "/x/", "label": "Cancel", "icon": "x", "disabled_reason": "The call has left."}
        html = render('{% include "_operation.html" %}', operation={**OPEN, "buttons": [button]})
        assert "The call has left." in html
        assert 'aria-disabled="true"' in html
        assert "/x/" not in html


class TestAPlan:
    def test_a_cost_nobody_knows_is_unknown_with_the_reason(self, render):
        plan = {"title": "Stop web-1", "cost": None, "cost_reason": "prices are not read yet"}
        html = render('{% include "_plan.html" %}', plan=plan)
        assert "unknown" in html
        assert "prices are not read yet" in html

    def test_what_changes_is_marked_and_what_stays_says_same(self, render):
        settings = [
            {"name": "State", "now": "running", "after": "stopped", "changed": True},
            {"name": "Size", "now": "t3.medium", "after": "t3.medium", "changed": False},
        ]
        html = render('{% include "_plan.html" %}', plan={"settings": settings, "cost": None})
        assert '<span class="chg">stopped</span>' in html
        assert html.count(">same<") == 1

    def test_a_secret_is_never_printed(self, render):
        settings = [{"name": "Password", "now": "old-canary", "after": "new-canary", "changed": True, "secret": True}]
        html = render('{% include "_plan.html" %}', plan={"settings": settings, "cost": None})
        assert "canary" not in html

    def test_what_cannot_be_undone_says_so(self, render):
        html = render('{% include "_plan.html" %}', plan={"title": "Delete web-1", "undo": "", "cost": None})
        assert "Cannot be undone." in html


def test_confirming_starts_on_the_safe_button(render):
    html = render(
        '{% include "_confirm.html" %}', confirm={"title": "Delete web-1?", "yes": "Delete", "no": "Keep web-1"}
    )
    safe = html[html.index("Keep web-1") - 120 : html.index("Keep web-1")]
    assert "autofocus" in safe
    assert html.count("autofocus") == 1
