"""Tables: aligned, fitted, and safe to print."""

import pytest

from multicloud_site.cli.columns import facts, table, width_of


def test_columns_are_aligned_under_their_headings() -> None:
    lines = table(("ID", "NAME"), [["1", "a"], ["22", "b"]]).splitlines()
    assert lines == ["ID  NAME", "1   a", "22  b"]


def test_wide_and_combining_letters_take_the_room_they_take() -> None:
    assert [width_of("東京"), width_of("e\u0301"), width_of("web")] == [4, 1, 3]
    first, second = table(("NAME", "STATE"), [["東京", "running"], ["abcd", "stopped"]]).splitlines()[1:]
    assert first.index("running") == 4  # two letters of two columns each, and the gap
    assert second.index("stopped") == 6


def test_a_table_fits_the_screen_and_keeps_the_ids_whole() -> None:
    rows = [["res-abcdefghijkl", "a" * 80, "running"]]
    lines = table(("ID", "NAME", "STATE"), rows, keep=(0, 2), width=60).splitlines()
    assert all(width_of(line) <= 60 for line in lines)
    assert "res-abcdefghijkl" in lines[1]
    assert "…" in lines[1]


def test_control_characters_are_shown_and_never_sent_to_the_terminal() -> None:
    hostile = "a\x1b]0;owned\x07b\r\nc\u202ed"
    for text in (table(("NAME",), [[hostile]]), facts({"name": hostile})):
        assert all(letter.isprintable() or letter == "\n" for letter in text)
        assert "<U+001B>" in text
        assert "<U+000D><U+000A>" in text


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {}])
def test_colour_needs_a_terminal_that_wants_it(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    coloured = "\x1b[32mrunning\x1b[0m" in table(("STATE",), [["running"]], width=80)
    assert coloured is (not variables)
