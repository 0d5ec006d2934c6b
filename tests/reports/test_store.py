"""What the buyer's and the admin's page say, after real purchases in a played world."""

from __future__ import annotations

import pytest

from nexnum_console.activations.cancel import cancel
from nexnum_console.activations.purchase import Order
from nexnum_console.activations.settle import Sms, store_messages
from nexnum_console.core.db import Database
from nexnum_console.core.errors import BusinessError
from nexnum_console.core.idempotency import KeyReused
from nexnum_console.operations.buying import buy_once
from nexnum_console.reports import overview, shelf, store
from nexnum_console.reports.overview_feed import newest_events
from nexnum_console.reports.overview_work import work
from tests.activations.world import UNIT, World, build

KEY = "a" * 32


@pytest.fixture
def world(database: Database) -> World:
    return build(database, funds=10 * UNIT)


def order(world: World, **changes: object) -> Order:
    wish = {"service": "telegram", "country": "GB", "actor": f"user:{world.user_id}"}
    return Order(user_id=world.user_id, **{**wish, **changes})  # type: ignore[arg-type]


def test_a_purchase_reads_as_it_happened(world: World) -> None:
    bought = buy_once(world.desk, order(world), KEY)
    card, wallet, lines = look(world)
    assert (card.id, card.state, card.chip_word) == (bought, "waiting", "Waiting for SMS")
    assert card.price == "$0.15"
    assert card.phone.startswith("+")
    assert wallet.available_label == "$9.85"
    assert (wallet.waiting_label, wallet.waiting_count) == ("$0.15", 1)
    assert [(line.title, line.amount) for line in lines[:2]] == [
        ("Charge", "$0.00"),
        ("Hold", "−$0.15"),
    ]
    assert lines[0].detail == "$0.15 of the hold, for Telegram · United Kingdom"


def test_the_code_is_on_the_card(world: World) -> None:
    bought = buy_once(world.desk, order(world), KEY)
    with world.desk.database.transaction() as unit:
        sms = [Sms("481516", "Your code is 481516", "Telegram")]
        store_messages(unit, world.desk, bought, sms, world.clock())
    card, _, _ = look(world)
    assert (card.code, card.chip_word, card.sms_text) == (
        "481516",
        "Code received",
        "Your code is 481516",
    )


def test_a_cancelled_number_shows_its_refund(world: World) -> None:
    bought = buy_once(world.desk, order(world), KEY)
    cancel(world.desk, bought, world.user_id)
    card, wallet, lines = look(world)
    assert card.chip_word == "Refunded"
    assert wallet.available_label == "$10.00"
    assert (lines[0].title, lines[0].amount) == ("Refund", "+$0.15")


def test_nobody_sees_another_ones_numbers(world: World) -> None:
    buy_once(world.desk, order(world), KEY)
    with world.desk.database.transaction() as unit:
        assert store.numbers(unit, world.user_id + 1, world.clock()) == []
        assert store.ledger_lines(unit, world.user_id + 1) == []
        assert store.wallet(unit, world.user_id + 1) is None


def test_the_same_click_buys_once_and_another_wish_needs_another_key(world: World) -> None:
    first = buy_once(world.desk, order(world), KEY)
    assert buy_once(world.desk, order(world), KEY) == first
    assert world.carrier().calls.count("buy") == 1
    with pytest.raises(KeyReused):
        buy_once(world.desk, order(world, operator="vodafone"), KEY)


def test_a_refused_click_leaves_its_key_free(world: World) -> None:
    with pytest.raises(BusinessError):
        buy_once(world.desk, order(world, max_price=1), KEY)
    assert buy_once(world.desk, order(world), KEY)


def test_the_shelf_names_price_stock_and_what_is_missing(world: World) -> None:
    with world.desk.database.transaction() as unit:
        seen = shelf.shelf(
            unit,
            found=shelf.Found(),
            service="telegram",
            country="GB",
            available=100_000,
            currency="USD",
            now=world.clock(),
        )
        nothing = shelf.shelf(
            unit,
            found=shelf.Found(),
            service="nope",
            country="GB",
            available=0,
            currency="USD",
            now=world.clock(),
        )
        assert shelf.coverage(unit) == (1, 1, 2000)
    assert seen.countries_label == "1 country"
    offer = seen.offers[0]
    assert (offer.operator, offer.price, offer.price_micro, offer.stock) == (
        "any",
        "$0.15",
        150_000,
        "2,000",
    )
    assert (offer.affordable, offer.missing) == (False, "$0.05")
    assert nothing.service is None
    assert nothing.offers == ()


def test_the_overview_tells_of_providers_events_and_work(world: World) -> None:
    bought = buy_once(world.desk, order(world), KEY)
    cancel(world.desk, buy_once(world.desk, order(world), "b" * 32), world.user_id)
    with world.desk.database.transaction() as unit:
        sms = [Sms("1", "1", "x")]
        store_messages(unit, world.desk, bought, sms, world.clock())
        now = world.clock()
        rows = overview.providers(unit, now)
        events = newest_events(unit)
        waiting = work(unit, [], now, "USD")
    assert [(row.name, row.chip_word) for row in rows] == [("alpha", "Ready"), ("beta", "Ready")]
    assert events[0].title == "Code delivered, Telegram"
    assert (waiting.held, waiting.overdue, waiting.orphans) == ("0 · $0.00", "0", "0")


def look(world: World) -> tuple[store.NumberCard, store.WalletView, list[store.LedgerLine]]:
    with world.desk.database.transaction() as unit:
        wallet = store.wallet(unit, world.user_id)
        assert wallet is not None
        return (
            store.numbers(unit, world.user_id, world.clock())[0],
            wallet,
            store.ledger_lines(unit, world.user_id),
        )
