"""Routing in a browser: weights tried on real orders, saved, a ban that others see at once."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from nexnum_console.operations.registration import register
from nexnum_console.trial.buyer import Buyer
from tests.support.console import PASSWORD, RunningConsole
from tests.ui.conftest import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240, func_only=True)]
ORDERS = 70
WANTED = 55
LEARNED = "select count(*) from decision where learned = 2 and how <> 'by rule'"


@pytest.fixture(scope="module")
def orders(console: RunningConsole) -> None:
    """Enough orders by "best", with their codes, for the simulator to judge by."""
    console.wait_for_catalogue()
    register(console.database, "many@example.org", PASSWORD, currency="USD")
    with Buyer(console.url) as person, ThreadPoolExecutor(4) as pool:
        person.log_in("many@example.org", PASSWORD)
        person.deposit("300")
        bought = pool.map(lambda _: person.purchase("telegram", "GB", "3.00"), range(ORDERS))
        assert len(list(bought)) == ORDERS
    ends = time.monotonic() + 90
    while time.monotonic() < ends:
        with console.database.transaction() as unit:
            if unit.scalar(LEARNED) >= WANTED:
                unit.run("update decision set at = at - interval '1 hour'")  # old enough to judge
                return
        time.sleep(0.5)
    raise TimeoutError("the outcomes were not learned")


def open_policy(page: Page, console: RunningConsole) -> None:
    page.goto(f"{console.url}/console/routing")
    expect(page.locator("[data-weight=failure_cost]")).to_be_visible()


def weight(page: Page, name: str):
    return page.locator(f"[data-weight={name}] input")


def test_weights_are_tried_on_past_orders_before_they_are_saved(
    console: RunningConsole,
    context: BrowserContext,
    page: Page,
    complaints: list[str],
    orders: None,
) -> None:
    sign_in(context, console, "boss@example.org", "admin")
    open_policy(page, console)
    before = page.locator(".head code").inner_text()
    weight(page, "failure_cost").fill("0.06")
    page.get_by_role("button", name="Try on past orders").click()
    tried = page.get_by_test_id("preview")
    expect(tried).to_contain_text("Cost of a number without a code: $0.05 → $0.06")
    expect(page.get_by_test_id("verdict")).to_contain_text(
        re.compile("No difference beyond chance|These weights would have earned")
    )
    shares = page.get_by_test_id("shares").locator("li")
    assert shares.count() >= 2
    expect(shares.first).to_contain_text("→")
    expect(page.get_by_test_id("lanes")).to_contain_text("Telegram, United Kingdom")
    expect(page.locator(".head code")).to_have_text(before)  # nothing is saved yet
    page.get_by_label("Why").fill("Failures cost us more support")
    page.get_by_role("button", name="Save this policy").click()
    expect(page.get_by_test_id("notice")).to_contain_text("Policy saved")
    expect(page.locator(".head code")).not_to_have_text(before)
    expect(page.locator("[data-weight=failure_cost]")).to_contain_text("counts as $0.06 lost")
    page.goto(f"{console.url}/console/audit")
    expect(page.locator("[data-list=audit] tbody tr").first).to_contain_text(
        "Routing policy changed"
    )
    assert complaints == []


def test_a_bad_weight_is_explained_and_a_stale_one_not_saved(
    console: RunningConsole, browser: Browser, context: BrowserContext, page: Page
) -> None:
    sign_in(context, console, "boss@example.org", "admin")
    open_policy(page, console)
    weight(page, "exploration").fill("0.9")
    page.get_by_role("button", name="Try on past orders").click()
    expect(page.get_by_role("alert")).to_contain_text("Share of orders to explore with")
    weight(page, "exploration").fill("0.02")
    page.get_by_role("button", name="Try on past orders").click()
    expect(page.get_by_test_id("verdict")).to_be_visible()
    other = browser.new_context()
    sign_in(other, console, "second@example.org", "admin")
    beside = other.new_page()
    open_policy(beside, console)
    weight(beside, "canary").fill("0.04")
    beside.get_by_role("button", name="Try on past orders").click()
    beside.get_by_role("button", name="Save this policy").click()
    expect(beside.get_by_test_id("notice")).to_contain_text("Policy saved")
    other.close()
    expect(weight(page, "canary")).to_have_value("0.04")  # by push
    page.get_by_role("button", name="Save this policy").click()
    expect(page.get_by_test_id("notice")).to_contain_text("Somebody changed the policy meanwhile")


def test_a_ban_is_made_seen_by_support_and_taken_back(
    console: RunningConsole,
    browser: Browser,
    context: BrowserContext,
    page: Page,
    complaints: list[str],
) -> None:
    sign_in(context, console, "boss@example.org", "admin")
    open_policy(page, console)
    clerk = browser.new_context()
    sign_in(clerk, console, "clerk@example.org", "support")
    beside = clerk.new_page()
    open_policy(beside, console)
    page.get_by_role("button", name="Pin or ban").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Service").fill("no-such")
    form.get_by_label("Reason").fill("Codes never come")
    form.get_by_role("button", name="Save the rule").click()
    expect(form).to_contain_text("There is no service no-such.")
    form.get_by_label("Service").fill("whatsapp")
    form.get_by_role("button", name="Save the rule").click()
    expect(form).to_have_count(0)
    for seen in (page, beside):  # the other one by push
        rules = seen.get_by_test_id("rules")
        expect(rules).to_contain_text("Banned")
        expect(rules).to_contain_text("WhatsApp, every country")
        expect(rules).to_contain_text("Codes never come")
    expect(
        beside.get_by_role("button", name=re.compile("Take back|Pin or ban|Try on"))
    ).to_have_count(0)
    clerk.close()
    page.get_by_role("button", name=re.compile("Take back")).click()
    expect(page.get_by_test_id("rules")).to_have_count(0)
    assert complaints == []


def test_what_was_learned_and_decided_is_listed(
    console: RunningConsole,
    context: BrowserContext,
    page: Page,
    complaints: list[str],
    orders: None,
) -> None:
    sign_in(context, console, "boss@example.org", "admin")
    page.goto(f"{console.url}/console/routing/learned?level=country&service=telegram")
    first = page.locator("[data-list=routing_learned] tbody tr").first
    expect(first).to_contain_text("Telegram")
    expect(first).to_contain_text(re.compile(r"\d+\.\d % to \d+\.\d %"))
    page.get_by_role("link", name="Decisions", exact=True).click()
    page.locator("[data-list=routing_decisions] tbody tr").first.get_by_role("link").first.click()
    expect(page.get_by_test_id("considered")).to_contain_text("First in line.")
    assert complaints == []
