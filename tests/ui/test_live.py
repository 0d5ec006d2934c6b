"""What pages do when nobody looks and when the server is out of reach."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from nexnum_console.bootstrap import open_redis
from nexnum_console.core.events import ADMIN_CHANNEL, Events
from tests.support.console import RunningConsole
from tests.ui.conftest import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
# A machine that does much else still gets there.
SLOW_MS = 20_000
HIDE = (
    "hidden => { Object.defineProperty(document, 'hidden', {configurable: true, value: hidden});"
    " document.dispatchEvent(new Event('visibilitychange')) }"
)


def test_after_an_outage_the_page_reads_again_and_nothing_was_queued(
    console: RunningConsole, context: BrowserContext, page: Page
) -> None:
    sign_in(context, console, "outage@example.org", "user")
    page.goto(f"{console.url}/store?service=telegram&country=BR")
    money = page.locator("[data-wallet=available]")
    expect(money).to_have_text("$0.00", timeout=SLOW_MS)
    page.get_by_role("button", name="Top up").click()
    amount = page.get_by_label("Or another amount")
    amount.fill("12.50")
    page.evaluate("window.sameDocument = true")

    context.set_offline(True)
    expect(page.get_by_role("alert")).to_contain_text("Connection lost", timeout=SLOW_MS)
    page.get_by_role("button", name="Add this amount").click()
    page.get_by_role("button", name="Add 25.00").click()
    amount.press("Enter")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.press("Escape")
    context.set_offline(False)

    expect(page.get_by_text("Connected again")).to_be_visible(timeout=SLOW_MS)
    expect(amount).to_have_value("12.50")
    page.wait_for_timeout(1500)
    expect(money).to_have_text("$0.00")
    page.get_by_role("button", name="Add this amount").click()
    expect(money).to_have_text("$12.50")
    assert page.evaluate("window.sameDocument")


def test_a_page_of_staff_reads_again_after_an_outage(
    console: RunningConsole, context: BrowserContext, page: Page
) -> None:
    sign_in(context, console, "meanwhile@example.org", "admin")
    page.goto(f"{console.url}/console")
    _wait_for_rows(page)
    before = _stamp(page)
    page.evaluate("window.sameDocument = true")
    context.set_offline(True)
    expect(page.get_by_role("alert")).to_contain_text("Connection lost", timeout=SLOW_MS)
    context.set_offline(False)
    page.wait_for_function(f"() => ({_STAMP})() > {before}", timeout=60_000)
    expect(page.get_by_role("alert")).to_have_count(0)
    assert page.evaluate("window.sameDocument")


def test_a_hidden_tab_is_not_read_for_and_catches_up_when_seen(
    console: RunningConsole, context: BrowserContext, page: Page
) -> None:
    sign_in(context, console, "hidden@example.org", "admin")
    page.goto(f"{console.url}/console")
    _wait_for_rows(page)
    page.wait_for_timeout(1000)
    page.evaluate(HIDE, True)
    page.wait_for_timeout(700)
    before = _stamp(page)
    client = open_redis(console.variables["REDIS_URL"])
    for _ in range(3):
        Events(client).publish(ADMIN_CHANNEL, "provider")
        page.wait_for_timeout(300)
    client.close()
    assert _stamp(page) == before, "a hidden tab was read for"
    page.evaluate(HIDE, False)
    page.wait_for_function(f"() => ({_STAMP})() > {before}", timeout=10_000)


def _wait_for_rows(page: Page) -> None:
    stamp = page.locator("[data-server-ms]")
    expect(stamp).to_have_attribute("data-server-ms", re.compile("^1"), timeout=SLOW_MS)


_STAMP = "() => Number(document.querySelector('[data-server-ms]').dataset.serverMs)"


def _stamp(page: Page) -> int:
    return int(page.evaluate(_STAMP))
