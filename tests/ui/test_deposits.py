"""Money in, in a real browser: by card, by transfer, with a coupon; each is booked once."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from nexnum_console.core.clock import utc_now
from nexnum_console.core.money import to_micro
from nexnum_console.core.runtime_settings import FRESH_SECONDS, change
from nexnum_console.trial.buyer import Buyer
from nexnum_console.wallet import coupons, intents
from nexnum_console.wallet.coupons import Terms
from nexnum_console.wallet.intents import Intent
from tests.support.console import COOKIE, RunningConsole
from tests.support.stripe_server import event, signed
from tests.ui.conftest import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240, func_only=True)]
CHECKOUT = "https://checkout.stripe.com/**"
IBAN = "IBAN DE89 3704 0044 0532 0130 00"


def opened(context: BrowserContext, page: Page, console: RunningConsole, email: str) -> Page:
    """The wallet page of somebody without money, its deposit form open."""
    sign_in(context, console, email, "user")
    page.goto(f"{console.url}/store/wallet")
    expect(page.locator("[data-wallet=available]")).to_have_text("$0.00")
    page.get_by_role("button", name="Top up").click()
    return page


def go_on(page: Page, way: str, told: str, amount: str) -> None:
    """Choose the way to pay, an amount, and go on."""
    page.get_by_label("Pay by").select_option(way)
    expect(page.get_by_text(told)).to_be_visible()
    page.get_by_label("Or another amount").fill(amount)
    page.get_by_role("button", name="Go on to pay").click()


def a_coupon(console: RunningConsole, terms: Terms) -> str:
    with console.database.transaction() as unit:
        return coupons.make(unit, terms, "test", utc_now())


def asked_of(console: RunningConsole, email: str) -> list[Intent]:
    """What that person asked to deposit, newest first."""
    with console.database.transaction() as unit:
        user = unit.scalar("select id from app_user where email = :email", email=email)
        return intents.of_user(unit, int(user))


def stripe_says_paid(console: RunningConsole, intent: Intent) -> None:
    body, headers = signed(
        event(
            90_000 + intent.id,
            "checkout.session.completed",
            id=intent.external_id,
            payment_status="paid",
            client_reference_id=intent.ticket,
            payment_intent=f"pi_page_{intent.id}",
            amount_total=intent.amount // 10_000,
            currency="usd",
        )
    )
    headers["content-type"] = "application/json; charset=utf-8"
    told = f"{console.url}/api/gateways/stripe/callback"
    httpx.post(told, content=body, headers=headers, trust_env=False).raise_for_status()


def test_a_card_payment_goes_to_stripe_and_is_booked_on_its_word(
    console: RunningConsole, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    def hosted(route: Route) -> None:
        route.fulfill(content_type="text/html", body="<title>Stripe</title><h1>Pay</h1>")

    context.route(CHECKOUT, hosted)
    email = "card@example.org"
    opened(context, page, console, email)
    go_on(page, "stripe", "You pay on Stripe’s page", "12.50")
    page.wait_for_url(CHECKOUT)

    page.goto(f"{console.url}/store/wallet")
    deposits = page.get_by_test_id("deposits")
    expect(deposits).to_contain_text("Waits for payment")
    (intent,) = asked_of(console, email)
    expect(deposits.get_by_role("link", name="Pay now")).to_have_attribute("href", intent.url)
    stripe_says_paid(console, intent)
    expect(deposits).to_contain_text("Booked")
    expect(deposits.get_by_role("link", name="Pay now")).to_have_count(0)
    expect(page.locator("[data-wallet=available]")).to_have_text("$12.50")
    assert complaints == []


def test_two_clicks_open_one_deposit(
    console: RunningConsole, context: BrowserContext, page: Page
) -> None:
    email = "two-clicks@example.org"
    opened(context, page, console, email)
    page.get_by_role("button", name="Add 10.00").dblclick()
    expect(page.locator("[data-wallet=available]")).to_have_text("$10.00")
    page.wait_for_timeout(1_000)
    assert [intent.state for intent in asked_of(console, email)] == ["booked"]


def test_a_transfer_shows_where_to_send_it_and_is_booked_when_an_admin_saw_it(
    console: RunningConsole, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    with console.database.transaction() as unit:
        change(unit, "manual_deposits", IBAN, utc_now())
    page.wait_for_timeout(1_000 * FRESH_SECONDS)
    email = "transfer@example.org"
    opened(context, page, console, email)
    go_on(page, "manual", "You get a reference", "40")

    deposits = page.get_by_test_id("deposits")
    expect(deposits).to_contain_text(IBAN)
    (intent,) = asked_of(console, email)
    expect(deposits).to_contain_text(intent.ticket)
    with Buyer(console.url) as boss:
        boss.come_with(COOKIE, console.sign_in("till-boss@example.org", "admin"))
        seen = {"amount": "40.00", "reference": "SEPA page 1", "reason": "On the statement"}
        boss.rule(f"deposits/{intent.id}/confirm", seen)
    expect(deposits).to_contain_text("Booked")
    expect(deposits).not_to_contain_text(intent.ticket)
    expect(page.locator("[data-wallet=available]")).to_have_text("$40.00")
    assert complaints == []


def test_a_coupon_goes_with_a_deposit(
    console: RunningConsole, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    code = a_coupon(console, Terms(percent=1_000, most_credit=to_micro("20")))
    opened(context, page, console, "share@example.org")
    page.get_by_role("button", name="I have a coupon").click()
    expect(page.get_by_role("button", name="Add 10.00")).to_have_count(0)
    page.get_by_label("Amount").fill("50")
    page.get_by_label("Coupon", exact=True).fill(code.lower())
    page.get_by_role("button", name="Add this amount").click()
    expect(page.get_by_test_id("notice")).to_contain_text("5.00 credited")
    expect(page.locator("[data-wallet=available]")).to_have_text("$55.00")
    assert complaints == []


def test_a_coupon_is_redeemed_on_the_wallet_page_once(
    console: RunningConsole, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    code = a_coupon(console, Terms(amount=to_micro("3"), most_uses=5))
    opened(context, page, console, "gift@example.org")
    for told in ("$3.00 were added", "redeemed this coupon before"):
        page.get_by_role("button", name="Redeem a coupon").click()
        page.get_by_label("Coupon", exact=True).fill(code)
        page.get_by_role("button", name="Redeem", exact=True).click()
        expect(page.get_by_test_id("notice").filter(has_text=told)).to_be_visible()
        if "added" in told:
            expect(page.locator("[data-wallet=available]")).to_have_text("$3.00")
    expect(page.locator("[data-wallet=available]")).to_have_text("$3.00")
    assert complaints == []
