"""The money pages in a real browser: each figure leads to what makes it, each deed is done once."""

from __future__ import annotations

import csv
import re
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.runtime_settings import FRESH_SECONDS, change
from nexnum_console.trial.buyer import Buyer, Refused
from nexnum_console.wallet import freezing, penalties, suspense
from nexnum_console.wallet.gateways.port import Notice
from nexnum_console.wallet.penalties import Charge
from nexnum_console.wallet.reading import balance_of
from tests.support.console import COOKIE, RunningConsole
from tests.ui.conftest import another_page, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240, func_only=True)]
BOSS = "boss@example.org"
WHY = "Seen on the bank's statement"


@pytest.fixture(scope="module")
def buyer(console: RunningConsole) -> str:
    """Somebody with 50.00 and one number; returns the e-mail."""
    console.wait_for_catalogue()
    with Buyer(console.url) as person:
        email = person.register()
        person.deposit("50.00")
        person.purchase("telegram", "GB")
    return email


@pytest.fixture
def boss(context: BrowserContext, console: RunningConsole, page: Page) -> Page:
    sign_in(context, console, BOSS, "admin")
    return page


def did(console: RunningConsole, deed: Callable[[UnitOfWork], object]) -> object:
    with console.database.transaction() as unit:
        return deed(unit)


def user_id(unit: UnitOfWork, email: str) -> int:
    return int(unit.scalar("select id from app_user where email = :email", email=email))


def available(console: RunningConsole, email: str) -> int:
    with console.database.transaction() as unit:
        return balance_of(unit, user_id(unit, email)).available


def answer(page: Page, button: str, **fields: str) -> None:
    """Fill the open question and send it."""
    form = page.get_by_role("dialog")
    for label, value in fields.items():
        form.get_by_label(label.replace("_", " "), exact=False).first.fill(value)
    form.get_by_role("button", name=button).click()


def asked_by_bank(console: RunningConsole, email: str, amount: str) -> int:
    """A deposit by bank that waits to be confirmed; its number."""
    did(console, lambda unit: change(unit, "manual_deposits", "Bank 12 34", utc_now()))
    ends = time.monotonic() + 2 * FRESH_SECONDS
    with Buyer(console.url) as person:
        person.come_with(COOKIE, console.sign_in(email))
        while True:
            try:
                return int(person.ask_deposit("manual", amount)["id"])
            except Refused as closed:  # the web process learns of the rule within FRESH_SECONDS
                if closed.code != "gateway_closed" or time.monotonic() > ends:
                    raise
                time.sleep(0.2)


def audited(page: Page, console: RunningConsole, words: str) -> None:
    page.goto(f"{console.url}/console/audit")
    expect(page.locator("[data-list=audit] tbody tr").first).to_contain_text(words)


def confirm_payment(boss: Page, amount: str, reference: str) -> None:
    """Say that the opened deposit's money was seen."""
    boss.get_by_role("button", name="Confirm the payment").click()
    answer(
        boss,
        "Confirm the payment",
        Amount_that_arrived=amount,
        Reference_of=reference,
        How_do_you_know=WHY,
    )


def test_a_balance_leads_to_its_lines_and_a_line_to_its_journal(
    console: RunningConsole, context: BrowserContext, page: Page, complaints: list[str], buyer: str
) -> None:
    sign_in(context, console, "clerk@example.org", "support")
    page.goto(f"{console.url}/console/ledger?q={buyer}")
    expect(page.get_by_text("All accounts sum to 0.00")).to_be_visible()
    row = page.locator("[data-list=wallets] tbody tr")
    shown = row.locator("td[data-label=Available]").inner_text().strip()
    row.locator("td[data-label=Available] a").click()
    expect(page.get_by_role("heading", name=f"Available · {buyer}")).to_be_visible()
    newest = page.locator("[data-list=ledger_lines] tbody tr").first
    expect(newest.locator("[data-label='Balance after']")).to_have_text(shown)
    expect(page.locator("[data-list=ledger_lines] tbody tr").last).to_contain_text("+$50.00")
    newest.get_by_role("link", name="Hold").click()
    expect(page.get_by_text("Sums to $0.00")).to_be_visible()
    proof = page.get_by_test_id("journal-proof")
    expect(proof).to_contain_text("Its hash covers what it says")
    # Sealed within seconds by a worker; the page says so by itself.
    expect(proof.get_by_text(re.compile(r"Seal \d+ covers it"))).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="After it").click()
    expect(page.get_by_role("heading", name="Charge")).to_be_visible()
    page.get_by_role("link", name="Sales, less refunds").click()
    expect(page.get_by_role("heading", name="Sales, less refunds")).to_be_visible()
    assert complaints == []


