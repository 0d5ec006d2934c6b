"""From nothing to a price: the one-time link, a provider, its catalogue, a margin, the store."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.console import PASSWORD
from tests.support.services import SharedServices
from tests.ui.conftest import another_console

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
PROVIDERS = ("fivesim", "sms_activate")
SLOW_MS = 60_000


def test_the_first_admin_opens_a_shop(
    stack_services: SharedServices,
    tmp_path_factory: pytest.TempPathFactory,
    context: BrowserContext,
    page: Page,
    complaints: list[str],
) -> None:
    with another_console(stack_services, tmp_path_factory, "first_day", 11) as house:
        assert house.admin_link
        page.goto(house.admin_link)
        page.get_by_label("E-mail").fill("owner@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Create admin").click()
        expect(page).to_have_url(re.compile(r"/console/?$"))
        again = context.new_page()
        again.goto(house.admin_link)
        expect(again.get_by_test_id("notice")).to_contain_text("used already")
        again.close()

        for name in PROVIDERS:
            page.goto(f"{house.url}/console/providers/{name}")
            _turn(page, "off")
        shop = context.new_page()
        shop.goto(f"{house.url}/store?service=telegram&country=BR")
        expect(shop.get_by_role("button", name="Choose")).to_have_count(0)

        _turn(page, "on")
        page.get_by_role("button", name="Sync now").click()
        progress = page.get_by_test_id("sync-progress")
        expect(page.locator(".timeline li").first).to_contain_text("Synced", timeout=SLOW_MS)
        expect(progress).to_have_count(0, timeout=SLOW_MS)
        shop.reload()
        price = shop.locator("[data-label=Price]").first
        expect(price).to_have_text(re.compile(r"^\$\d"), timeout=SLOW_MS)
        before = _cents(price.inner_text())

        page.get_by_label("Margin, a factor").fill("10")
        page.get_by_role("button", name="Set margin").click()
        expect(page.get_by_test_id("notice")).to_contain_text("Margin × 10")
        shop.reload()
        expect(price).not_to_have_text(re.compile(r"^$"), timeout=SLOW_MS)
        assert _cents(price.inner_text()) > before * 3
    assert complaints == []


def _turn(page: Page, way: str) -> None:
    page.get_by_role("button", name=f"Turn {way}").click()
    if way == "off":
        page.get_by_role("dialog").get_by_role("button", name="Turn off").click()
    other = "on" if way == "off" else "off"
    expect(page.get_by_role("button", name=f"Turn {other}")).to_be_visible()


def _cents(price: str) -> int:
    return int(price.strip().removeprefix("$").replace(".", "").replace(",", ""))
