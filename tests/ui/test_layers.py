"""Dialogs, drawer and notices of the style sheet: keyboard, focus, typed confirmation."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.support.console import RunningConsole
from tests.ui.conftest import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture
def sheet(
    console: RunningConsole, context: BrowserContext, page: Page, complaints: list[str]
) -> Iterator[Page]:
    """An admin on the style sheet."""
    sign_in(context, console, "sheet@example.org", "admin")
    page.goto(f"{console.url}/console/components")
    expect(page.locator("[data-kpi=sold]")).to_have_text("9,412", timeout=20_000)
    yield page
    assert complaints == []


def opened(page: Page, button: str, title: str) -> Locator:
    page.get_by_role("button", name=button).click()
    dialog = page.get_by_role("dialog", name=title)
    expect(dialog).to_be_visible()
    return dialog


@pytest.mark.parametrize("way", ["Escape", "button", "beside"])
def test_every_way_out_reaches_the_state_and_the_focus_returns(sheet: Page, way: str) -> None:
    for _ in range(2):
        dialog = opened(sheet, "Open dialog", "Refund $0.42 to buyer-104?")
        if way == "Escape":
            sheet.keyboard.press("Escape")
        elif way == "button":
            dialog.get_by_role("button", name="Keep the charge").click()
        else:
            sheet.mouse.click(5, 5)
        expect(dialog).to_have_count(0)
        expect(sheet.get_by_role("button", name="Open dialog")).to_be_focused()


def test_a_dangerous_act_waits_for_its_word(sheet: Page) -> None:
    dialog = opened(sheet, "Close account", "Close the account of buyer-104?")
    act = dialog.get_by_role("button", name="Close account")
    word = dialog.get_by_label(re.compile("Type buyer-104"))
    word.fill("buyer-10")
    act.click()
    expect(dialog).to_be_visible()
    word.fill("buyer-104")
    word.press("Enter")
    expect(dialog).to_have_count(0)
    expect(sheet.get_by_text("Pressed: 1")).to_be_visible()
    expect(sheet.get_by_test_id("notice")).to_contain_text("Confirmed")


def test_a_notice_stays_until_it_is_answered(sheet: Page) -> None:
    sheet.get_by_role("button", name="Say warn").click()
    notice = sheet.get_by_test_id("notice")
    expect(notice).to_contain_text("SMSPool disabled")
    notice.get_by_role("button", name="Undo").click()
    expect(notice).to_contain_text("Undone")
    notice.get_by_role("button", name="Dismiss this notice").click()
    expect(notice).to_have_count(0)


def test_the_drawer_opens_and_closes(sheet: Page) -> None:
    drawer = opened(sheet, "Open drawer", "buyer-104@example.com")
    drawer.get_by_role("button", name="Close").click()
    expect(drawer).to_have_count(0)


def test_a_chart_has_its_numbers_as_a_table(sheet: Page) -> None:
    sheet.get_by_text("View data").click()
    table = sheet.get_by_role("table", name="Are we earning more than yesterday?")
    expect(table.get_by_role("row")).to_have_count(18)
    expect(table.get_by_role("row", name=re.compile("18:00"))).to_contain_text("$186.00")


def test_a_moment_of_a_chart_tells_its_values(sheet: Page) -> None:
    column = sheet.locator(".chart__col").nth(12)
    column.hover()
    expect(column.locator(".chart__tip")).to_contain_text("18:00Revenue$186.00Margin$59.00")


def test_the_parts_fit_a_small_phone(sheet: Page) -> None:
    sheet.set_viewport_size({"width": 360, "height": 740})
    sheet.wait_for_timeout(300)
    assert sheet.evaluate("document.documentElement.scrollWidth") <= 360


def test_only_admins_see_the_sheet(
    console: RunningConsole, context: BrowserContext, page: Page
) -> None:
    sign_in(context, console, "curious@example.org", "support")
    page.goto(f"{console.url}/console/components")
    expect(page).to_have_url(re.compile("/store"))
