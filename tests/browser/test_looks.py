"""Every page in light, dark and on a phone: axe finds nothing, nothing is blocked, nothing sticks out sideways."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import LOOKS

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = [
    "/", "/resources/", "/resources/?q=no-such-thing", "resource", "resource/change/tag/", "resource/change/update/",
    "/operations/", "operation", "operation/approve/", "/audit/", "/audit/chain/", "/accounts/", "/accounts/1/",
    "/accounts/add/", "/accounts/add/?method=assume_role", "/accounts/1/mode/", "/credentials/1/",
    "/credentials/1/secret/", "/credentials/1/remove/", "/counts/region/", "/account/password/change/",
    "/resources/res-nothing/",
]  # fmt: skip
SIGNED_OUT = ["/account/login/", "/account/signup/", "/account/password/reset/"]


def problems_of(page: Page) -> str:
    asked = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    results = Axe().run(page, options=asked)
    return results.generate_report() if results.violations_count else ""


def sideways(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.fixture(scope="session")
def addresses(site, browser, tmp_path_factory) -> dict[str, str]:
    """The address of a machine, and of a plan to delete it that waits."""
    context = browser.new_context(base_url=site.url, storage_state=tmp_path_factory.getbasetemp() / "signed-in.json")
    page = context.new_page()
    page.goto("/resources/?kind=instance&state=running&account=aws/111111111111")
    page.locator("tbody th a").first.click()
    expect(page.get_by_role("button", name="Delete")).to_be_visible()
    found = {"resource": page.url}
    page.get_by_role("button", name="Delete").click()
    expect(page).to_have_url(re.compile("/operations/"))
    found["operation"] = page.url
    context.close()
    return found


def opened(page: Page, path: str, addresses: dict[str, str]) -> None:
    name, _, rest = path.partition("/")
    page.goto(f"{addresses[name]}{rest}" if name else path)
    if path == "/":
        expect(page.locator(".plot")).to_have_attribute("data-drawn", re.compile("light|dark"))


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing(windows, addresses, path, look):
    window = windows[look]
    window.complaints.clear()
    opened(window.page, path, addresses)
    assert problems_of(window.page) == ""
    assert sideways(window.page) == 0
    assert window.complaints == []


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("path", SIGNED_OUT)
def test_axe_finds_nothing_before_the_sign_in(open_browser: Any, path, look):
    page = open_browser(look, signed_in=False)
    page.goto(path)
    assert problems_of(page) == ""


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_in_an_open_dialog(open_browser: Any, addresses, look):
    page = open_browser(look)
    page.goto(addresses["operation"])
    page.locator("#operation-decision a.danger-fill").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert problems_of(page) == ""


def test_no_page_scrolls_sideways_at_320_pixels(open_browser, addresses):
    page = open_browser(viewport={"width": 320, "height": 640})
    wide = []
    for path in PAGES:
        opened(page, path, addresses)
        if sideways(page):
            wide.append((path, sideways(page)))
    assert wide == []
