"""Clocks inside a page: from what a person did, or a moment told, to the pixels that answer it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from playwright.sync_api import Page

PATIENCE_SECONDS: Final = 30.0
LOOK_SECONDS: Final = 0.01

# Playwright puts this into the page from outside, so the page's own rules about scripts stand.
# A frame that was asked for after the change and one more task later, the change is on screen.
CLOCKS: Final = """
(() => {
  const now = () => performance.timeOrigin + performance.now();
  const painted = (then) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => then(now());
    channel.port2.postMessage(0);
  });
  const all = (selector, text) => {
    const found = [...document.querySelectorAll(selector)];
    return found.length > 0 && found.every((node) => node.textContent.includes(text));
  };
  const holds = (wish) => wish.absent ? !document.querySelector(wish.absent)
    : all(wish.selector, wish.text || "");
  let wish = null;
  let began = 0;
  window.nxTook = null;
  window.nxWatch = (wanted, event) => {
    wish = wanted; began = 0; window.nxTook = null;
    addEventListener(event, (e) => { began = performance.timeOrigin + e.timeStamp; },
      { capture: true, once: true });
  };
  const codes = window.nxCodes = {};
  const look = () => {
    if (wish && began && holds(wish)) {
      wish = null;
      painted((at) => { window.nxTook = at - began; });
    }
    document.querySelectorAll("[data-testid=code]").forEach((node) => {
      const code = node.textContent.trim();
      if (!(code in codes)) {
        codes[code] = 0;
        painted((at) => { codes[code] = at; });
      }
    });
  };
  new MutationObserver(look).observe(document, {
    subtree: true, childList: true, characterData: true, attributes: true,
  });
})();
"""


class NeverSeen(Exception):
    """What was waited for did not come to the screen; the figures would be worth nothing."""


def arm(page: Page, event: str, **wish: str) -> None:
    """Start the clock at the next ``event``; it stops when every ``selector`` holds ``text``,
    or nothing matches ``absent``."""
    page.evaluate("([wish, event]) => nxWatch(wish, event)", [wish, event])


def took(page: Page) -> float:
    """Seconds from the event to the painted answer; NeverSeen."""
    return float(_await(page, "nxTook", None)) / 1000


def shown_at(page: Page, code: str) -> float:
    """When the code was painted, in seconds since 1970; NeverSeen."""
    return float(_await(page, "code => nxCodes[code] || null", code)) / 1000


def _await(page: Page, expression: str, argument: Any) -> Any:
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends:
        value = page.evaluate(expression, argument)
        if value is not None:
            return value
        time.sleep(LOOK_SECONDS)
    raise NeverSeen(f"{page.url} showed no answer in {PATIENCE_SECONDS:.0f} s")
