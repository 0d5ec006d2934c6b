"""Open questions in a browser: watched until the provider's word settles them, or a person's."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from nexnum_console.core.clock import utc_now
from nexnum_console.trial.buyer import Buyer
from tests.support.console import PASSWORD, RunningConsole
from tests.ui.conftest import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240, func_only=True)]
LIST = "[data-list=questions]"
NAME = "fivesim"
CARRIER = "fivesim"
LATER = timedelta(hours=1)
SETTLED_MS = 90_000


def orphan(console: RunningConsole, number: str) -> str:
    """A number that nobody ordered, on its fourth try, which is not due for an hour."""
    with console.database.transaction() as unit:
        found = unit.scalar(
            "insert into sighting (account_id, upstream_id, phone, cost_micro, state, tries,"
            " first_seen_at, grace_until, next_at)"
            " select a.id, :number, '+447700900123', 100000, 'orphan', 3, :now, :now, :later"
            " from provider_account a join provider p on p.id = a.provider_id"
            " where p.name = :name order by a.id limit 1 returning id",
            number=number,
            name=NAME,
            now=utc_now(),
            later=utc_now() + LATER,
        )
    return f"stray:{found}"


def row(page: Page, name: str) -> Locator:
    return page.locator(f"{LIST} tr[data-row='{name}']")


def select(page: Page, name: str) -> None:
    box = row(page, name).get_by_role("checkbox")
    box.click()
    expect(box).to_be_checked()


def test_an_unknown_purchase_is_watched_until_the_listing_settles_it(
    console: RunningConsole, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    console.wait_for_catalogue()
    console.sign_in("unsure@example.org")
    sign_in(context, console, "boss@example.org", "admin")
    page.goto(f"{console.url}/console/questions?q=unsure@example.org")
    with console.sandbox() as control, Buyer(console.url) as person:
        person.log_in("unsure@example.org", PASSWORD)
        person.deposit("5.00")
        carriers = [carrier["name"] for carrier in control.carriers()]
        for carrier in carriers:
            control.set_fault(carrier, "error500_before", rate=1)
        try:
            person.purchase("telegram", "GB")
        finally:
            for carrier in carriers:
                control.clear_faults(carrier)
    line = page.locator(f"{LIST} tbody tr")
    expect(line).to_have_count(1)
    expect(line).to_contain_text("Was a number sold?")
    expect(line).to_contain_text("held for the buyer")
    expect(line).to_contain_text("List the live numbers")
    expect(line).to_contain_text("Not in the newest listing")
    expect(line.locator("[data-until]").first).to_have_text(re.compile(r"^\d+:\d\d$"))
    expect(page.locator("[data-kind=unknown]")).to_be_visible()
    expect(line).to_have_count(0, timeout=SETTLED_MS)  # two empty listings, past its time
    assert complaints == []


def test_an_orphan_is_looked_at_now_and_another_is_given_up(
    console: RunningConsole, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    console.wait_for_catalogue()
    first, second = orphan(console, "910000001"), orphan(console, "910000002")
    sign_in(context, console, "boss@example.org", "admin")
    page.goto(f"{console.url}/console/questions?kind=orphan")
    expect(row(page, first)).to_contain_text("Cancel it, try 4 of 40")
    expect(row(page, first)).to_contain_text("Asked 3 times of 40")
    select(page, first)
    page.get_by_role("button", name="Look now").click()
    expect(row(page, first)).to_have_count(0)  # the carrier knows no such number: it is over

    select(page, second)
    page.get_by_role("button", name="Settle by hand").click()
    form = page.get_by_role("dialog")
    form.get_by_label("What is the answer?").select_option("foreign")
    form.get_by_label("Reason").fill("Their support keeps the money")
    form.get_by_label("Type settle to confirm").fill("settle")
    form.get_by_role("button", name="Settle", exact=True).click()
    expect(form.get_by_role("alert")).to_contain_text("nobody else buys with this account")
    form.get_by_label("What is the answer?").select_option("lost")
    form.get_by_role("button", name="Settle", exact=True).click()
    expect(page.get_by_test_id("notice")).to_contain_text("1 settled")
    expect(row(page, second)).to_have_count(0)
    page.goto(f"{console.url}/console/audit")
    newest = page.locator("[data-list=audit] tbody tr").first
    expect(newest).to_contain_text("Open question settled by hand")
    assert complaints == []


def test_support_sees_and_settles_nothing(
    console: RunningConsole, context: BrowserContext, page: Page
) -> None:
    console.wait_for_catalogue()
    seen = orphan(console, "910000003")
    sign_in(context, console, "clerk@example.org", "support")
    page.goto(f"{console.url}/console/questions")
    expect(row(page, seen)).to_contain_text("Orphan")
    select(page, seen)
    expect(page.get_by_role("region", name="Selection")).to_be_visible()
    expect(page.get_by_role("button", name="Look now")).to_have_count(0)
    expect(page.get_by_role("button", name="Settle by hand")).to_have_count(0)