def test_the_whole_proof_runs_when_asked_and_says_how_far_it_is(
    console: RunningConsole, boss: Page, complaints: list[str]
) -> None:
    boss.goto(f"{console.url}/console/ledger/proof")
    shown = boss.get_by_test_id("promises")
    expect(shown.locator("tbody tr")).to_have_count(16)
    before = did(console, lambda unit: unit.scalar("select max(id) from job_run")) or 0
    run = shown.get_attribute("data-run") or ""
    boss.get_by_role("button", name="Verify now").click()
    expect(shown).not_to_have_attribute("data-run", run, timeout=30_000)
    expect(boss.get_by_role("button", name="Verify now")).to_be_enabled(timeout=30_000)
    kinds = "select count(*) from job_run where kind = 'ledger.verify' and id > :id and state = :s"
    assert did(console, lambda unit: unit.scalar(kinds, id=before, s="done"))
    expect(boss.locator("main")).to_contain_text("Every row looked at")
    audited(boss, console, "Whole proof asked for")
    assert complaints == []


def test_a_frozen_wallet_shows_every_cause_and_is_let_go_by_whoever_saw_them_all(
    console: RunningConsole, boss: Page, complaints: list[str], buyer: str
) -> None:
    def wallet_of(unit: UnitOfWork) -> int:
        return balance_of(unit, user_id(unit, buyer)).wallet_id

    def freeze(unit: UnitOfWork) -> None:
        wallet = wallet_of(unit)
        freezing.write_down(unit, "I3", f"of the test: wallet {wallet}", wallet, utc_now())
        freezing.freeze_for_break(unit, wallet, "I3")

    did(console, freeze)
    boss.goto(f"{console.url}/console/ledger/proof?state=open")
    expect(boss.get_by_test_id("frozen")).to_contain_text("of the test")
    expect(boss.locator("[data-list=ledger_breaks]")).to_contain_text("of the test")
    boss.get_by_role("button", name=f"Let the wallet of {buyer} go").click()
    expect(boss.get_by_role("dialog")).to_contain_text("of the test")
    did(console, lambda unit: freezing.freeze(unit, wallet_of(unit), "Deposit 9 is disputed"))
    answer(boss, "Let it go", Reason="Row restored", **{f"Type_{buyer}": buyer})
    expect(boss.get_by_role("dialog")).to_contain_text("(Deposit 9 is disputed)")
    boss.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(boss.get_by_test_id("frozen")).to_contain_text("Deposit 9 is disputed")
    boss.get_by_role("button", name=f"Let the wallet of {buyer} go").click()
    expect(boss.get_by_role("dialog")).to_contain_text("Deposit 9 is disputed")
    answer(boss, "Let it go", Reason="Row restored", **{f"Type_{buyer}": buyer})
    expect(boss.get_by_test_id("notice")).to_contain_text("Wallet let go")
    expect(boss.get_by_test_id("frozen")).to_have_count(0)
    boss.goto(f"{console.url}/console/ledger/proof?state=closed&q={buyer}")
    expect(boss.locator("[data-list=ledger_breaks]")).to_contain_text("Row restored")
    assert complaints == []


def test_a_statement_adds_up_on_the_page_and_in_its_file(
    console: RunningConsole, boss: Page, complaints: list[str], buyer: str, tmp_path: Path
) -> None:
    boss.goto(f"{console.url}/console/ledger/statement")
    expect(boss.locator("[data-statement=house]")).to_contain_text("Adds up to the cent")
    boss.get_by_label("User’s e-mail").fill(buyer)
    boss.get_by_role("button", name="Show the statement").click()
    expect(boss.locator("[data-statement=user]")).to_contain_text("Adds up to the cent")
    with boss.expect_download() as started:
        boss.get_by_role("link", name="Download the statement as CSV").click()
    file = tmp_path / "statement.csv"
    started.value.save_as(file)
    rows = list(csv.DictReader(file.read_text().splitlines()))
    moved = sum(Decimal(row["Available"]) for row in rows if row["Available"])
    closing = Decimal(rows[-1]["Available after (USD)"])
    assert moved == closing
    assert closing * 1_000_000 == available(console, buyer)
    boss.goto(f"{console.url}/console/ledger/statement?user=nobody@example.org")
    expect(boss.locator("main [role=alert]")).to_be_visible()
    assert complaints == []


