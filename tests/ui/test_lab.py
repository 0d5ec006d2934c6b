"""A provider is added, its config broken, understood, mended by a press, published, and sold."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from nexnum_console.core.clock import utc_now
from nexnum_console.providers import registry, versions
from tests.support.console import RunningConsole
from tests.ui.conftest import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300, func_only=True)]
NAME = "acme"
BUSY_MS = 30_000
# Something that this provider sells, known well enough to be found in the store.
FOR_SALE = """
select o.country, o.service from offer o join provider p on p.id = o.provider_id
where p.name = :name and o.service = 'telegram' and o.available and o.stock > 5
  and o.cost_micro < 10000000 order by o.cost_micro limit 1
"""


@pytest.fixture
def shop(console: RunningConsole) -> Iterator[RunningConsole]:
    """The console, in which the new provider sells nothing any more when the test ends."""
    console.wait_for_catalogue()
    yield console
    with console.database.transaction() as unit:
        if any(one.name == NAME for one in registry.providers(unit)):
            registry.set_enabled(unit, NAME, False)
        unit.run("update provider_account set exclusive = true where label = 'main'")


def test_from_the_wizard_to_a_number_sold(
    shop: RunningConsole,
    browser: Browser,
    context: BrowserContext,
    page: Page,
    complaints: list[str],
) -> None:
    sign_in(context, shop, "boss@example.org", "admin")
    _add(shop, page)
    _break_and_mend(shop, page)
    page.goto(f"{shop.url}/console/providers/new?provider={NAME}")
    _step(page, "publish").get_by_role("button", name="Publish").click()
    _is_done(page, "publish")
    _buy(shop, browser)
    page.reload()
    _is_done(page, "buy")
    assert complaints == []


def _add(shop: RunningConsole, page: Page) -> None:
    page.goto(f"{shop.url}/console/providers")
    page.get_by_role("link", name="Add a provider").click()
    expect(page).to_have_url(re.compile(r"/console/providers/new/?$"))
    page.get_by_label("Template").select_option("fivesim")
    page.get_by_label("Name", exact=True).fill(NAME)
    page.get_by_label("Name shown").fill("Acme SMS")
    page.get_by_label("Where calls go").select_option("fivesim")
    page.get_by_role("button", name="Add provider").click()
    expect(page.get_by_test_id("checklist")).to_be_visible(timeout=BUSY_MS)
    _is_done(page, "config")
    _is_done(page, "key")
    expect(_step(page, "publish").get_by_role("button", name="Publish")).to_be_disabled()

    _step(page, "test").get_by_role("button").click()
    _is_done(page, "test")
    _step(page, "map").get_by_role("button").click()
    _is_done(page, "map")
    _step(page, "margin").get_by_label("Margin, a factor").fill("1")
    _step(page, "margin").get_by_role("button", name="Set margin").click()
    _is_done(page, "margin")


def _break_and_mend(shop: RunningConsole, page: Page) -> None:
    page.goto(f"{shop.url}/console/providers/{NAME}/lab?op=buy")
    form, trace = page.get_by_test_id("form"), page.get_by_test_id("trace")
    version, result = page.get_by_test_id("version"), page.get_by_test_id("result")
    expect(version).to_contain_text("v1 is published", timeout=BUSY_MS)
    expect(page.get_by_test_id("json").locator(".cm-content")).to_contain_text('"baseUrl"')
    name = page.locator("[data-pointer='/displayName']")
    name.fill("Acme numbers")
    name.blur()
    expect(version).to_contain_text("Draft v2", timeout=BUSY_MS)
    expect(page.get_by_test_id("json")).to_contain_text("Acme numbers")

    source = form.get_by_label("Source of phone")
    source.fill("tel")
    source.blur()
    red = trace.locator("li[data-tone=danger]").filter(has_text="phone: nothing at tel")
    expect(red).to_be_visible(timeout=BUSY_MS)
    expect(version).to_contain_text("Publishing opens when every fixture passes")
    expect(version.get_by_role("button", name="Publish v2")).to_be_disabled()
    expect(result.locator("tr[data-same=no]").first).to_be_visible()

    phone = page.get_by_test_id("raw").get_by_role("button").filter(has_text="+44").first
    phone.click()
    asked = page.get_by_role("dialog", name="What is this value?")
    asked.get_by_role("button", name="phone", exact=True).click()
    expect(form.get_by_label("Source of phone")).to_have_value("phone", timeout=BUSY_MS)
    expect(red).to_have_count(0)
    expect(result.locator("tr[data-same=no]")).to_have_count(0)

    _both_ways(page)
    version.get_by_role("button", name="Publish v2").click()
    dialog = page.get_by_role("dialog", name="Publish v2?")
    dialog.get_by_label("Why").fill("A better name")
    dialog.get_by_role("button", name="Publish v2").click()
    expect(page.get_by_test_id("notice")).to_contain_text("v2 is published", timeout=BUSY_MS)
    with shop.database.transaction() as unit:
        assert versions.served(unit, NAME).number == 2
        told = unit.first("select * from audit_entry where action = 'provider.publish'")
    assert told is not None
    assert told["reason"] == "A better name"


def _both_ways(page: Page) -> None:
    """A step lights its bytes, and bytes light what became of them."""
    step = page.get_by_test_id("trace").locator("li[data-lights=phone]").first
    step.hover()
    lit = page.get_by_test_id("raw").locator("[data-lit]")
    expect(lit).to_have_count(1)
    expect(lit).to_contain_text("+44")
    page.get_by_test_id("version").hover()
    expect(lit).to_have_count(0)
    page.get_by_test_id("raw").locator("[data-fields=phone]").hover()
    expect(step).to_have_attribute("data-lit", "")


def _buy(shop: RunningConsole, browser: Browser) -> None:
    with shop.database.transaction() as unit:
        found = unit.first(FOR_SALE, name=NAME)
    assert found is not None, "the new provider's catalogue was read"
    buying = browser.new_context()
    sign_in(buying, shop, "first-buyer@example.org", "user")
    store = buying.new_page()
    store.goto(f"{shop.url}/store?service={found['service']}&country={found['country']}")
    store.get_by_role("button", name="Top up").click()
    store.get_by_role("button", name="Add 25.00").click()
    expect(store.locator("[data-wallet=available]")).to_have_text("$25.00", timeout=BUSY_MS)
    store.get_by_role("button", name="Choose").first.click()
    store.get_by_role("button", name=re.compile("Buy for")).click()
    card = store.locator("[data-activation]").first
    expect(card).to_have_attribute("data-state", re.compile("waiting|received"), timeout=BUSY_MS)
    with shop.database.transaction() as unit:
        seller = unit.scalar(
            "select p.name from activation a join provider_account c on c.id = a.account_id"
            " join provider p on p.id = c.provider_id order by a.id desc limit 1"
        )
    assert seller == NAME, "without a margin it is the cheapest"
    buying.close()


def test_broken_json_leaves_the_form_and_says_where(
    shop: RunningConsole, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    sign_in(context, shop, "boss@example.org", "admin")
    page.goto(f"{shop.url}/console/providers/fivesim/lab?op=balance")
    editor = page.get_by_test_id("json")
    content = editor.locator(".cm-content")
    expect(content).to_contain_text('"baseUrl"', timeout=BUSY_MS)
    path = page.get_by_test_id("form").get_by_label("Path", exact=True)
    before = path.input_value()
    content.click()
    page.keyboard.press("Control+Home")
    page.keyboard.type("{{")
    expect(editor).to_contain_text("faults", timeout=BUSY_MS)
    expect(page.get_by_test_id("form")).to_contain_text("The JSON has faults")
    expect(path).to_have_value(before)
    expect(path).to_be_disabled()
    editor.get_by_role("button", name="Line 1").first.click()
    expect(content).to_be_focused()
    with shop.database.transaction() as unit:
        assert versions.draft(unit, "fivesim") is None, "what is no JSON is not kept"
    page.reload()
    expect(content).to_contain_text('"baseUrl"', timeout=BUSY_MS)
    expect(editor).to_contain_text("Valid")
    assert complaints == []


def pointed_at(page: Page, key: Locator) -> None:
    """Point at a key as people do: again, where the page was still filling at the first time."""
    until = time.monotonic() + BUSY_MS / 1000
    while time.monotonic() < until and not page.locator(".labhint").is_visible():
        page.mouse.move(0, 0)
        key.hover()
        page.wait_for_timeout(1_000)


def test_the_editor_offers_what_may_stand_there_and_says_what_it_is_for(
    shop: RunningConsole, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    sign_in(context, shop, "boss@example.org", "admin")
    page.goto(f"{shop.url}/console/providers/fivesim/lab?op=balance")
    editor = page.get_by_test_id("json")
    content = editor.locator(".cm-content")
    expect(content).to_contain_text('"baseUrl"', timeout=BUSY_MS)
    pointed_at(page, content.get_by_text('"auth"'))
    expect(page.locator(".labhint")).to_contain_text("How the key travels")
    content.get_by_text('"baseUrl"').click()
    page.keyboard.press("End")
    page.keyboard.type('\n"')
    offered = page.locator(".cm-tooltip-autocomplete")
    expect(offered).to_contain_text("valueMaps", timeout=BUSY_MS)
    expect(offered).not_to_contain_text("baseUrl")
    expect(offered).not_to_contain_text("queryParams")
    page.keyboard.type('rateLimit": {"')
    expect(offered).to_contain_text("perSeconds", timeout=BUSY_MS)
    expect(offered).not_to_contain_text("valueMaps")
    assert complaints == []


def test_support_looks_and_changes_nothing(
    shop: RunningConsole, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    sign_in(context, shop, "helper@example.org", "support")
    page.goto(f"{shop.url}/console/providers/fivesim/lab?op=buy")
    expect(page.get_by_test_id("trace")).to_contain_text("it fits", timeout=BUSY_MS)
    expect(page.get_by_test_id("form").get_by_label("Path", exact=True)).to_be_disabled()
    expect(page.get_by_role("button", name="Run")).to_have_count(0)
    page.goto(f"{shop.url}/console/providers/fivesim/lab/keys")
    expect(page.get_by_text("A key is sealed for")).to_be_visible(timeout=BUSY_MS)
    expect(page.get_by_role("button", name="Replace key")).to_have_count(0)
    assert complaints == []


def test_the_sandbox_answers_and_its_exchange_is_pinned(
    shop: RunningConsole, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    sign_in(context, shop, "boss@example.org", "admin")
    page.goto(f"{shop.url}/console/providers/fivesim/lab?op=balance")
    test = page.get_by_test_id("test")
    expect(test.get_by_test_id("trace")).to_contain_text("it fits", timeout=BUSY_MS)
    test.get_by_role("button", name="Sandbox").click()
    test.get_by_role("button", name="Run").click()
    expect(test).to_contain_text("wait", timeout=BUSY_MS)
    expect(test.locator(".labcode").first).to_contain_text("•••")
    name = f"pinned-{utc_now():%H%M%S}"
    test.get_by_label("Name of the fixture").fill(name)
    test.get_by_role("button", name="Pin as fixture").click()
    fixtures = page.get_by_test_id("fixtures")
    expect(fixtures).to_contain_text(name, timeout=BUSY_MS)
    fixtures.get_by_role("button", name=f"Unpin {name}").click()
    expect(fixtures.get_by_role("button", name=f"Unpin {name}")).to_have_count(0)
    assert complaints == []


def test_a_match_by_hand_holds_at_once_and_is_taken_back(
    shop: RunningConsole, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    sign_in(context, shop, "boss@example.org", "admin")
    page.goto(f"{shop.url}/console/providers/fivesim/lab/mapping")
    table = page.get_by_test_id("mapping")
    table.get_by_label("Search the mapping").fill("france")
    row = table.locator("tr[data-theirs=france]")
    expect(row).to_have_attribute("data-ours", "FR", timeout=BUSY_MS)
    row.get_by_role("button", name="Choose what france means").click()
    asked = page.get_by_role("dialog", name="What is “france”?")
    asked.get_by_label("Search ours").fill("belgi")
    asked.get_by_role("button", name="Belgium").click()
    expect(row).to_have_attribute("data-ours", "BE", timeout=BUSY_MS)
    expect(row).to_contain_text("by hand")
    expect(row).to_contain_text("instead of France")
    count = (
        "select count(*) from offer o join provider p on p.id = o.provider_id"
        " where p.name = 'fivesim' and o.external_country = 'france' and o.country = :ours"
    )
    with shop.database.transaction() as unit:
        assert unit.scalar(count + " and available", ours="FR") == 0
        assert unit.scalar(count + " and available", ours="BE") > 0
    row.get_by_role("button", name="Undo the match of france").click()
    expect(row).to_have_attribute("data-ours", "FR", timeout=BUSY_MS)
    expect(row).not_to_contain_text("by hand")
    with shop.database.transaction() as unit:
        assert unit.scalar(count + " and available", ours="FR") > 0
    assert complaints == []


def test_a_live_purchase_is_warned_of_and_its_request_shown_unsent(
    shop: RunningConsole, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    asked_before = purchases_asked(shop)
    sign_in(context, shop, "boss@example.org", "admin")
    page.goto(f"{shop.url}/console/providers/fivesim/lab?op=buy")
    test = page.get_by_test_id("test")
    expect(test.get_by_test_id("trace")).to_contain_text("it fits", timeout=BUSY_MS)
    test.get_by_role("button", name="Live").click()
    expect(test).to_contain_text("real money", timeout=BUSY_MS)
    expect(test).to_contain_text("booked as orphan_expense")
    test.get_by_role("button", name="Show request").click()
    expect(test).to_contain_text("Nothing was sent: this is what would be.", timeout=BUSY_MS)
    test.get_by_role("button", name="Run").click()
    expect(page.get_by_test_id("notice")).to_contain_text("nothing was bought", timeout=BUSY_MS)
    assert purchases_asked(shop) == asked_before
    assert complaints == []


def test_health_forces_the_breaker_and_weighs_the_limit(
    shop: RunningConsole, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    sign_in(context, shop, "boss@example.org", "admin")
    page.goto(f"{shop.url}/console/providers/fivesim/lab/health")
    expect(page.get_by_test_id("rate")).to_contain_text("calls a second", timeout=BUSY_MS)
    breaker = page.locator("[data-breaker]")
    for wish, word in (("Force closed", "Forced closed"), ("Automatic", "Closed")):
        breaker.get_by_role("button", name=wish).click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Reason").fill("A test")
        dialog.get_by_role("button").last.click()
        expect(breaker).to_have_attribute("data-state", word, timeout=BUSY_MS)
    assert complaints == []


def test_health_shows_what_the_provider_pushed(
    shop: RunningConsole, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    with shop.database.transaction() as unit:
        unit.run(
            "insert into inbound_delivery (account_id, event_key, received_at, seen_at, times,"
            " outcome, reason, upstream_id, body) select a.id, 'id:77', now(), now(), 3, 'refused',"
            " 'the signature does not fit', '910000077', '{\"id\": 77}' from provider_account a"
            " join provider p on p.id = a.provider_id where p.name = 'fivesim'"
        )
    sign_in(context, shop, "boss@example.org", "admin")
    page.goto(f"{shop.url}/console/providers/fivesim/lab/health")
    line = page.get_by_test_id("pushed").locator("[data-event]").first
    expect(line).to_contain_text("Refused", timeout=BUSY_MS)
    expect(line).to_contain_text("the signature does not fit")
    expect(line).to_contain_text("3 times")
    expect(line.get_by_text('{"id": 77}')).to_be_hidden()
    line.get_by_text("What came").click()
    expect(line.get_by_text('{"id": 77}')).to_be_visible()
    assert complaints == []


def _step(page: Page, key: str) -> Locator:
    return page.get_by_test_id("checklist").locator(f"[data-step={key}]")


def _is_done(page: Page, key: str) -> None:
    expect(_step(page, key)).to_have_attribute("data-done", "yes", timeout=BUSY_MS)


def purchases_asked(shop: RunningConsole) -> dict[str, int]:
    """How often each carrier was asked to sell."""
    with shop.sandbox() as control:
        return {each["name"]: each["buy_requests"] for each in control.carriers()}
