"""Staff run the carriers in a browser: a sync to watch, a margin buyers see, a span kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.operations import provider_desk
from tests.support.console import RunningConsole
from tests.ui.conftest import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240, func_only=True)]
NAME = "fivesim"
LIST = "[data-list=providers]"
CENTS = Decimal("0.01")
BUSY_MS = 30_000
# A telegram number that is cheapest at this provider, with its prices now and at cost.
CHEAPEST_HERE = """
select o.country, o.price_micro, o.cost_micro * r.rate as at_cost from offer o
  join provider p on p.id = o.provider_id join currency_rate r on r.currency = p.currency
where p.name = :name and o.service = 'telegram' and o.available and o.stock > 5
  and o.cost_micro >= 200000
  and o.price_micro = (select min(price_micro) from offer x join provider y on y.id = x.provider_id
    where x.service = o.service and x.country = o.country
    and x.available and y.enabled and (x.stock is null or x.stock > 0))
order by o.cost_micro desc limit 1
"""


class Nobody:
    """Hears no event."""

    def publish(self, channel: str, topic: str, **ids: object) -> None:
        return


@pytest.fixture
def provider(console: RunningConsole) -> Iterator[str]:
    """A provider whose margin and switch are as before when the test ends."""
    console.wait_for_catalogue()
    with console.database.transaction() as unit:
        before = provider_desk.provider_of(unit, NAME)
    yield NAME
    with console.database.transaction() as unit:
        actor = _staff(console)
        now, nobody = utc_now(), Nobody()
        provider_desk.set_margin(unit, nobody, actor, NAME, f"{before.margin:f}", now)
        provider_desk.set_enabled(unit, nobody, actor, NAME, before.enabled, now)


def _staff(console: RunningConsole) -> Actor:

    with console.database.transaction() as unit:
        user_id = unit.scalar("select id from app_user where role = 'admin' order by id limit 1")
    return Actor(user_id, "boss@example.org", "admin", frozenset({"providers.manage"}))


def _shown(micro: Decimal) -> str:
    return f"${(micro / 1_000_000).quantize(CENTS, ROUND_CEILING)}"


def test_a_sync_is_watched_and_a_margin_reaches_the_store(
    console: RunningConsole,
    browser: Browser,
    context: BrowserContext,
    page: Page,
    complaints: list[str],
    provider: str,
) -> None:
    sign_in(context, console, "boss@example.org", "admin")
    page.goto(f"{console.url}/console/providers")
    page.locator(f"{LIST} tbody a[href='/console/providers/{provider}']").first.click()
    expect(page).to_have_url(re.compile(f"/console/providers/{provider}/?$"))
    whole = page.locator(f"[data-provider={provider}]")
    page.evaluate("window.sameDocument = true")

    with console.sandbox() as control:
        control.adjust(provider, answer_seconds=1.0)
        whole.get_by_role("button", name="Sync now").click()
        expect(page.get_by_test_id("sync-progress").get_by_role("progressbar")).to_be_visible(
            timeout=30_000
        )
        control.adjust(provider, answer_seconds=0)
    expect(page.get_by_test_id("sync-progress")).to_have_count(0, timeout=60_000)
    expect(whole.locator(".timeline li").first).to_contain_text("Synced")
    # A quick one may be over before the page looks.
    whole.get_by_role("button", name="Sync now").click()
    expect(page.get_by_text("A sync is queued")).to_have_count(0, timeout=30_000)
    expect(whole.get_by_role("button", name="Sync now")).to_be_enabled(timeout=60_000)

    with console.database.transaction() as unit:
        found = unit.first(CHEAPEST_HERE, name=provider)
    assert found is not None, "the sandbox sells telegram numbers here"
    shop = f"{console.url}/store?service=telegram&country={found['country']}"
    before, after = _shown(Decimal(found["price_micro"])), _shown(found["at_cost"])
    assert before != after

    buying = browser.new_context()
    sign_in(buying, console, "watcher@example.org", "user")
    store = buying.new_page()
    store.goto(shop)
    anyone = store.get_by_role("row").filter(has_text="Any operator")
    price = anyone.locator("[data-label=Price]")
    expect(price).to_have_text(before, timeout=BUSY_MS)

    margin = whole.get_by_label("Margin, a factor")
    margin.fill("0.5")
    expect(whole.get_by_text("The margin is a factor from 1 to 1000")).to_be_visible()
    margin.fill("1")
    expect(page.get_by_test_id("price-examples").locator("tbody tr")).to_have_count(3)
    store.reload()
    expect(price).to_have_text(before, timeout=BUSY_MS)  # a preview changes nothing
    whole.get_by_role("button", name="Set margin").click()
    expect(page.get_by_test_id("notice")).to_contain_text("Margin × 1", timeout=BUSY_MS)
    store.reload()
    expect(price).to_have_text(after, timeout=BUSY_MS)
    buying.close()

    assert page.evaluate("window.sameDocument"), "nothing was loaded again"
    page.goto(f"{console.url}/console/audit")
    expect(page.locator("[data-list=audit] tbody tr").first).to_contain_text(provider)
    assert complaints == []


def test_one_is_turned_off_after_a_question_and_on_again(
    console: RunningConsole,
    context: BrowserContext,
    page: Page,
    complaints: list[str],
    provider: str,
) -> None:
    sign_in(context, console, "boss@example.org", "admin")
    page.goto(f"{console.url}/console/providers/{provider}")
    page.get_by_role("button", name="Turn off").click()
    question = page.get_by_role("dialog")
    question.get_by_role("button", name="Keep it on").click()
    expect(question).to_have_count(0)
    page.get_by_role("button", name="Turn off").click()
    question.get_by_role("button", name="Turn off").click()
    expect(page.get_by_role("button", name="Turn on")).to_be_visible()
    expect(page.get_by_role("button", name="Sync now")).to_be_disabled()
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("button", name="Turn off")).to_be_visible()
    assert complaints == []


def test_support_reads_and_changes_nothing(
    console: RunningConsole,
    context: BrowserContext,
    page: Page,
    complaints: list[str],
    provider: str,
) -> None:
    sign_in(context, console, "clerk@example.org", "support")
    page.goto(f"{console.url}/console/providers/{provider}")
    expect(page.get_by_role("heading", name="Does it deliver?")).to_be_visible()
    for name in ("Sync now", "Turn off", "Set margin", "Set rank"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    page.goto(f"{console.url}/console/providers/no-such-carrier")
    expect(page.get_by_text("No such provider")).to_be_visible()
    assert complaints == []


def test_the_span_of_the_overview_stays_in_the_address(
    console: RunningConsole, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    sign_in(context, console, "boss@example.org", "admin")
    page.goto(f"{console.url}/console")
    spans = page.get_by_label("Span of time")
    spans.get_by_role("link", name="7 d").click()
    expect(page).to_have_url(re.compile("range=7d"))
    page.reload()
    expect(page).to_have_url(re.compile("range=7d"))
    expect(spans.locator("[aria-current]:not([aria-current=false])")).to_have_text("7 d")
    page.locator("[data-compare]").click()
    expect(page).to_have_url(re.compile("range=7d.*compare=off"))
    page.reload()
    expect(page.locator("[data-compare]")).to_have_attribute("data-compare", "off")
    assert complaints == []