def test_a_provider_s_word_is_taken_as_right_and_a_payout_is_booked(
    console: RunningConsole, boss: Page, complaints: list[str], buyer: str
) -> None:
    boss.goto(f"{console.url}/console/ledger/reconciliation")
    row = boss.get_by_test_id("floats").locator("tbody tr").first
    row.get_by_role("button", name="Take as right").click()
    answer(boss, "Take as right", Reason="Compared with their site")
    expect(boss.get_by_test_id("notice")).to_contain_text("Balance taken as right")
    boss.get_by_role("button", name="Book a payout").click()
    answer(boss, "Book it", Amount="12.50", Reference="bank 2026-11-26")
    expect(boss.get_by_test_id("notice")).to_contain_text("Booked")
    expect(boss.get_by_test_id("gateways")).to_contain_text("Payout")
    audited(boss, console, "Payout booked")
    assert complaints == []


def test_money_sent_to_a_provider_is_booked_once_and_not_another_sum_by_its_reference(
    console: RunningConsole, boss: Page, complaints: list[str], buyer: str
) -> None:
    without = "select max(id) from provider_account a where not exists"
    without += " (select from float_baseline b where b.account_id = a.id)"
    account = str(did(console, lambda unit: unit.scalar(without)))

    def book(amount: str) -> None:
        boss.get_by_role("button", name="Book money sent to one").click()
        form = boss.get_by_role("dialog")
        form.get_by_label("Provider account").select_option(account)
        answer(boss, "Book it", Amount=amount, Reference="wire 2026-11-26")

    boss.goto(f"{console.url}/console/ledger/reconciliation")
    for told in ("tells of it", "nothing was booked now"):
        book("7")
        expect(boss.get_by_test_id("notice")).to_contain_text(told)
    book("8")
    expect(boss.get_by_role("dialog")).to_contain_text("about 7.00 USD, not 8.00 USD")
    audited(boss, console, "Money sent to a provider")
    assert complaints == []


def test_a_manual_deposit_goes_its_way_by_suspense_to_the_user_and_back(
    console: RunningConsole, boss: Page, complaints: list[str], buyer: str
) -> None:
    number = asked_by_bank(console, buyer, "25.00")
    had = available(console, buyer)
    boss.goto(f"{console.url}/console/deposits?state=confirm&q={buyer}")
    boss.get_by_role("link", name=f"No. {number}").click()
    confirm_payment(boss, "24.00", "SEPA 4711")
    expect(boss.get_by_test_id("notice")).to_contain_text("less than the 25.00 USD asked for")
    boss.get_by_test_id("record").get_by_role("link", name="In suspense, open").click()
    boss.get_by_role("button", name="Assign to a user").click()
    form = boss.get_by_role("dialog")
    expect(form.get_by_label("User’s e-mail")).to_have_value(buyer)
    answer(boss, "Assign", How_do_you_know="Their name is on it")
    expect(boss.get_by_test_id("notice")).to_contain_text("Money assigned")
    expect(boss.get_by_test_id("record")).to_contain_text("Assigned")
    assert available(console, buyer) == had + 24_000_000
    audited(boss, console, "Money from suspense assigned")
    assert complaints == []


def test_a_deposit_is_paid_back_once_and_no_more_than_is_left(
    console: RunningConsole, boss: Page, complaints: list[str], buyer: str
) -> None:
    had = available(console, buyer)
    boss.goto(f"{console.url}/console/deposits?gateway=sandbox&q={buyer}")
    boss.locator("[data-list=deposits] tbody a.record").first.click()
    boss.get_by_role("button", name="Pay back").click()
    answer(boss, "Pay back", Amount="50.01", Reason="Asked for by mail")
    form = boss.get_by_role("dialog")
    expect(form.get_by_role("alert").or_(form.locator(".fault"))).to_contain_text(
        "50.00 can be paid back"
    )
    answer(boss, "Pay back", Amount="10", Reason="Asked for by mail")
    expect(boss.get_by_test_id("notice")).to_contain_text("Paid back")
    expect(boss.get_by_test_id("record")).to_contain_text("Partly paid back")
    assert available(console, buyer) == had - 10_000_000
    assert complaints == []


