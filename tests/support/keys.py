"""Keys that a person without a mouse would press; what gets the focus must show it."""

from __future__ import annotations

from playwright.sync_api import Page

MOST_TABS = 12
READ_OUT = """(() => {
  const seen = document.activeElement.cloneNode(true);
  seen.querySelectorAll('[aria-hidden=true]').forEach((part) => part.remove());
  const label = document.activeElement.labels?.[0]?.textContent;
  return seen.getAttribute('aria-label') || label || seen.textContent.trim();
})()"""


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on the field of that name; it must be visible there."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('name')") == name:
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"nobody can see that {name} has the focus"
            return
    raise AssertionError(f"{name} is not reached by {MOST_TABS} tabs")


def fill(page: Page, **fields: str) -> None:
    """Write each field in the order of the page, and send by Enter."""
    for name, text in fields.items():
        tab_to(page, name)
        page.keyboard.type(text)
    page.keyboard.press("Enter")


def reach(page: Page, name: str, most: int = 60) -> None:
    """Tab to what reads so, and see that it shows its focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(READ_OUT).startswith(name):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    raise AssertionError(f"{name} is not reached by {most} tabs")


def press(page: Page, name: str) -> None:
    """Tab to what reads so and press Enter."""
    reach(page, name)
    page.keyboard.press("Enter")
