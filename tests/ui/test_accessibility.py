"""axe-core on every page of the registry, at the width of a desk and of a phone."""

from __future__ import annotations

from importlib import resources

import pytest
from playwright.sync_api import Browser, Page

from nexnum_console.trial import browsing, gallery
from nexnum_console.ui import site
from tests.support.console import COOKIE, RunningConsole

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
DESK, PHONE = 1440, 390
GRAVE = ("serious", "critical")
ROUTES = [page.route for page in site.PAGES]
# Every name a route may hold stands for itself here; the real values are known only later.
NAMES = [stop.name for stop in gallery.stops(ROUTES, dict.fromkeys(gallery.EXAMPLES, "x"))]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_no_serious_fault(
    console: RunningConsole, browser: Browser, cast: gallery.Cast, name: str
) -> None:
    found = {stop.name: stop for stop in gallery.stops(ROUTES, cast.parameters)}
    with browsing.eyes(browser, console.url, cast, COOKIE, found[name], DESK) as (page, looked):
        assert looked.over_px == 0
        assert faults(page) == []
        browsing.narrow(page, PHONE)
        assert browsing.over_px(page) == 0
        assert faults(page) == []
        assert looked.complaints == []


def test_the_checker_finds_a_fault(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<html lang=en><title>x</title><main><button></button></main>")
    assert [line.split(":")[0] for line in faults(page)] == ["button-name"]
    page.close()


def faults(page: Page) -> list[str]:
    """``rule: what it says, where`` of each serious or critical one."""
    page.evaluate(AXE + "\n;0")
    ran = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {one['help']} ({node['target']})"
        for one in ran["violations"]
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]
