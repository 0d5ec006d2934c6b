"""The circuit breaker on the provider page: shown, forced with a reason, obeyed, and set back."""

from __future__ import annotations

import time

import pytest
import redis
from playwright.sync_api import BrowserContext, Page, expect

from nexnum_console.bootstrap import open_gate_redis
from nexnum_console.providers.gates import Gates
from tests.support.console import RunningConsole
from tests.ui.conftest import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240, func_only=True)]
NAME = "fivesim"
BUSY_MS = 30_000


def _account(console: RunningConsole) -> int:
    with console.database.transaction() as unit:
        return unit.scalar(
            "select a.id from provider_account a join provider p on p.id = a.provider_id"
            " where p.name = :name",
            name=NAME,
        )


def test_a_breaker_is_forced_open_with_a_reason_and_set_back(
    console: RunningConsole, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    console.wait_for_catalogue()
    gates = Gates(open_gate_redis(console.variables["REDIS_URL"]))
    account_id = _account(console)
    sign_in(context, console, "boss@example.org", "admin")
    page.goto(f"{console.url}/console/providers/{NAME}")
    card = page.locator("[data-breaker=main]")
    expect(card).to_have_attribute("data-state", "Closed", timeout=BUSY_MS)
    expect(card).to_contain_text("as its config says")

    card.get_by_role("button", name="Force open").click()
    question = page.get_by_role("dialog", name="Force the breaker open?")
    question.get_by_label("Reason").fill("they are moving house")
    question.get_by_role("button", name="Force open").click()
    expect(page.get_by_test_id("notice")).to_contain_text("Forced open", timeout=BUSY_MS)
    expect(card).to_have_attribute("data-state", "Forced open")
    expect(card).to_contain_text("“they are moving house”, by user")
    assert gates.shut([account_id]).keys() == {account_id}, "other processes obey at once"

    card.get_by_role("button", name="Automatic").click()
    question = page.get_by_role("dialog", name="Leave the breaker to itself?")
    question.get_by_label("Reason").fill("they have moved")
    question.get_by_role("button", name="Make automatic").click()
    expect(card).to_have_attribute("data-state", "Half open", timeout=BUSY_MS)

    card.get_by_role("button", name="Force closed").click()
    question = page.get_by_role("dialog", name="Force the breaker closed?")
    question.get_by_label("Reason").fill("no")
    question.get_by_role("button", name="Force closed").click()
    expect(page.get_by_test_id("notice")).to_contain_text("Say why", timeout=BUSY_MS)
    question.get_by_label("Reason").fill("it works, I asked them")
    question.get_by_role("button", name="Force closed").click()
    expect(card).to_have_attribute("data-state", "Forced closed", timeout=BUSY_MS)
    card.get_by_role("button", name="Automatic").click()
    question = page.get_by_role("dialog", name="Leave the breaker to itself?")
    question.get_by_label("Reason").fill("as it was before")
    question.get_by_role("button", name="Make automatic").click()
    expect(card).to_have_attribute("data-state", "Closed", timeout=BUSY_MS)
    page.goto(f"{console.url}/console/audit")
    expect(page.locator("[data-list=audit] tbody tr").first).to_contain_text("Circuit breaker set")
    gates.close()
    assert complaints == []


def test_a_trip_is_seen_without_reloading_and_support_may_only_look(
    console: RunningConsole, context: BrowserContext, page: Page
) -> None:
    console.wait_for_catalogue()
    client = redis.Redis.from_url(console.variables["REDIS_URL"])
    account_id = _account(console)
    sign_in(context, console, "sue@example.org", "support")
    page.goto(f"{console.url}/console/providers/{NAME}")
    card = page.locator("[data-breaker=main]")
    expect(card).to_have_attribute("data-state", "Closed", timeout=BUSY_MS)
    expect(card.get_by_role("button")).to_have_count(0)
    key = f"gate:{{{account_id}}}:breaker"
    soon = int((time.time() + 60) * 1e6)
    client.hset(key, mapping={"state": "open", "until": soon, "why": "provider_error"})
    client.publish("events:admin", '{"topic": "breaker"}')
    expect(card).to_have_attribute("data-state", "Open", timeout=BUSY_MS)
    expect(card).to_contain_text("provider error; asked again in")
    client.hset(key, mapping={"state": "closed", "until": 0})
    client.close()
