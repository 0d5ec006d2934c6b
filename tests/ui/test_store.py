"""A buyer's favourites, orders, another code and end of a number, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from nexnum_console.accounts.service import by_email
from tests.support.console import PASSWORD, RunningConsole
from tests.ui.conftest import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
CARRIERS = ("fivesim", "sms_activate")
SHELF = "/store?service=telegram&country=BR"


@pytest.fixture(scope="module", autouse=True)
def quiet_carriers(console: RunningConsole) -> Iterator[None]:
    """No SMS comes by itself: each test says when, so nothing depends on luck."""
    console.wait_for_catalogue()
    with console.sandbox() as control:
        for carrier in CARRIERS:
            control.set_fault(carrier, "late_sms", rate=1)
        yield
        for carrier in CARRIERS:
            control.clear_faults(carrier)


def test_register_to_history_on_a_phone_with_a_second_tab_and_a_reload(
    console: RunningConsole, browser: Browser
) -> None:
    email = "pocket@example.org"
    phone = browser.new_context(viewport={"width": 390, "height": 844})
    page = phone.new_page()
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.goto(f"{console.url}/register")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page).to_have_url(re.compile(r"/store/?$"))
    page.goto(f"{console.url}{SHELF}")
    page.get_by_role("button", name="Choose").first.click()
    page.get_by_test_id("short").get_by_role("button", name="Add 10.00").click()
    page.get_by_role("button", name=re.compile("Buy for")).click()
    card = page.locator("[data-activation]").first
    expect(card).to_have_attribute("data-state", "waiting", timeout=20_000)
    other = phone.new_page()
    other.goto(f"{console.url}/store/vault")
    expect(other.get_by_test_id("phone").first).to_be_visible(timeout=20_000)
    page.reload()
    let_sms_arrive(console, email, "481516")
    for tab in (page, other):
        expect(tab.get_by_test_id("code").first).to_have_text("481516", timeout=20_000)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    other.goto(f"{console.url}/store/history")
    expect(other.get_by_text("481516").first).to_be_visible()
    phone.close()
    assert heard == []


def test_a_favourite_buys_with_one_click_and_its_number_ends_on_wish(
    console: RunningConsole, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    email = "again@example.org"
    sign_in(context, console, email, "user")
    page.goto(f"{console.url}{SHELF}")
    star = page.get_by_role("button", name="Keep among the favourites")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Choose").first.click()
    page.get_by_test_id("short").get_by_role("button", name="Add 10.00").click()
    expect(page.get_by_role("button", name=re.compile("Buy for"))).to_be_visible()
    page.get_by_role("switch", name="Quick buy of favourites").click()
    page.get_by_role("button", name=re.compile("Buy Telegram, Brazil for")).click()
    card = page.locator("[data-activation]").first
    expect(card).to_have_attribute("data-state", "waiting", timeout=20_000)
    expect(card.get_by_role("button", name="Report: already used")).to_be_visible()
    let_sms_arrive(console, email, "2342")
    expect(card.get_by_test_id("code")).to_have_text("2342", timeout=20_000)
    card.get_by_role("button", name="Finish this number").click()
    expect(card).to_have_attribute("data-state", "finished", timeout=20_000)
    expect(card.get_by_role("link", name="Buy the same")).to_be_visible()
    phone = card.get_by_text("for +55").inner_text().removeprefix("for ")
    page.goto(f"{console.url}/store/history")
    page.get_by_role("link", name="Same number").first.click()
    offer = page.get_by_role("region", name="The same number again")
    expect(offer.get_by_role("heading", name=f"Use {phone} again")).to_be_visible()
    offer.get_by_role("button", name=re.compile("Take it for")).click()
    expect(page).to_have_url(re.compile(r"/store/?$"), timeout=20_000)
    card = page.locator("[data-activation]").first
    expect(card).to_have_attribute("data-state", "waiting", timeout=20_000)
    expect(card.get_by_test_id("phone")).to_have_text(phone)
    assert complaints == []


def test_a_buyer_says_who_is_asked_first_and_the_price_holds(
    console: RunningConsole, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    email = "hurry@example.org"
    sign_in(context, console, email, "user")
    page.goto(f"{console.url}{SHELF}")
    page.get_by_role("button", name="Choose").first.click()
    page.get_by_test_id("short").get_by_role("button", name="Add 10.00").click()
    fastest = page.get_by_role("group", name="Who is asked first").get_by_text("Fastest")
    fastest.click()
    expect(fastest).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("is asked first; this price holds for a minute.")).to_be_visible()
    page.get_by_role("button", name=re.compile("Buy for")).click()
    card = page.locator("[data-activation]").first
    expect(card).to_have_attribute("data-state", "waiting", timeout=20_000)
    with console.database.transaction() as unit:
        strategy = unit.scalar(
            "select q.strategy from quote q join app_user u on u.id = q.user_id"
            " where u.email = :email and q.activation_id is not null",
            email=email,
        )
    assert strategy == "fastest"
    assert complaints == []


def test_what_is_searched_and_its_order_are_in_the_address(
    console: RunningConsole, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    sign_in(context, console, "address@example.org", "user")
    page.goto(f"{console.url}/store")
    page.get_by_label("Service or country").fill("telegram brazil")
    expect(page).to_have_url(re.compile(r"\?q=telegram(\+|%20)brazil"))
    services = page.get_by_label("Services")
    expect(services.get_by_text("Found")).to_be_visible()
    services.get_by_role("link", name="Telegram").first.click()
    page.get_by_label("Countries").get_by_role("link", name=re.compile("Brazil")).click()
    page.get_by_role("navigation", name="Order of offers").get_by_text("Price").click()
    expect(page).to_have_url(re.compile("q=telegram.*sort=price"))
    page.reload()
    expect(page.get_by_label("Service or country")).to_have_value("telegram brazil")
    current = page.get_by_role("navigation", name="Order of offers").locator("[aria-current=page]")
    expect(current).to_have_text("Price")
    assert complaints == []


def let_sms_arrive(console: RunningConsole, email: str, code: str) -> None:
    """The carrier of that person's newest number has an SMS for it."""
    with console.database.transaction() as unit:
        user = by_email(unit, email)
        upstream = unit.scalar(
            "select upstream_id from activation where user_id = :u order by id desc", u=user.id
        )
    with console.sandbox() as control:
        control.send_sms(upstream, code)
