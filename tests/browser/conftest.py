"""The whole product, started once as a person starts it, and a real browser that is signed in to it.

A browser that reports anything (an error in the console, a blocked style, an uncaught exception) fails its test.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.running.product import Product, start

CHROMIUM = "/usr/bin/chromium"
CHOSEN = "chosen for the tests"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
#: The looks in which every page is judged.
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}
#: An answer of ours with such a status is what some tests are about; the browser notes each in its console.
REFUSED = re.compile(r"the server responded with a status of 4\d\d")

expect.set_options(timeout=20_000)


@dataclass
class Site:
    """Where the product runs, and how its admin signs in."""

    url: str
    password: str

    def sign_in(self, page: Page) -> None:
        """As at a first start: with the printed password, then with the one that has to be chosen."""
        page.goto(f"{self.url}account/login/")
        self._fill_in(page, self.password)
        expect(page.get_by_role("heading", name="Choose your password")).to_be_visible()
        page.get_by_label("Current Password").fill(self.password)
        page.get_by_label("New Password", exact=True).fill(CHOSEN)
        page.get_by_label("New Password (again)").fill(CHOSEN)
        page.get_by_role("button", name="Change password").click()
        self._fill_in(page, CHOSEN)
        expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()

    def _fill_in(self, page: Page, password: str) -> None:
        page.get_by_label("Username").fill("admin")
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    running = start(tmp_path_factory.mktemp("browser") / "home")
    try:
        running.read_until("Sign in: ")
        yield running
    finally:
        running.clean_up()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def site(product: Product, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The product with its estate read."""
    site = Site(product.address, product.password)
    context = browser.new_context()
    page = context.new_page()
    site.sign_in(page)
    expect(page.get_by_text("read for the first time")).to_have_count(0, timeout=60_000)
    context.storage_state(path=_state(tmp_path_factory))
    context.close()
    return site


@pytest.fixture
def open_browser(
    site: Site, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Page]]:
    """Opens a window in some look, signed in unless told otherwise. What it complains about fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_one(look: str = "light", signed_in: bool = True, **more: Any) -> Page:
        state = _state(tmp_path_factory) if signed_in else None
        context = browser.new_context(base_url=site.url, storage_state=state, **{**LOOKS[look], **more})
        contexts.append(context)
        page = context.new_page()
        listen(page, complaints)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def windows(site: Site, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> dict[str, "Window"]:
    """One window for each look, kept open, so that a page is judged as a person sees it: with a warm cache."""
    found = {}
    for look, options in LOOKS.items():
        context = browser.new_context(base_url=site.url, storage_state=_state(tmp_path_factory), **options)
        found[look] = Window(context.new_page())
        listen(found[look].page, found[look].complaints)
    return found


@dataclass
class Window:
    """A page, and what the browser complained about since the list was emptied."""

    page: Page
    complaints: list[str] = field(default_factory=list)


def listen(page: Page, complaints: list[str]) -> None:
    """Note what the browser reports. A refusal of ours is what some tests are about."""

    def note(text: str) -> None:
        if not REFUSED.search(text):
            complaints.append(text)

    page.on("console", lambda said: note(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: note(str(error)))


@pytest.fixture
def page(open_browser: Callable[..., Page]) -> Page:
    return open_browser()


def _state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp() / "signed-in.json"
