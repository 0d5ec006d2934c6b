"""The doors by keyboard alone: every step is a key that a person without a mouse would press."""

from __future__ import annotations

import email
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.console import PASSWORD, RunningConsole
from tests.support.keys import MOST_TABS, fill, press, reach

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
NEW_PASSWORD = "a staple of new horses 4"


def letter_link(folder: Path, address: str, path: str, seconds: float = 30) -> str:
    """The link in the newest letter to ``address``, as its reader would copy it."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        for file in sorted(folder.glob("*.eml"), reverse=True):
            letter = email.message_from_bytes(file.read_bytes())
            text = letter.get_payload(decode=True).decode()
            found = re.search(rf"http\S+{path}\?token=\S+", text)
            if letter["To"] == address and found:
                return found.group()
        time.sleep(0.2)
    raise AssertionError(f"no letter to {address} with {path}")


def test_register_log_out_and_in_again(
    console: RunningConsole, page: Page, complaints: list[str]
) -> None:
    page.goto(f"{console.url}/register")
    fill(page, email="keys@example.org", password=PASSWORD)
    expect(page).to_have_url(re.compile(r"/store/?$"))
    leave = page.get_by_role("button", name="Log out")
    leave.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{console.url}/")
    page.goto(f"{console.url}/login")
    fill(page, email="keys@example.org", password=PASSWORD)
    expect(page).to_have_url(re.compile(r"/store/?$"))
    assert complaints == []


def test_a_forgotten_password_is_set_anew(
    console: RunningConsole, page: Page, complaints: list[str]
) -> None:
    address = "forgetful@example.org"
    console.sign_in(address)
    page.goto(f"{console.url}/forgot")
    fill(page, email=address)
    expect(page.get_by_test_id("notice")).to_contain_text("A letter is on its way")
    page.goto(letter_link(console.web_log.parent.parent / "mail", address, "/reset"))
    expect(page).to_have_url(re.compile("/new-password"))
    fill(page, password=NEW_PASSWORD)
    expect(page.get_by_test_id("notice")).to_contain_text("Password set")
    fill(page, email=address, password=NEW_PASSWORD)
    expect(page).to_have_url(re.compile(r"/store/?$"))
    assert complaints == []


def test_an_address_is_confirmed(console: RunningConsole, page: Page) -> None:
    address = "newcomer@example.org"
    page.goto(f"{console.url}/register")
    fill(page, email=address, password=PASSWORD)
    expect(page).to_have_url(re.compile(r"/store/?$"))
    page.goto(letter_link(console.web_log.parent.parent / "mail", address, "/verify"))
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Confirm my address":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("notice")).to_contain_text("Address confirmed")


def test_a_number_is_bought(console: RunningConsole, page: Page, complaints: list[str]) -> None:
    console.wait_for_catalogue()
    page.goto(f"{console.url}/register")
    fill(page, email="hands@example.org", password=PASSWORD)
    expect(page).to_have_url(re.compile(r"/store/?$"))
    press(page, "Top up")
    press(page, "Add 25.00")
    expect(page.locator("[data-wallet=available]")).to_have_text("$25.00")
    page.reload()
    expect(page.locator("[data-wallet=available]")).to_have_text("$25.00")
    reach(page, "Service or country")
    page.keyboard.type("telegram brazil")
    expect(page.get_by_label("Services").get_by_role("link")).to_have_count(1)
    press(page, "Telegram")
    expect(page.get_by_label("Countries")).to_be_visible()
    press(page, "Brazil")
    expect(page.get_by_role("button", name="Choose").first).to_be_visible()
    press(page, "Choose")
    press(page, "Buy for")
    expect(page.locator("[data-activation]").first).to_have_attribute(
        "data-state", re.compile("waiting|received"), timeout=20_000
    )
    assert complaints == []
