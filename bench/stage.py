"""Where the face is measured: a whole installation with a crowd in it, and its browsers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from bench import watching
from bench.report import Report
from nexnum_console import bootstrap
from nexnum_console.accounts import sessions
from nexnum_console.activations.settle import Sms, store_messages
from nexnum_console.api.deps import cookie_name
from nexnum_console.core.clock import utc_now
from nexnum_console.core.money import to_micro
from nexnum_console.operations.registration import enrol
from nexnum_console.operations.sandbox_control import SandboxControl
from nexnum_console.trial import browsing, gallery
from nexnum_console.trial.buyer import Buyer
from nexnum_console.wallet import ledger

CLIENTS: Final = 200
ROWS: Final = 60
STORE: Final = gallery.Stop("store", "/store", "buyer")


@dataclass(frozen=True)
class Stage:
    """A running installation with people in it, and a browser."""

    url: str
    cast: gallery.Cast
    cookie: str
    control: SandboxControl
    browser: Any
    crowd: list[tuple[int, str]]


@contextmanager
def stage_of(report: Report, url: str) -> Iterator[Stage]:
    """Fill the running installation at ``url`` and open a browser on it."""
    report.doing("people, money and numbers")
    parts = bootstrap.services()
    chosen = parts.settings
    control = SandboxControl(chosen.sandbox_control_url or "", chosen.sandbox_control_key or "")
    try:
        cast = gallery.prepare(url, parts.database, control, chosen.wallet_currency)
        # No SMS comes by itself from here on.
        for carrier in control.carriers():
            control.set_fault(carrier["name"], "late_sms", rate=1)
        crowd = _gather(chosen.wallet_currency)
        _fill_list(url, crowd)
        with browsing.chromium() as browser:
            yield Stage(url, cast, cookie_name(chosen), control, browser, crowd)
    finally:
        control.close()


def _gather(currency: str) -> list[tuple[int, str]]:
    """CLIENTS people with money, as (user id, session token)."""
    now, crowd = utc_now(), []
    with bootstrap.services().database.transaction() as unit:
        for number in range(CLIENTS):
            user_id = enrol(unit, address(number), "no password", currency=currency)
            wallet_id = unit.scalar("select id from wallet where user_id = :id", id=user_id)
            cause = ledger.Cause(f"bench:{user_id}", "bench", now)
            ledger.deposit(unit, wallet_id, to_micro("100"), "sandbox", cause)
            lifetime = timedelta(hours=1)
            crowd.append(
                (user_id, sessions.open_session(unit, user_id, now=now, lifetime=lifetime))
            )
    return crowd


def _fill_list(url: str, crowd: Sequence[tuple[int, str]]) -> None:
    """Rows for the list: half of the numbers have their code."""
    parts = bootstrap.services()
    bought = []
    for number in range(ROWS):
        _, token = crowd[number % 10]
        bought.append(purchase(url, token))
    for activation in bought[::2]:
        with parts.database.transaction() as unit:
            store_messages(unit, parts.desk, activation, [Sms("1", "1", "Bench")], utc_now())


def purchase(url: str, token: str) -> int:
    """Buy a number as the session's person; returns the activation."""
    with Buyer(url) as person:
        person.come_with(cookie_name(bootstrap.services().settings), token)
        return int(person.purchase("telegram", "GB")["id"])


@contextmanager
def open_stop(stage: Stage, stop: gallery.Stop) -> Iterator[Any]:
    """The stop's page with clocks in it."""
    with _context(stage, stage.cast.tokens[stop.who]) as context:
        page = context.new_page()
        browsing.open_page(page, stage.url + stop.path)
        yield page


@contextmanager
def own_browser(stage: Stage, token: str) -> Iterator[Any]:
    """The store in a browser process of its own, with clocks in it."""
    with (
        browsing.another(stage.browser) as browser,
        _context(replace(stage, browser=browser), token) as context,
    ):
        page = context.new_page()
        browsing.open_page(page, stage.url + STORE.path)
        yield page


@contextmanager
def _context(stage: Stage, token: str) -> Iterator[Any]:
    context = stage.browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": stage.cookie, "value": token, "url": stage.url}])
    context.add_init_script(watching.CLOCKS)
    try:
        yield context
    finally:
        context.close()


def address(number: int) -> str:
    """E-mail of one of the crowd."""
    return f"bench-{number}@example.com"
