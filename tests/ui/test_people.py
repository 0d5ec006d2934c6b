"""Staff and one person: a balance corrected for everyone to see, and someone shut out."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.console import RunningConsole
from tests.ui.conftest import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240, func_only=True)]
REASON = "The bank paid it twice"


def open_person(page: Page, console: RunningConsole, someone: str) -> None:
    """From the list of users to the page of one."""
    page.goto(f"{console.url}/console/users?q={someone}")
    page.locator("[data-list=users] tbody").get_by_role("link", name=someone).click()
    expect(page).to_have_url(re.compile(r"/console/users/\d+/?$"))
    expect(page.get_by_role("heading", name=someone)).to_be_visible()


def test_a_balance_is_corrected_and_everyone_sees_it(
    console: RunningConsole,
    browser: Browser,
    context: BrowserContext,
    page: Page,
    complaints: list[str],
) -> None:
    someone = "corrected@example.org"
    theirs = browser.new_context()
    sign_in(theirs, console, someone, "user")
    wallet = theirs.new_page()
    wallet.goto(f"{console.url}/store/wallet")
    held = wallet.locator("[data-wallet=available]").first
    expect(held).to_have_text("$0.00")

    sign_in(context, console, "boss@example.org", "admin")
    open_person(page, console, someone)
    page.get_by_role("button", name="Correct the balance").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Amount in USD").fill("-3")
    expect(form.get_by_role("alert")).to_be_visible()
    form.get_by_label("Amount in USD").fill("7.25")
    expect(form.get_by_role("status")).to_contain_text("$0.00 → $7.25")
    form.get_by_label("Reason").fill(REASON)
    form.get_by_label(f"Type {someone} to confirm").fill("someone@else.org")
    form.get_by_role("button", name="Correct the balance").click()
    unmatched = form.get_by_label(f"Type {someone} to confirm")
    assert not unmatched.evaluate("field => field.checkValidity()"), "the browser holds it back"
    expect(held).to_have_text("$0.00")
    form.get_by_label(f"Type {someone} to confirm").fill(someone)
    form.get_by_role("button", name="Correct the balance").click()

    expect(page.get_by_test_id("notice")).to_contain_text("Balance corrected")
    expect(form).to_have_count(0)
    ledger = page.locator(".card", has=page.get_by_role("heading", name="Ledger"))
    expect(ledger.locator("tbody tr").first).to_contain_text("7.25")
    deeds = page.locator(".card", has=page.get_by_role("heading", name="What staff did"))
    expect(deeds.locator("li").first).to_contain_text(REASON)
    expect(held).to_have_text("$7.25")  # by push, without a reload
    page.goto(f"{console.url}/console/audit")
    expect(page.locator("[data-list=audit] tbody tr").first).to_contain_text(someone)
    page.goto(f"{console.url}/console/transactions?q={someone}")
    expect(page.locator("[data-list=transactions] tbody tr")).to_have_count(1)
    theirs.close()
    assert complaints == []


def test_someone_is_shut_out_and_let_in_again(
    console: RunningConsole,
    browser: Browser,
    context: BrowserContext,
    page: Page,
    complaints: list[str],
) -> None:
    someone = "banned@example.org"
    theirs = browser.new_context()
    sign_in(theirs, console, someone, "user")
    store = theirs.new_page()
    store.goto(f"{console.url}/store")
    expect(store.locator("[data-wallet=available]")).to_be_visible()

    sign_in(context, console, "boss@example.org", "admin")
    open_person(page, console, someone)
    for word, after in (("Ban", "Let in again"), ("Let in again", "Ban")):
        page.get_by_role("button", name=word, exact=True).click()
        form = page.get_by_role("dialog")
        form.get_by_label("Reason").fill("Sold what was not theirs")
        form.get_by_label(f"Type {someone} to confirm").fill(someone)
        form.get_by_role("button", name=word, exact=True).click()
        expect(form).to_have_count(0)
        expect(page.get_by_role("button", name=after, exact=True)).to_be_visible()
        if word == "Ban":
            # The page that they have open leaves by itself.
            expect(store).to_have_url(re.compile("/login"))
            store.goto(f"{console.url}/store")
            expect(store).to_have_url(re.compile("/login"))
    theirs.close()
    assert complaints == []
