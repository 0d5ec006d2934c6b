from __future__ import annotations

from datetime import UTC, datetime

from nexnum_console.reports import words


def test_money_has_symbol_thousands_and_no_rounding() -> None:
    assert words.money(18_160_000, "USD") == "$18.16"
    assert words.money(5_000_000_000, "USD") == "$5,000.00"
    assert words.money(-420_000, "USD") == "−$0.42"
    assert words.money(1_234_567, "CHF") == "1.234567 CHF"
    assert words.signed_money(25_000_000, "EUR") == "+€25.00"
    assert words.signed_money(0, "EUR") == "€0.00"


def test_tiles_are_stable_and_letters_are_letters() -> None:
    assert words.tile("Telegram") == words.tile("Telegram")
    assert words.initials("5sim (sandbox)") == "5"
    assert words.initials("Proton Mail") == "PM"


def test_moments_are_milliseconds() -> None:
    assert words.millis(None) == 0
    assert words.millis(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)) == 1000
