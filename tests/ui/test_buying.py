"""What a click on a price may do: that price, and one number for one click."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from nexnum_console.activations.errors import CarrierSilent, NothingForSale, NotReusable
from nexnum_console.activations.purchase import Order
from nexnum_console.core.actor import Actor
from nexnum_console.core.errors import BusinessError
from nexnum_console.core.idempotency import InFlight
from nexnum_console.reports.promise import Promise
from nexnum_console.ui.shell import gate
from nexnum_console.ui.store.buy import again, state
from nexnum_console.ui.store.buy.state import StoreState
from nexnum_console.wallet.errors import InsufficientFunds
from tests.support.loops import finish

KEY = "a" * 32
BUYER = Actor(7, "buyer@example.org", "user", frozenset({"store.buy"}))


class Page:
    """What the handlers use of a page's state."""

    def __init__(self) -> None:
        self.buying = self.taking_again = False
        self.quick = True
        self.chosen = "any"
        self.order_key = KEY
        self.promised = Promise()
        self.service, self.country = SimpleNamespace(code="telegram"), SimpleNamespace(iso2="BR")
        self.told: list[str] = []
        self.read: list[str] = []

    async def __aenter__(self) -> Page:
        return self

    async def __aexit__(self, *_: object) -> None:
        return

    def _say(self, kind: str, title: str, text: str = "", action: str = "") -> None:
        self.told.append(f"{title}: {text}")

    def _stamp(self) -> None:
        return

    async def _read_mine(self, who: Actor) -> None:
        self.read.append("mine")

    async def _read_pairs(self, who: Actor) -> None:
        self.read.append("pairs")

    async def _read_shelf(self) -> None:
        self.read.append("shelf")

    async def _read_again(self, who: Actor, activation_id: int) -> None:
        self.read.append("again")


@pytest.fixture
def sold(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Order, str]]:
    """What was bought, by its key; ``raising`` makes the next purchases end otherwise."""
    bought: list[tuple[Order, str]] = []

    async def at_once(call: Callable[..., Any], desk: Any, order: Order, key: str) -> None:
        bought.append((order, key))

    for module in (state, again):
        monkeypatch.setattr(module, "in_slow_thread", at_once)
        monkeypatch.setattr(module, "services", lambda: SimpleNamespace(desk=None))
    gate._actor.set(BUYER)
    return bought


def ends_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    async def raising(*_: Any) -> None:
        raise error

    for module in (state, again):
        monkeypatch.setattr(module, "in_slow_thread", raising)


def click(page: Page, handler: str, *arguments: Any) -> Any:
    return finish(StoreState.event_handlers[handler].fn(page, *arguments))


QUICK = ("buy_now", KEY, "telegram", "BR", 100_000)
AGAIN = ("take_again", KEY, 5, 100_000)


@pytest.mark.parametrize("clicked", [QUICK, AGAIN])
@pytest.mark.parametrize("error", [RuntimeError("cut off after the sale"), InFlight("wait")])
def test_a_click_whose_end_nobody_knows_keeps_its_key(
    sold: list[tuple[Order, str]],
    monkeypatch: pytest.MonkeyPatch,
    clicked: tuple[Any, ...],
    error: Exception,
) -> None:
    page = Page()
    ends_with(monkeypatch, error)
    click(page, *clicked)
    assert page.order_key == KEY
    assert len(page.told) == 1
    assert not page.buying
    assert not page.taking_again


@pytest.mark.parametrize("clicked", [QUICK, AGAIN])
@pytest.mark.parametrize(
    "error", [NothingForSale("gone"), NotReusable("gone"), InsufficientFunds("too little")]
)
def test_a_refusal_bought_nothing_and_the_next_click_is_another_wish(
    sold: list[tuple[Order, str]],
    monkeypatch: pytest.MonkeyPatch,
    clicked: tuple[Any, ...],
    error: BusinessError,
) -> None:
    page = Page()
    ends_with(monkeypatch, error)
    click(page, *clicked)
    assert page.order_key != KEY
    assert len(page.told) == 1


@pytest.mark.parametrize("clicked", [QUICK, AGAIN])
def test_a_purchase_uses_its_key_up(
    sold: list[tuple[Order, str]], clicked: tuple[Any, ...]
) -> None:
    page = Page()
    click(page, *clicked)
    assert [key for _, key in sold] == [KEY]
    assert page.order_key != KEY


def test_another_code_that_was_not_answered_is_told_as_unknown(
    sold: list[tuple[Order, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Page()

    async def silent(*_: Any) -> None:
        raise CarrierSilent("the carrier did not answer, so nobody knows yet")

    page._do = silent  # type: ignore[method-assign]
    click(page, "ask_another", 5)
    assert page.told == [
        "Nobody knows yet: The carrier did not answer, so nobody knows yet.",
    ]


def test_a_click_on_a_price_that_stands_there_no_more_buys_nothing(
    sold: list[tuple[Order, str]],
) -> None:
    """“Fastest” was clicked before it: a quote for more, under another key."""
    page = Page()
    page.order_key = "b" * 32
    page.promised = Promise("quote", "fastest", "0.30", cap_micro=300_000)
    click(page, "buy", KEY, "any", 100_000)
    assert sold == []
    assert not page.buying
    assert page.told == [f"Nothing was bought: {state._CHANGED}"]
    click(page, "buy", page.order_key, "any", 300_000)
    ((order, key),) = sold
    assert (order.quote, order.max_price, key) == ("quote", 300_000, "b" * 32)
