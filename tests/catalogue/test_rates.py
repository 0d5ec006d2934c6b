"""Rates are set by hand and never guessed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nexnum_console.catalogue import rates
from nexnum_console.catalogue.errors import RateMissing
from nexnum_console.core.db import Database
from nexnum_console.core.errors import InvalidInput
from tests.catalogue.conftest import NOW


def test_a_rate_is_what_was_set_last(database: Database) -> None:
    with database.transaction() as unit:
        rates.set_rate(unit, "EUR", "1.08", wallet_currency="USD", now=NOW)
        rates.set_rate(unit, "EUR", "1.0912345", wallet_currency="USD", now=NOW)
        assert rates.get_rate(unit, "EUR", wallet_currency="USD") == Decimal("1.0912345")
        assert rates.get_rate(unit, "USD", wallet_currency="USD") == 1


def test_a_missing_rate_is_an_error(database: Database) -> None:
    with database.transaction() as unit, pytest.raises(RateMissing):
        rates.get_rate(unit, "RUB", wallet_currency="USD")


@pytest.mark.parametrize(
    ("currency", "rate"),
    [
        ("EUR", "0"),
        ("EUR", "-1"),
        ("EUR", "x"),
        ("EUR", "1e-13"),
        ("EUR", "1e10"),
        ("EUR", "NaN"),
        ("eur", "1"),
        ("EURO", "1"),
        ("USD", "2"),
    ],
)
def test_impossible_rates(database: Database, currency: str, rate: str) -> None:
    with database.transaction() as unit, pytest.raises(InvalidInput):
        rates.set_rate(unit, currency, rate, wallet_currency="USD", now=NOW)


def test_the_wallets_currency_is_worth_one(database: Database) -> None:
    with database.transaction() as unit:
        rates.ensure_wallet_currency(unit, "USD", now=NOW)
        rates.ensure_wallet_currency(unit, "USD", now=NOW)
        assert rates.all_rates(unit) == {"USD": Decimal(1)}
