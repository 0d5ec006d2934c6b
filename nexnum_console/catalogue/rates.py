"""What currencies are worth in the wallet's currency; set by hand, never guessed."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from nexnum_console.catalogue.errors import RateMissing
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import InvalidInput
from nexnum_console.core.money import decimal_of

DECIMALS: Final = 12
MOST: Final = Decimal(10) ** 9


def all_rates(unit: UnitOfWork) -> dict[str, Decimal]:
    """Every known currency and its worth."""
    rows = unit.all("select currency, rate from currency_rate order by currency")
    return {row["currency"]: row["rate"] for row in rows}


def get_rate(unit: UnitOfWork, currency: str, *, wallet_currency: str) -> Decimal:
    """Wallet units for one unit of ``currency``; RateMissing. The wallet's own is always 1."""
    if currency == wallet_currency:
        return Decimal(1)
    rate = unit.scalar("select rate from currency_rate where currency = :c", c=currency)
    if rate is None:
        raise RateMissing(
            f"There is no rate for {currency}. Set what 1 {currency} is worth in"
            f" {wallet_currency}, then sync again; until then its offers are not sold.",
            currency=currency,
        )
    return Decimal(rate)


def set_rate(
    unit: UnitOfWork, currency: str, rate: str | Decimal, *, wallet_currency: str, now: datetime
) -> Decimal:
    """Set the worth of ``currency``; re-price its offers afterwards. InvalidInput."""
    value = decimal_of(rate)
    if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        raise InvalidInput(f"“{currency[:8]}” is not a currency; write it like EUR.")
    if not 0 < value <= MOST or value != round(value, DECIMALS):
        raise InvalidInput("A rate lies above 0 and has at most 12 decimals.")
    if currency == wallet_currency and value != 1:
        raise InvalidInput(f"{currency} is the wallet’s currency: its rate is 1.")
    _store(unit, currency, value, now)
    return value


def ensure_wallet_currency(unit: UnitOfWork, wallet_currency: str, *, now: datetime) -> None:
    """The wallet's own currency is worth 1, as a row, so that queries need no special case."""
    if unit.scalar("select rate from currency_rate where currency = :c", c=wallet_currency) != 1:
        _store(unit, wallet_currency, Decimal(1), now)


def _store(unit: UnitOfWork, currency: str, rate: Decimal, now: datetime) -> None:
    unit.run(
        "insert into currency_rate (currency, rate, updated_at) values (:currency, :rate, :now)"
        " on conflict (currency) do update set rate = :rate, updated_at = :now",
        currency=currency,
        rate=rate,
        now=now,
    )
