"""Every template keeps to the Content-Security-Policy: nothing inline, nothing evaluated, nothing from elsewhere."""

import re
from pathlib import Path

import pytest

from pages.templatetags import components

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SPRITE = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static" / "icons.svg").read_text()))
FORBIDDEN = {
    "a style attribute": r"<[^>]*\sstyle\s*=",
    "a style element": r"<style\b",
    "a script without a source": r"<script(?![^>]*\ssrc=)",
    "an event attribute": r"<[^>]*\son[a-z]+\s*=",
    "a script of htmx": r"\bhx-on\b",
    "a value that htmx evaluates": r"""["']\s*(?:js|javascript):""",
    "a filter that htmx evaluates": r"""hx-trigger=["'][^"']*\[""",
    "another host": r"""(?:src|href|action)=["'](?:https?:)?//""",
    "text that is not escaped": r"\|\s*safe\b|autoescape off",
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
class TestEveryTemplate:
    @pytest.mark.parametrize("what", FORBIDDEN)
    def test_it_contains_nothing_the_browser_would_refuse(self, path, what):
        assert not re.search(FORBIDDEN[what], path.read_text(), re.IGNORECASE)

    def test_it_names_its_context_or_extends_a_page(self, path):
        text = path.read_text().lstrip()
        assert text.startswith(("{% comment %}", "{% extends", "<svg"))

    def test_every_icon_it_names_is_in_the_sprite(self, path):
        named = set(re.findall(r'{% icon "([^"]+)"', path.read_text()))
        assert named <= SPRITE


@pytest.mark.parametrize(
    "icons",
    [
        {icon for _, icon in components.RESOURCE_STATES.values()},
        {icon for _, icon, _ in components.OPERATION_STATES.values()},
        {icon for icon, _, _ in components.STEP_ICONS.values()},
        set(components.TYPE_ICONS.values()),
    ],
    ids=["resource states", "operation states", "steps", "types"],
)
def test_every_icon_a_tag_can_draw_is_in_the_sprite(icons):
    assert icons <= SPRITE
