"""Programs of the stack are killed under a buyer who waits; the page loses nothing."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from nexnum_console.core.clock import utc_now
from nexnum_console.operations.verify import verify
from tests.support.console import RunningConsole
from tests.ui.conftest import sign_in
from tests.ui.test_store import CARRIERS, SHELF, let_sms_arrive

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
BACK_MS = 60_000


@pytest.fixture(autouse=True)
def late_carriers(console: RunningConsole) -> Iterator[None]:
    """No SMS comes by itself."""
    console.wait_for_catalogue()
    with console.sandbox() as control:
        for carrier in CARRIERS:
            control.set_fault(carrier, "late_sms", rate=1)
        yield
        for carrier in CARRIERS:
            control.clear_faults(carrier)


def test_a_killed_worker_is_replaced_and_the_code_arrives_by_itself(
    console: RunningConsole, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    email = "patient@example.org"
    card = _waiting(console, context, page, email)
    before = console.supervisor.pids()
    killed = console.kill("worker-")
    assert {"worker-polling", "worker-settling"} <= set(killed)
    let_sms_arrive(console, email, "902117")
    expect(card.get_by_test_id("code")).to_have_text("902117", timeout=BACK_MS)
    assert page.evaluate("window.sameDocument"), "nothing was loaded again"
    _until_back(console, killed, before)
    assert verify(console.database, utc_now()).ok
    assert complaints == []


def test_a_killed_web_process_comes_back_under_the_same_page(
    console: RunningConsole, context: BrowserContext, page: Page
) -> None:
    email = "unmoved@example.org"
    card = _waiting(console, context, page, email)
    paid = page.locator("[data-wallet=available]").inner_text()
    before = console.supervisor.pids()
    killed = console.kill("web")
    expect(page.get_by_role("alert")).to_contain_text("Connection lost", timeout=BACK_MS)
    let_sms_arrive(console, email, "330518")
    expect(card.get_by_test_id("code")).to_have_text("330518", timeout=BACK_MS)
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator("[data-wallet=available]")).to_have_text(paid)
    assert page.evaluate("window.sameDocument"), "nothing was loaded again"
    _until_back(console, killed, before)


def _waiting(console: RunningConsole, context: BrowserContext, page: Page, email: str) -> Locator:
    sign_in(context, console, email, "user")
    page.goto(f"{console.url}{SHELF}")
    page.evaluate("window.sameDocument = true")
    page.get_by_role("button", name="Choose").first.click()
    page.get_by_test_id("short").get_by_role("button", name="Add 10.00").click()
    page.get_by_role("button", name=re.compile("Buy for")).click()
    card = page.locator("[data-activation]").first
    expect(card).to_have_attribute("data-state", "waiting", timeout=BACK_MS)
    return card


def _until_back(console: RunningConsole, names: list[str], before: dict[str, int]) -> None:
    ends = time.monotonic() + BACK_MS / 1000
    while time.monotonic() < ends:
        now = console.supervisor.pids()
        if all(now.get(name, before[name]) != before[name] for name in names):
            return
        time.sleep(0.2)
    raise AssertionError(f"of {names} only {console.supervisor.pids()} are back")
