"""Buyer and admin in a real browser on the real product, simulated carriers behind it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
import redis
from playwright.sync_api import Browser, BrowserContext, Page, expect

from nexnum_console.accounts.service import by_email
from nexnum_console.activations.desk import Desk
from nexnum_console.activations.settle import Sms, store_messages
from nexnum_console.bootstrap import open_redis
from nexnum_console.core.clock import utc_now
from nexnum_console.core.events import Events
from nexnum_console.operations.verify import verify
from tests.support.console import PASSWORD, RunningConsole
from tests.ui.conftest import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
CARRIERS = ("fivesim", "sms_activate")
PAGES = ("/", "/login", "/register", "/welcome", "/store", "/console")
PUSH_MS_MAX = 300


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


def test_an_address_without_a_page_says_so(console: RunningConsole, page: Page) -> None:
    answer = page.goto(f"{console.url}/no/such/page")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", name="There is no page here")).to_be_visible()
    page.get_by_role("link", name="Open the console").click()
    expect(page).to_have_url(re.compile("/login"))


def test_register_deposit_buy_and_the_code_arrives_by_itself(
    console: RunningConsole, page: Page, complaints: list[str]
) -> None:
    email = "journey@example.org"
    page.goto(f"{console.url}/")
    page.get_by_role("link", name="Get a number").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page).to_have_url(re.compile(r"/store/?$"))
    page.evaluate("window.sameDocument = true")

    _top_up(page)
    page.get_by_label("Service or country").fill("telgram")
    expect(page).to_have_url(re.compile("q=telgram"))
    page.get_by_label("Services").get_by_role("link", name="Telegram").click()
    page.get_by_label("Countries").get_by_role("link").nth(2).click()
    page.get_by_role("button", name="Choose").first.click()
    page.get_by_role("button", name=re.compile("Buy for")).click()
    card = page.locator("[data-activation]").first
    expect(card).to_have_attribute("data-state", "waiting", timeout=20_000)
    expect(card.get_by_test_id("phone")).to_have_text(re.compile(r"^\+\d"))

    _let_sms_arrive(console, email, "481516")
    expect(card.get_by_test_id("code")).to_have_text("481516", timeout=20_000)
    expect(card).to_have_attribute("data-state", "received")
    assert page.evaluate("window.sameDocument"), "nothing was loaded again"
    page.reload()
    expect(page.get_by_test_id("code").first).to_have_text("481516")
    assert complaints == []


def test_a_second_click_on_buy_buys_nothing_more(
    console: RunningConsole, context: BrowserContext, page: Page
) -> None:
    _open_store(context, page, console, "twice@example.org")
    _top_up(page)
    page.get_by_role("button", name="Choose").first.click()
    page.get_by_role("button", name=re.compile("Buy for")).dblclick()
    expect(page.locator("[data-activation]").first).to_have_attribute(
        "data-state", "waiting", timeout=20_000
    )
    page.wait_for_timeout(1500)
    assert page.locator("[data-activation]").count() == 1


def test_cancel_waits_for_its_lock_and_gives_the_money_back(
    console: RunningConsole, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    _open_store(context, page, console, "refund@example.org")
    _top_up(page)
    page.get_by_role("button", name="Choose").first.click()
    page.get_by_role("button", name=re.compile("Buy for")).click()
    card = page.locator("[data-activation]").first
    expect(card).to_have_attribute("data-state", "waiting", timeout=20_000)
    expect(page.locator("[data-wallet=available]")).not_to_have_text("$25.00")
    cancel = card.get_by_role("button", name=re.compile("Cancel and refund"))
    expect(cancel).to_be_visible(timeout=30_000)
    cancel.click()
    expect(card).to_have_attribute("data-state", "cancelled", timeout=20_000)
    expect(page.locator("[data-wallet=available]")).to_have_text("$25.00")
    expect(page.get_by_text("Refund", exact=True)).to_be_visible()
    assert verify(console.database, utc_now()).ok
    assert complaints == []


def test_commit_to_screen_is_quick(
    console: RunningConsole, context: BrowserContext, page: Page
) -> None:
    email = "quick@example.org"
    page.add_init_script(
        "new MutationObserver(() => { const n = document.querySelector('[data-testid=code]');"
        " if (n && !window.codeAt) window.codeAt = Date.now(); })"
        ".observe(document, {subtree: true, childList: true});"
    )
    _open_store(context, page, console, email)
    _top_up(page)
    page.get_by_role("button", name="Choose").first.click()
    page.get_by_role("button", name=re.compile("Buy for")).click()
    card = page.locator("[data-activation]").first
    expect(card).to_have_attribute("data-state", "waiting", timeout=20_000)
    page.wait_for_timeout(1000)

    activation_id = int(card.get_attribute("data-activation") or 0)
    desk = _desk(console, redis_client := open_redis(console.variables["REDIS_URL"]))
    with desk.database.transaction() as unit:
        sms = [Sms("777123", "Your code is 777123", "Test")]
        assert store_messages(unit, desk, activation_id, sms, utc_now()) == 1
    committed_ms = time.time() * 1000
    expect(card.get_by_test_id("code")).to_have_text("777123", timeout=5000)
    redis_client.close()
    took = page.evaluate("window.codeAt") - committed_ms
    assert took < PUSH_MS_MAX, f"{took:.0f} ms"


def test_admin_sees_a_sale_happen_and_syncs_a_provider(
    console: RunningConsole,
    browser: Browser,
    context: BrowserContext,
    page: Page,
    complaints: list[str],
) -> None:
    sign_in(context, console, "boss@example.org", "admin")
    page.goto(f"{console.url}/console")
    sold = page.locator("[data-kpi=sold]")
    expect(sold).to_have_text(re.compile(r"^\d+$"))
    before = int(sold.inner_text())
    page.evaluate("window.sameDocument = true")

    shopping = browser.new_context()
    _open_store(shopping, shop := shopping.new_page(), console, "seen@example.org")
    _top_up(shop)
    shop.get_by_role("button", name="Choose").first.click()
    shop.get_by_role("button", name=re.compile("Buy for")).click()
    expect(sold).to_have_text(str(before + 1), timeout=20_000)
    expect(page.get_by_text("Number sold").first).to_be_visible()
    shopping.close()

    row = page.locator("[data-provider=fivesim]")
    with console.sandbox() as control:
        control.adjust("fivesim", answer_seconds=1.0)
        row.get_by_role("button", name="Sync now").click()
        expect(row.get_by_text("Syncing")).to_be_visible(timeout=20_000)
        control.adjust("fivesim", answer_seconds=0)
    expect(row.get_by_text("Ready")).to_be_visible(timeout=60_000)
    # A quick one may be over before the page looks.
    row.get_by_role("button", name="Sync now").click()
    expect(row.get_by_role("button", name="Sync now")).to_be_enabled(timeout=30_000)
    row.get_by_role("switch").click()
    expect(row.get_by_text("Off", exact=True)).to_be_visible()
    row.get_by_role("switch").click()
    expect(row.get_by_text("Ready")).to_be_visible()
    assert page.evaluate("window.sameDocument")
    assert complaints == []


def test_the_door_says_why_and_logging_out_closes_it(
    console: RunningConsole, page: Page, complaints: list[str]
) -> None:
    console.sign_in("door@example.org")
    page.goto(f"{console.url}/store")
    expect(page).to_have_url(re.compile("/login"))
    page.get_by_label("E-mail").fill("door@example.org")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_test_id("notice")).to_contain_text("The address or the password is wrong.")
    page.get_by_label("E-mail").fill("door@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(re.compile("/store"))
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(f"{console.url}/")
    page.goto(f"{console.url}/store")
    expect(page).to_have_url(re.compile("/login"))
    assert complaints == []


def test_every_page_has_its_headers(console: RunningConsole, page: Page) -> None:
    for path in PAGES:
        answer = page.request.get(f"{console.url}{path}", max_redirects=0)
        headers = answer.headers
        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
        assert "unsafe" not in policy["script-src"], path
        assert policy["frame-ancestors"] == "'none'"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


def test_pages_fit_a_small_phone_and_stay_silent(console: RunningConsole, browser: Browser) -> None:
    phone = browser.new_context(viewport={"width": 360, "height": 740})
    sign_in(phone, console, "small@example.org", "admin")
    page = phone.new_page()
    heard: list[str] = []
    page.on("console", lambda m: heard.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    for path in (*PAGES, "/store?service=telegram&country=BR"):
        page.goto(f"{console.url}{path}")
        page.wait_for_timeout(700)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
    phone.close()
    assert heard == []


def _open_store(context: BrowserContext, page: Page, console: RunningConsole, email: str) -> None:
    sign_in(context, console, email, "user")
    page.goto(f"{console.url}/store?service=telegram&country=BR")
    expect(page.locator("[data-wallet=available]")).to_have_text("$0.00")


def _top_up(page: Page) -> None:
    page.get_by_role("button", name="Top up").click()
    page.get_by_role("button", name="Add 25.00").click()
    expect(page.locator("[data-wallet=available]")).to_have_text("$25.00")


def _let_sms_arrive(console: RunningConsole, email: str, code: str) -> None:
    with console.database.transaction() as unit:
        user = by_email(unit, email)
        upstream = unit.scalar(
            "select upstream_id from activation where user_id = :u order by id desc", u=user.id
        )
    with console.sandbox() as control:
        control.send_sms(upstream, code)


def _desk(console: RunningConsole, client: redis.Redis) -> Desk:
    return Desk(console.database, None, Events(client), utc_now, 20.0, "USD")  # type: ignore[arg-type]
