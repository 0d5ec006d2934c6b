"""The clock that the benchmark puts into a page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from bench import watching

pytestmark = pytest.mark.browser
BUTTON = """<button onclick="setTimeout(() => {
  document.querySelector('p').textContent = 'done'
}, 80)">go</button><p></p>"""


@pytest.fixture
def timed(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    context.add_init_script(watching.CLOCKS)
    opened = context.new_page()
    opened.route("**/*", lambda route: route.fulfill(body=BUTTON, content_type="text/html"))
    opened.goto("http://page.invalid/")
    yield opened
    context.close()


def test_it_runs_from_the_click_to_the_answer(timed: Page) -> None:
    watching.arm(timed, "click", selector="p", text="done")
    timed.get_by_role("button").click()
    assert 0.08 <= watching.took(timed) < 5


def test_an_answer_that_never_comes_is_no_figure(
    timed: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "PATIENCE_SECONDS", 0.3)
    watching.arm(timed, "click", selector="p", text="something else")
    timed.get_by_role("button").click()
    with pytest.raises(watching.NeverSeen):
        watching.took(timed)