def test_a_correction_above_the_limit_needs_two_people(
    console: RunningConsole,
    browser: Browser,
    boss: Page,
    complaints: list[str],
    buyer: str,
) -> None:
    had = available(console, buyer)
    number = did(console, lambda unit: user_id(unit, buyer))
    boss.goto(f"{console.url}/console/users/{number}")
    boss.get_by_role("button", name="Correct the balance").click()
    answer(
        boss,
        "Correct the balance",
        Amount="300",
        Reason="A gift of the house",
        **{f"Type_{buyer}": buyer},
    )
    expect(boss.get_by_test_id("notice")).to_contain_text("waits for another admin")
    boss.goto(f"{console.url}/console/deposits/approvals?state=pending&q={buyer}")
    boss.locator("[data-list=approvals] tbody a.record").first.click()
    expect(boss.get_by_test_id("record")).to_contain_text("another admin approves it")
    expect(boss.get_by_role("button", name="Approve")).to_have_count(0)
    with another_page(browser, console, "second@example.org", "admin") as second:
        second.goto(boss.url)
        second.get_by_test_id("record").get_by_role("button", name="Approve").click()
        answer(second, "Approve", Why_it_is_right="Agreed on the phone")
        expect(second.get_by_test_id("notice")).to_contain_text("Approved and booked")
    # The asker's page hears of it.
    expect(boss.get_by_test_id("record")).to_contain_text("second@example.org")
    assert available(console, buyer) == had + 300_000_000
    assert complaints == []


def test_a_manual_deposit_above_the_limit_needs_two_people(
    console: RunningConsole,
    browser: Browser,
    boss: Page,
    complaints: list[str],
    buyer: str,
) -> None:
    number = asked_by_bank(console, buyer, "400.00")
    had = available(console, buyer)
    boss.goto(f"{console.url}/console/deposits?no={number}")
    confirm_payment(boss, "400.00", "SEPA 4712")
    expect(boss.get_by_test_id("notice")).to_contain_text("Another admin must agree")
    record = boss.get_by_test_id("record")
    expect(record).to_contain_text("Waits for a second admin")
    expect(boss.get_by_role("button", name="Confirm the payment")).to_have_count(0)
    assert available(console, buyer) == had
    record.get_by_role("link", name="What the second admin decides").click()
    expect(record).to_contain_text("another admin approves it")
    with another_page(browser, console, "second@example.org", "admin") as second:
        second.goto(boss.url)
        second.get_by_test_id("record").get_by_role("button", name="Approve").click()
        answer(second, "Approve", Why_it_is_right="Seen on the account too")
        expect(second.get_by_test_id("notice")).to_contain_text("Approved and booked")
    expect(record).to_contain_text("second@example.org")
    assert available(console, buyer) == had + 400_000_000
    boss.goto(f"{console.url}/console/deposits?no={number}")
    expect(record).to_contain_text("A second admin agreed")
    audited(boss, console, "Deposit confirmed")
    assert complaints == []


def test_money_from_suspense_above_the_limit_needs_two_people(
    console: RunningConsole,
    browser: Browser,
    boss: Page,
    complaints: list[str],
    buyer: str,
) -> None:
    paid = Notice("e", "paid", payment_id="pi_stray", amount=500_000_000, currency="USD")
    number = did(
        console,
        lambda unit: suspense.park(unit, "manual", "pi_stray", paid, "nobody's", None, utc_now()),
    )
    had = available(console, buyer)
    boss.goto(f"{console.url}/console/deposits/suspense?no={number}")
    boss.get_by_role("button", name="Assign to a user").click()
    expect(boss.get_by_role("dialog")).to_contain_text("another admin must agree")
    answer(boss, "Assign", **{"User’s_e-mail": buyer, "How_do_you_know": WHY})
    notice = boss.get_by_test_id("notice")
    expect(notice).to_contain_text("Another admin must agree")
    expect(notice).to_contain_text(f"$500.00 for {buyer} waits for a second admin")
    record = boss.get_by_test_id("record")
    expect(record).to_contain_text("Waits for a second admin")
    expect(record).to_contain_text("A second admin must agree to whose it is.")
    for name in ("Assign to a user", "Send back"):
        expect(boss.get_by_role("button", name=name)).to_have_count(0)
    assert available(console, buyer) == had
    record.get_by_role("link", name="What the second admin decides").click()
    expect(record).to_contain_text(f"From suspense: +$500.00 for {buyer}")
    expect(record).to_contain_text("another admin approves it")
    with another_page(browser, console, "second@example.org", "admin") as second:
        second.goto(boss.url)
        second.get_by_test_id("record").get_by_role("button", name="Approve").click()
        expect(second.get_by_role("dialog")).to_contain_text("Is this money theirs?")
        answer(second, "Approve", Why_it_is_right="The payer wrote to me too")
        expect(second.get_by_test_id("notice")).to_contain_text("Approved and booked")
    expect(record).to_contain_text("second@example.org")
    assert available(console, buyer) == had + 500_000_000
    record.get_by_role("link", name=f"No. {number}").click()
    expect(record).to_contain_text("A second admin agreed")
    expect(record).to_contain_text("Assigned")
    audited(boss, console, "Money from suspense assigned")
    assert complaints == []


