"""Amounts as people write them, and as programs do."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nexnum_console.core.money import MoneyError, format_micro, to_micro, to_micro_up


@pytest.mark.parametrize(
    ("text", "micro"),
    [
        ("12.50", 12_500_000),
        (" 0.000001 ", 1),
        ("-3", -3_000_000),
        ("+3.", 3_000_000),
        (".5", 500_000),
        (7, 7_000_000),
        (Decimal("1E-5"), 10),
    ],
)
def test_an_amount_is_read_exactly(text, micro):
    assert to_micro(text) == micro
    assert to_micro(format_micro(micro)) == micro


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1e3",
        "1E-5",
        "1_000",
        "1,000",
        "\u0663",
        "\uff11\uff12",
        "0x10",
        "NaN",
        "Infinity",
        "--1",
        "1 2",
    ],
)
def test_what_nobody_writes_as_an_amount_is_refused_and_told_how(text):
    with pytest.raises(MoneyError, match=r"is not an amount; write it like 12\.50"):
        to_micro(text)


@pytest.mark.parametrize("text", ["0.0000001", "9000000001", "-9000000001"])
def test_what_cannot_be_held_exactly_is_refused(text):
    with pytest.raises(MoneyError):
        to_micro(text)


def test_a_float_is_no_money():
    with pytest.raises(TypeError):
        to_micro(0.5)


def test_a_carriers_price_may_be_written_by_a_program_and_rounds_against_us():
    assert to_micro_up("1E-5") == 10
    assert to_micro_up("0.00000001") == 1
    assert to_micro_up(Decimal("0.1000001")) == 100_001
