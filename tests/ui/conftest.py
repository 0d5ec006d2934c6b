"""One running console for all page tests of a worker, and a browser on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    expect,
    sync_playwright,
)
from sqlalchemy.engine import make_url

from nexnum_console.stack.doctor import find_browser
from nexnum_console.trial import gallery
from nexnum_console.trial.browsing import FLAGS
from tests.support import stripe_server
from tests.support.console import COOKIE, RunningConsole, running_console
from tests.support.services import (
    SharedServices,
    drop_database,
    fresh_database,
)


@pytest.fixture(scope="session")
def console(
    stack_services: SharedServices, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningConsole]:
    """The console that all page tests of a worker share; its Stripe is on this machine."""
    with (
        stripe_server.running() as stripe,
        another_console(
            stack_services,
            tmp_path_factory,
            "pages",
            15,
            STRIPE_SECRET_KEY=stripe_server.SECRET_KEY,
            STRIPE_WEBHOOK_SECRET=stripe_server.WEBHOOK_SECRET,
            STRIPE_API_BASE=stripe.url,
        ) as started,
    ):
        yield started


@contextmanager
def another_console(
    services: SharedServices,
    folders: pytest.TempPathFactory,
    name: str,
    redis_number: int,
    **variables: str,
) -> Iterator[RunningConsole]:
    """A console with a database of its own, and a Redis database that no other test counts in."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    database = f"nexnum_{name}_{folders.getbasetemp().name.replace('-', '_')}"
    number = redis_number - int(worker.removeprefix("gw")) % 4
    redis_url = make_url(services.redis_url).set(database=str(number))
    urls = fresh_database(services, database)
    folder = folders.mktemp(name)
    redis_told = redis_url.render_as_string(hide_password=False)
    with running_console(folder, urls, redis_told, **variables) as started:
        yield started
    drop_database(services, database)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # What is tested is what a page shows, not how fast a busy machine shows it: `bench ui` does.
    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def cast(console: RunningConsole) -> gallery.Cast:
    """An admin and a buyer with money, numbers and codes."""
    with console.sandbox() as control:
        return gallery.prepare(console.url, console.database, control, "USD")


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1280, "height": 900})
    yield opened
    opened.close()


@pytest.fixture
def complaints(context: BrowserContext) -> list[str]:
    """What the browser's console and its pages complained of; a test ends with none."""
    heard: list[str] = []

    def listen(page: Page) -> None:
        page.on("console", lambda m: heard.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: heard.append(str(error)))

    context.on("page", listen)
    return heard


@pytest.fixture
def page(context: BrowserContext, complaints: list[str]) -> Page:
    return context.new_page()


def sign_in(context: BrowserContext, console: RunningConsole, email: str, role: str) -> None:
    """Give the browser a session without going through the form."""
    token = console.sign_in(email, role)
    context.add_cookies([{"name": COOKIE, "value": token, "url": console.url}])


@contextmanager
def another_page(
    browser: Browser, console: RunningConsole, email: str, role: str
) -> Iterator[Page]:
    """A page in somebody else's browser."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    sign_in(context, console, email, role)
    yield context.new_page()
    context.close()


def tick(box: Locator) -> None:
    """Tick a checkbox whose state the server keeps: it shows when the server has answered.

    Rows of the last visit move while this one's are read: what was under the pointer then may
    have been another, and is clicked once more.
    """
    box.click()
    try:
        expect(box).to_be_checked(timeout=10_000)
    except AssertionError:
        box.click()
        expect(box).to_be_checked(timeout=10_000)
