"""Staff without a mouse: the console's main tasks from the first key to the last."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from nexnum_console.trial import gallery
from tests.support.console import RunningConsole
from tests.support.keys import fill, press, reach
from tests.ui.conftest import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240, func_only=True)]


@pytest.fixture
def desk(console: RunningConsole, context: BrowserContext, page: Page) -> Page:
    """The console's front page, open for an admin."""
    console.wait_for_catalogue()
    sign_in(context, console, "boss@example.org", "admin")
    page.goto(f"{console.url}/console")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


def test_a_provider_is_synced_priced_and_turned_off_and_on(
    console: RunningConsole, desk: Page, complaints: list[str]
) -> None:
    press(desk, "Providers")
    expect(desk).to_have_url(re.compile(r"/console/providers/?$"))
    with console.database.transaction() as unit:
        found = unit.first("select name, title, margin from provider where name = 'sms_activate'")
    assert found is not None
    expect(desk.locator("[data-list=providers] tbody tr").first).to_be_visible()
    press(desk, found["title"])
    expect(desk).to_have_url(re.compile(f"/console/providers/{found['name']}/?$"))
    whole = desk.locator(f"[data-provider={found['name']}]")
    expect(whole).to_be_visible()

    press(desk, "Sync now")
    expect(desk.get_by_test_id("sync-progress")).to_be_visible()
    expect(desk.get_by_test_id("sync-progress")).to_have_count(0, timeout=60_000)

    for factor in ("1.7", f"{found['margin']:f}"):
        reach(desk, "Margin, a factor")
        desk.keyboard.press("ControlOrMeta+a")
        desk.keyboard.type(factor)
        desk.keyboard.press("Enter")
        expect(desk.get_by_test_id("notice")).to_contain_text(f"Margin × {float(factor):g}")

    press(desk, "Turn off")
    expect(desk.get_by_role("dialog")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("dialog")).to_have_count(0)
    desk.keyboard.press("Enter")  # the focus came back to where the question was asked
    expect(desk.get_by_role("dialog")).to_be_visible()
    press(desk, "Turn off")
    expect(desk.get_by_role("button", name="Turn on")).to_be_visible()
    press(desk, "Turn on")
    expect(desk.get_by_role("button", name="Turn off")).to_be_visible()
    assert complaints == []


def test_a_balance_is_corrected(console: RunningConsole, desk: Page, complaints: list[str]) -> None:
    someone = "keyed@example.org"
    console.sign_in(someone)
    press(desk, "Users")
    expect(desk).to_have_url(re.compile(r"/console/users/?$"))
    reach(desk, "Search:")
    desk.keyboard.type(someone)
    expect(desk.locator("[data-list=users] tbody tr")).to_have_count(1)
    press(desk, someone)
    expect(desk.get_by_role("heading", name=someone)).to_be_visible()
    press(desk, "Correct the balance")
    expect(desk.get_by_role("dialog")).to_be_visible()
    fill(desk, amount="0.25", reason="Paid twice by mistake", word=someone)
    expect(desk.get_by_test_id("notice")).to_contain_text("Balance corrected")
    assert complaints == []


def test_an_order_is_found_and_its_story_read(desk: Page, cast: gallery.Cast) -> None:
    desk.keyboard.press("ControlOrMeta+k")
    expect(desk.get_by_role("dialog")).to_be_visible()
    desk.keyboard.type("activations")
    expect(desk.get_by_role("option").first).to_contain_text("Activations")
    desk.keyboard.press("Enter")
    expect(desk).to_have_url(re.compile(r"/console/activations/?$"))
    expect(desk.locator("[data-list=activations] tbody tr").first).to_be_visible()
    press(desk, "No. ")
    expect(desk).to_have_url(re.compile(r"/console/activations/\d+/?$"))
    expect(desk.get_by_role("heading", level=1)).to_be_visible()
