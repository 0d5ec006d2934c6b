"""The one table in a real browser: its URL is its state, and its file is its rows."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from nexnum_console.trial.buyer import Buyer
from tests.support.console import RunningConsole
from tests.ui.conftest import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
COUNTRIES = ("GB", "DE", "FR")
LIST = "[data-list=activations]"


@pytest.fixture(scope="module")
def buyer(console: RunningConsole) -> str:
    """Three numbers bought by one person; returns the e-mail."""
    console.wait_for_catalogue()
    with Buyer(console.url) as person:
        email = person.register()
        person.deposit("50.00")
        for country in COUNTRIES:
            person.purchase("telegram", country)
    return email


@pytest.fixture
def listed(console: RunningConsole, context: BrowserContext, page: Page, buyer: str) -> Page:
    sign_in(context, console, "clerk@example.org", "support")
    page.goto(f"{console.url}/console/activations?q={buyer}")
    expect(_rows(page)).to_have_count(3)
    return page


def _rows(page: Page):
    return page.locator(f"{LIST} tbody tr")


def _countries(page: Page) -> list[str]:
    cells = page.locator(f"{LIST} tbody td[data-label=Country]")
    return [text.strip() for text in cells.all_inner_texts()]


def test_filters_are_the_address_and_back_undoes_them(
    listed: Page, complaints: list[str], buyer: str
) -> None:
    expect(listed.get_by_role("searchbox")).to_have_value(buyer)
    listed.get_by_label("Filters").click()
    listed.get_by_label("Country").fill("germany")
    expect(_rows(listed)).to_have_count(1)
    expect(listed).to_have_url(re.compile(r"country=germany"))
    expect(listed.get_by_role("link", name="Remove the filter Country germany")).to_be_visible()
    listed.reload()
    expect(_rows(listed)).to_have_count(1)
    listed.get_by_role("link", name="Clear all").click()
    expect(listed).not_to_have_url(re.compile("country="))
    listed.go_back()
    expect(_rows(listed)).to_have_count(1)
    expect(listed.get_by_role("searchbox")).to_have_value(buyer)
    assert complaints == []


def test_order_columns_and_density_are_links(listed: Page, complaints: list[str]) -> None:
    listed.get_by_role("link", name="Country", exact=True).click()
    expect(listed).to_have_url(re.compile("sort=country"))
    expect(listed.locator("th[aria-sort=ascending]")).to_have_text("Country")
    assert _countries(listed) == ["France", "Germany", "United Kingdom"]
    listed.get_by_role("link", name="Country", exact=True).click()
    expect(listed.locator("th[aria-sort=descending]")).to_have_text("Country")
    assert _countries(listed) == ["United Kingdom", "Germany", "France"]
    listed.get_by_label("Columns").click()
    listed.get_by_role("menuitemcheckbox", name="Buyer").click()
    expect(listed.locator(f"{LIST} thead")).not_to_contain_text("Buyer")
    listed.keyboard.press("Escape")
    listed.get_by_role("link", name="Compact").click()
    expect(listed.locator(f"{LIST} table")).to_have_class(re.compile("table--dense"))
    listed.reload()
    expect(listed.locator(f"{LIST} thead")).not_to_contain_text("Buyer")
    assert _countries(listed) == ["United Kingdom", "Germany", "France"]
    assert complaints == []


def test_what_the_address_says_wrong_is_named(listed: Page) -> None:
    listed.goto(listed.url.split("?")[0] + "?state=sold&page=99&self=1")
    expect(listed.locator(LIST)).to_contain_text("left out: State, “self”")
    expect(listed.get_by_text("No rows").first).to_be_visible()


def test_the_file_holds_the_filtered_rows(
    listed: Page, complaints: list[str], tmp_path: Path
) -> None:
    listed.get_by_role("button", name="Export CSV").click()
    expect(listed.get_by_test_id("export")).to_contain_text("3 rows ready", timeout=20_000)
    with listed.expect_download() as waiting:
        listed.get_by_role("link", name="Download the file").click()
    waiting.value.save_as(tmp_path / "file.csv")
    with (tmp_path / "file.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["Country"] for row in rows] == list(COUNTRIES[::-1])
    assert complaints == []


def test_a_view_is_kept_and_opened_again(listed: Page, complaints: list[str]) -> None:
    listed.goto(listed.url + "&sort=country")
    expect(_rows(listed)).to_have_count(3)
    listed.get_by_label("Views").click()
    listed.get_by_role("button", name="Keep this view …").click()
    listed.get_by_label("Name of this view").fill("By country")
    listed.get_by_role("button", name="Keep this view", exact=True).click()
    expect(listed.get_by_test_id("notice")).to_contain_text("View kept")
    listed.goto(listed.url.split("?")[0])
    listed.get_by_label("Views").click()
    listed.get_by_role("link", name="By country").click()
    expect(listed).to_have_url(re.compile("sort=country"))
    expect(_rows(listed)).to_have_count(3)
    listed.get_by_label("Views").click()
    listed.get_by_role("button", name="Remove the view By country").click()
    expect(listed.get_by_role("link", name="By country")).to_have_count(0)
    assert complaints == []


def test_a_buyer_cannot_open_the_list(
    console: RunningConsole, context: BrowserContext, page: Page
) -> None:
    sign_in(context, console, "shopper@example.org", "user")
    page.goto(f"{console.url}/console/activations")
    expect(page).to_have_url(re.compile(r"/store/?$"))


def test_keyboard_alone_sorts_and_opens(listed: Page) -> None:
    listed.get_by_role("link", name="Price", exact=True).focus()
    listed.keyboard.press("Enter")
    expect(listed).to_have_url(re.compile("sort=-price"))
    listed.get_by_label("Filters").focus()
    listed.keyboard.press("Enter")
    expect(listed.get_by_label("State")).to_be_visible()
    listed.keyboard.press("Escape")
    expect(listed.get_by_label("State")).to_be_hidden()


def test_an_unknown_choice_matches_nothing_and_is_no_fault(listed: Page) -> None:
    listed.get_by_label("Filters").click()
    listed.get_by_label("Provider", exact=True).evaluate(
        "(node) => { const o = document.createElement('option'); o.value = 'x'.repeat(64);"
        " node.append(o); node.value = o.value;"
        " node.dispatchEvent(new Event('change', { bubbles: true })); }"
    )
    expect(listed.locator(LIST)).to_contain_text("No row matches")
    expect(listed.get_by_test_id("notice")).to_have_count(0)