def test_a_coupon_is_made_redeemed_and_withdrawn(
    console: RunningConsole, boss: Page, complaints: list[str], buyer: str
) -> None:
    boss.goto(f"{console.url}/console/deposits/coupons")
    boss.get_by_role("button", name="Make a coupon").click()
    form = boss.get_by_role("dialog")
    form.locator("[name=amount]").fill("5")
    form.locator("[name=percent]").fill("10")
    form.locator("[name=reason]").fill("Autumn campaign")
    form.get_by_role("button", name="Make the coupon").click()
    expect(form.locator(".fault")).to_contain_text("one of them")
    form.locator("[name=percent]").fill("")
    form.locator("[name=code]").fill("")
    form.get_by_role("button", name="Make the coupon").click()
    expect(boss.get_by_test_id("notice")).to_contain_text("Coupon made")
    code = boss.locator(".banner code").inner_text()
    with Buyer(console.url) as person:
        person.come_with(COOKIE, console.sign_in(buyer))
        assert person.redeem(code)["credited"] == "5.00"
    boss.get_by_role("link", name=code).click()
    expect(boss.get_by_test_id("record")).to_contain_text(buyer)
    boss.get_by_role("button", name="Withdraw").click()
    answer(boss, "Withdraw", Reason="The campaign is over")
    expect(boss.get_by_test_id("record")).to_contain_text("Withdrawn")
    audited(boss, console, "Coupon withdrawn")
    assert complaints == []


def test_a_penalty_is_appealed_by_its_owner_and_reversed(
    console: RunningConsole, boss: Page, browser: Browser, complaints: list[str], buyer: str
) -> None:
    def charge(unit: UnitOfWork) -> int:
        wallet = balance_of(unit, user_id(unit, buyer)).wallet_id
        evidence = {"in_an_hour": 12, "allowed": 10}
        return penalties.book(
            unit, Charge(wallet, "velocity", "2026-11-01", 1_000_000, evidence), "x", utc_now()
        )

    had = available(console, buyer)
    number = did(console, charge)
    boss.goto(f"{console.url}/console/deposits/penalties?no={number}")
    record = boss.get_by_test_id("record")
    expect(record).to_contain_text("12 given back in an hour, 10 allowed")
    with another_page(browser, console, buyer, "user") as page:
        page.goto(f"{console.url}/store/wallet")
        mine = page.get_by_test_id("penalties")
        mine.get_by_role("button", name="Appeal it").click()
        mine.get_by_label("Why it is wrong").fill("All of them were dead.")
        mine.get_by_role("button", name="Send the appeal").click()
        expect(page.get_by_test_id("notice").first).to_contain_text("Appeal sent")
        expect(mine).to_contain_text("You said: All of them were dead.")
        expect(mine.get_by_role("button")).to_have_count(0)
        expect(record).to_contain_text("All of them were dead.")
        boss.get_by_role("button", name="Reverse it").click()
        answer(boss, "Give it back", Your_answer="You were right")
        expect(boss.get_by_test_id("notice")).to_contain_text("Penalty reversed")
        expect(record).to_contain_text("Reversed")
        expect(mine).to_contain_text("Answer: You were right")
    assert available(console, buyer) == had
    assert complaints == []


def test_support_looks_at_the_till_and_does_nothing(
    console: RunningConsole, context: BrowserContext, page: Page, buyer: str
) -> None:
    sign_in(context, console, "clerk@example.org", "support")
    page.goto(f"{console.url}/console/deposits?q={buyer}")
    page.locator("[data-list=deposits] tbody a.record").first.click()
    expect(page.get_by_test_id("record")).to_be_visible()
    for name in ("Pay back", "Confirm the payment"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    page.goto(f"{console.url}/console/deposits/coupons")
    expect(page.get_by_role("button", name="Make a coupon")).to_have_count(0)
