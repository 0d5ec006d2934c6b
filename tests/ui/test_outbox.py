"""Dead letters in a browser: redriven ones arrive, dropped ones let the others go on."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from nexnum_console.core.clock import utc_now
from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.outbox import Outbox
from nexnum_console.notifications import mail
from tests.support.console import RunningConsole
from tests.ui.conftest import sign_in, tick

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240, func_only=True)]
LIST = "[data-list=outbox]"
SILENT = Outbox(lambda topic: None)


def give_up(unit: UnitOfWork, number: int, error: str) -> None:
    """What eight failures leave; in the transaction that puts it, or the workers would send it."""
    unit.run(
        "update outbox set state = 'dead', tries = 8, error = :error, settled_at = now()"
        " where id = :id",
        id=number,
        error=error,
    )


def dead_letter(console: RunningConsole) -> int:
    """A real letter that could not be sent; returns its message."""
    box = SecretBox(console.variables["NEXNUM_SECRET_KEY"])
    with console.database.transaction() as unit:
        letter = mail.post(
            unit, SILENT, box, "far@example.org", "A subject", "The text", now=utc_now()
        )
        number = int(unit.scalar("select outbox_id from mail where id = :id", id=letter))
        give_up(unit, number, "the mail server answered 451")
    return number


def blocked_key(console: RunningConsole, key: str) -> list[int]:
    """A dead message of a topic that no worker delivers, and one behind it."""
    with console.database.transaction() as unit:
        numbers = [SILENT.put(unit, "told", key, {}, now=utc_now()) for _ in range(2)]
        give_up(unit, numbers[0], "the receiver answered 410")
    return numbers


def row(page: Page, number: int):
    return page.locator(f"{LIST} tr[data-row='{number}']")


def test_a_redriven_letter_arrives(
    console: RunningConsole, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    number = dead_letter(console)
    sign_in(context, console, "boss@example.org", "admin")
    page.goto(f"{console.url}/console/outbox?state=dead")
    expect(row(page, number)).to_contain_text("Dead")
    expect(row(page, number)).to_contain_text("the mail server answered 451")
    page.goto(f"{console.url}/console/outbox")
    tick(page.get_by_label(f"Select mail no. {number}"))
    page.get_by_role("button", name="Redrive", exact=True).click()
    expect(page.get_by_test_id("notice")).to_contain_text("1 redriven")
    expect(row(page, number)).to_contain_text("Delivered")  # by the worker, shown by push
    page.goto(f"{console.url}/console/mail?q=far@example.org")
    expect(page.locator("[data-list=mail] tbody tr").first).to_contain_text("Sent")
    page.goto(f"{console.url}/console/audit")
    expect(page.locator("[data-list=audit] tbody tr").first).to_contain_text(
        "Dead letters redriven"
    )
    assert complaints == []


def test_a_dropped_message_lets_its_key_go_on(
    console: RunningConsole, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    dead, behind = blocked_key(console, "activation:dropped")
    sign_in(context, console, "boss@example.org", "admin")
    page.goto(f"{console.url}/console/outbox?q=activation:dropped")
    expect(row(page, behind)).to_contain_text("Held")
    tick(page.get_by_label(f"Select told no. {dead}"))
    page.get_by_role("button", name="Drop", exact=True).click()
    form = page.get_by_role("dialog")
    form.get_by_label("Reason").fill("The shop closed its door")
    form.get_by_label("Type drop to confirm").fill("drop")
    form.get_by_role("button", name="Drop", exact=True).click()
    expect(page.get_by_test_id("notice")).to_contain_text("1 dropped")
    expect(row(page, dead)).to_contain_text("Dropped")
    expect(row(page, behind)).to_contain_text("Waiting")
    assert complaints == []


def test_all_dead_letters_are_redriven_by_one_button(
    console: RunningConsole, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    dead, _ = blocked_key(console, "activation:all")
    sign_in(context, console, "boss@example.org", "admin")
    page.goto(f"{console.url}/console/outbox?q=activation:all")
    expect(page.locator("[data-dead]")).to_be_visible()
    page.get_by_role("button", name="Redrive all").click()
    expect(page.locator("[data-dead]")).to_have_count(0)
    expect(row(page, dead)).to_contain_text("Waiting")
    assert complaints == []


def test_support_sees_and_decides_nothing(
    console: RunningConsole, context: BrowserContext, page: Page
) -> None:
    dead, _ = blocked_key(console, "activation:seen")
    sign_in(context, console, "clerk@example.org", "support")
    page.goto(f"{console.url}/console/outbox?q=activation:seen")
    expect(row(page, dead)).to_contain_text("the receiver answered 410")
    tick(page.get_by_label(f"Select told no. {dead}"))
    expect(page.get_by_role("region", name="Selection")).to_be_visible()
    expect(page.get_by_role("button", name="Redrive")).to_have_count(0)
    expect(page.get_by_role("button", name="Drop")).to_have_count(0)
