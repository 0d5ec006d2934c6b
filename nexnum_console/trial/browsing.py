"""A real browser on a running console: opens pages as their people do, and hears complaints."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from nexnum_console.stack.doctor import find_browser
from nexnum_console.stack.errors import StackError
from nexnum_console.trial.gallery import Cast, Stop

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

# Every window would load two suggestion pages of its address bar, which nobody sees: that is half
# of what a window costs. Only the last list counts, so Playwright's own is said again.
UNWANTED: Final = (
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "AimEnabled"),
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding"),
    *("ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect"),
    *("OptimizationHints", "NetworkTimeServiceQuerying", "PreconnectToSearch"),
)
FLAGS: Final = [
    f"--disable-features={','.join(UNWANTED)}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
SETTLE_MS: Final = 500
LOOK_MS: Final = 100
READY_MS: Final = 20_000
HEIGHTS: Final = {1440: 900, 768: 1024, 390: 844}


@dataclass(slots=True)
class Looked:
    """One page at one width; ``complaints`` are the browser's, ``over_px`` what sticks out."""

    stop: Stop
    width: int
    complaints: list[str] = field(default_factory=list)
    over_px: int = 0
    landed: str = ""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's Chromium. Raises StackError when it or Playwright is missing."""
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415  only with the tests
    except ModuleNotFoundError as error:
        raise StackError(
            "Playwright is not installed.", "Run ./nexnum test once, or install the test packages."
        ) from error
    program = find_browser()
    if program is None:
        raise StackError("There is no Chromium here.", "Install chromium, or name it in CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def another(browser: Browser) -> Iterator[Browser]:
    """One more browser of the same kind, a process of its own."""
    started = browser.browser_type.launch(executable_path=find_browser(), args=FLAGS)
    try:
        yield started
    finally:
        started.close()


@contextmanager
def eyes(
    browser: Browser, url: str, cast: Cast, cookie: str, stop: Stop, width: int
) -> Iterator[tuple[Page, Looked]]:
    """The stop's page, open and settled, in a browser profile of its own."""
    height = HEIGHTS.get(width, 900)
    context = browser.new_context(
        viewport={"width": width, "height": height}, reduced_motion="reduce"
    )
    try:
        let_in(context, url, cast, cookie, stop)
        looked = Looked(stop, width)
        page = context.new_page()
        page.on(
            "console",
            lambda said: looked.complaints.append(said.text) if said.type == "error" else None,
        )
        page.on("pageerror", lambda error: looked.complaints.append(str(error)))
        open_page(page, url + stop.path)
        looked.landed = page.url.removeprefix(url)
        looked.over_px = over_px(page)
        yield page, looked
    finally:
        context.close()


def over_px(page: Page) -> int:
    """How far the page sticks out of its window sideways."""
    return max(0, int(page.evaluate("document.documentElement.scrollWidth - innerWidth")))


def narrow(page: Page, width: int) -> None:
    """Give an open page a window of another width, and time to follow."""
    page.set_viewport_size({"width": width, "height": HEIGHTS.get(width, 900)})
    page.wait_for_timeout(SETTLE_MS)


def unfold(page: Page) -> None:
    """Make the window as tall as the page: bars stay at its ends, and every picture loads."""
    width = page.viewport_size["width"] if page.viewport_size else 1440
    tall = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": max(int(tall), 400)})
    page.wait_for_timeout(SETTLE_MS)


def let_in(context: BrowserContext, url: str, cast: Cast, cookie: str, stop: Stop) -> None:
    """Give the profile the session of the stop's person."""
    token = cast.tokens.get(stop.who)
    if token:
        context.add_cookies([{"name": cookie, "value": token, "url": url}])


def open_page(page: Page, address: str) -> None:
    """Go there and wait until the server's state is on the page and it stopped moving."""
    page.goto(address, wait_until="load")
    page.wait_for_selector("main, #main", timeout=READY_MS)
    clock = page.locator("[data-server-ms]").first
    for _ in range(READY_MS // LOOK_MS):
        if clock.count() == 0 or int(clock.get_attribute("data-server-ms") or 0) > 0:
            break
        page.wait_for_timeout(LOOK_MS)
    page.wait_for_timeout(SETTLE_MS)
