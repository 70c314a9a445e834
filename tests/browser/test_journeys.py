"""What a person does: sign in, find a machine, stop it, take that back, delete one; and what they are kept from."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

RUNNING = "/resources/?kind=instance&state=running&account=aws/222222222222"


def open_a_running_machine(page: Page, number: int) -> str:
    """Each test has a machine of its own: changes of one must not be seen by another."""
    page.goto(RUNNING)
    link = page.locator("tbody th a").nth(number)
    name = link.inner_text()
    link.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    return name


def succeed(page: Page) -> None:
    expect(page.locator(".card .chip", has_text="Succeeded").first).to_be_visible()


def test_wrong_passwords_are_refused_and_then_locked_out(open_browser):
    page = open_browser(signed_in=False)
    page.goto("/resources/")
    expect(page).to_have_url(re.compile("/account/login/"))
    for _ in range(6):
        page.goto("/account/login/")
        page.get_by_label("Username").fill("somebody")
        page.get_by_label("Password").fill("not the password")
        page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text(re.compile("Too many")).first).to_be_visible()


def test_a_filter_changes_the_rows_and_the_address_and_back_takes_it_back(page):
    page.goto("/resources/")
    page.get_by_role("combobox", name="Kind").select_option("bucket")
    expect(page).to_have_url(re.compile(r"\?kind=bucket$"))
    expect(page.locator("#announce")).to_contain_text("resources")
    expect(page.locator("tbody tr").first).to_contain_text("bucket")
    assert set(page.locator("tbody td:nth-child(2)").all_inner_texts()) == {"bucket"}
    page.go_back()
    expect(page).to_have_url(re.compile("/resources/$"))
    expect(page.locator("tbody td:nth-child(2)", has_text="instance").first).to_be_visible()


def test_sorting_and_the_next_page_keep_the_filter(page):
    page.goto("/resources/?kind=volume")
    page.get_by_role("link", name="Name").click()
    expect(page.locator("th[aria-sort=descending]")).to_have_count(1)
    page.get_by_role("link", name="Next").click()
    expect(page).to_have_url(re.compile("kind=volume.*after="))
    expect(page.locator(".pager")).to_contain_text("51 to 100 of")
    expect(page.get_by_role("combobox", name="Kind")).to_have_value("volume")


def test_stopping_is_planned_approved_watched_and_taken_back(page):
    name = open_a_running_machine(page, 0)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("Nothing has happened yet")).to_be_visible()
    expect(page.locator(".chg")).to_have_text("stopped")
    page.get_by_role("button", name=f"Approve: stop {name}").click()
    succeed(page)
    expect(page.locator("#operation-audit tbody tr")).to_have_count(5)
    page.get_by_role("link", name="Open the instance").click()
    expect(page.locator("h1 .chip", has_text="Stopped")).to_be_visible()
    page.get_by_role("link", name=f"Stop {name}").click()
    page.get_by_role("button", name="Undo: plan the way back").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Start {name}")
    page.get_by_role("button", name=f"Approve: start {name}").click()
    succeed(page)
    page.get_by_role("link", name="Open the instance").click()
    expect(page.locator("h1 .chip", has_text="Running")).to_be_visible()


def test_deleting_asks_for_the_name_and_nothing_else_will_do(page):
    name = open_a_running_machine(page, 3)
    address = page.url
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("link", name=f"Approve: delete {name}").click()
    dialog = page.get_by_role("dialog", name=re.compile("Delete"))
    expect(dialog.get_by_role("link", name="Keep")).to_be_focused()
    dialog.get_by_label(re.compile("to confirm")).fill("something else")
    dialog.get_by_role("button", name=f"Delete {name}").click()
    expect(page.get_by_text("Nothing was started")).to_be_visible()
    expect(page.get_by_label(re.compile("to confirm"))).to_be_focused()
    page.get_by_label(re.compile("to confirm")).fill(name)
    page.get_by_role("button", name=f"Delete {name}").click()
    succeed(page)
    page.goto(address)
    expect(page.locator("h1 .chip", has_text="Gone")).to_be_visible()


def test_a_form_in_a_dialog_plans_a_change_of_tags(page):
    open_a_running_machine(page, 1)
    page.get_by_role("link", name="Change tags").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("New key 1", exact=True).fill("reviewed")
    dialog.get_by_label("Value of new key 1").fill("yes")
    dialog.get_by_role("button", name="Make a plan").click()
    expect(page.get_by_role("row", name=re.compile("Tag reviewed"))).to_contain_text("yes")


def test_observe_mode_refuses_and_says_so(page):
    page.goto("/resources/?kind=instance&account=aws/333333333333")
    page.locator("tbody th a").first.click()
    stop = page.get_by_role("button", name="Stop", exact=True)
    expect(stop).to_have_attribute("aria-disabled", "true")
    expect(stop).to_have_accessible_description(re.compile("is in observe mode"))
    stop.focus()
    stop.press("Enter")
    expect(page).to_have_url(re.compile("/resources/res-"))


def test_back_from_elsewhere_shows_the_whole_page(page):
    page.goto("/resources/")
    page.get_by_role("combobox", name="State").select_option("stopped")
    expect(page).to_have_url(re.compile("state=stopped"))
    page.goto("/healthz")
    page.go_back()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    expect(page.get_by_role("heading", name="Resources", level=1)).to_be_visible()
    assert set(page.locator("tbody td:nth-child(3)").all_inner_texts()) == {"Stopped"}


def test_examining_a_sign_in_is_waited_for_without_reloading(page):
    page.goto("/accounts/")
    page.get_by_role("link", name="production").click()
    page.get_by_role("button", name="Examine the sign-in").click()
    expect(page.get_by_text("Every permission to look is there")).to_be_visible()


def test_the_interactive_chart_is_drawn_and_follows_the_theme(page):
    page.goto("/")
    chart = page.locator(".plot")
    expect(chart).to_have_attribute("data-drawn", "light")
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(chart).to_have_attribute("data-drawn", "dark")


def test_everything_can_be_read_and_planned_without_scripts(open_browser):
    page = open_browser(java_script_enabled=False)
    page.goto("/")
    expect(page.get_by_role("img", name=re.compile("Resources by region and state")).first).to_be_visible()
    page.goto("/resources/")
    page.get_by_role("combobox", name="Kind").select_option("instance")
    page.get_by_role("combobox", name="State").select_option("running")
    page.get_by_role("button", name="Filter").click()
    expect(page).to_have_url(re.compile("kind=instance&state=running"))
    page.goto(RUNNING)
    page.locator("tbody th a").nth(2).click()
    page.get_by_role("link", name="Resize").click()
    page.get_by_label("Instance type").fill("m6i.2xlarge")
    page.get_by_role("button", name="Make a plan").click()
    expect(page.get_by_text("Nothing has happened yet")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled").first).to_be_visible()
