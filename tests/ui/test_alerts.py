"""An alert in a browser: seen, settled with a reason, kept in the audit log."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from nexnum_console.core.clock import utc_now
from nexnum_console.notifications import alerts
from tests.support.console import RunningConsole
from tests.ui.conftest import sign_in, tick

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240, func_only=True)]
LIST = "[data-list=alerts]"


def test_an_admin_settles_an_alert(
    console: RunningConsole, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    with console.database.transaction() as unit:
        alerts.raise_alert(unit, "disk-full", "db-1", "The disk of db-1 is full.", utc_now())
        number = unit.scalar("select id from alert where kind = 'disk-full'")
    sign_in(context, console, "boss@example.org", "admin")
    page.goto(f"{console.url}/console/alerts?state=open")
    row = page.locator(f"{LIST} tr[data-row='{number}']")
    expect(row).to_contain_text("Disk full")
    expect(row).to_contain_text("The disk of db-1 is full.")
    with console.database.transaction() as unit:
        alerts.raise_alert(unit, "disk-full", "db-2", "The disk of db-2 is full.", utc_now())
    expect(page.locator(LIST)).to_contain_text("The disk of db-2 is full.", timeout=20_000)
    page.goto(f"{console.url}/console/alerts?q=db-1")
    tick(row.get_by_label("Select Disk full"))
    page.get_by_role("button", name="Settle", exact=True).click()
    form = page.get_by_role("dialog")
    form.get_by_label("What was done").fill("A larger disk was put in")
    form.get_by_label("Type settle to confirm").fill("settle")
    form.get_by_role("button", name="Settle", exact=True).click()
    expect(page.get_by_test_id("notice")).to_contain_text("1 settled")
    expect(row).to_contain_text("Settled")
    page.goto(f"{console.url}/console/audit")
    expect(page.locator("[data-list=audit] tbody tr").first).to_contain_text("Alert settled")
    assert complaints == []
