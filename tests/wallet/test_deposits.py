"""Deposits keep to the bounds that hold, and what was booked stays booked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nexnum_console.core.db import Database
from nexnum_console.core.runtime_settings import change
from nexnum_console.wallet.deposits import DepositOutOfRange, deposit
from tests.wallet.conftest import NOW

UNIT = 1_000_000


def _deposit(database: Database, wallet_id: int, amount: int, ref: str) -> int:
    with database.transaction() as unit:
        return deposit(
            unit,
            wallet_id=wallet_id,
            amount=amount,
            gateway="sandbox",
            gateway_ref=ref,
            actor="test",
            now=NOW,
        )


def _set(database: Database, name: str, text: str) -> None:
    with database.transaction() as unit:
        change(unit, name, text, NOW)


def _available(database: Database, wallet_id: int) -> int:
    with database.transaction() as unit:
        return int(unit.scalar("select available from wallet where id = :id", id=wallet_id))


@pytest.mark.parametrize(("least", "most"), [("5", "50")])
def test_the_bounds_an_admin_set_bind(
    verified: Database, open_wallet: Callable[..., int], least: str, most: str
) -> None:
    wallet_id = open_wallet()
    _deposit(verified, wallet_id, UNIT, "before")
    _set(verified, "deposit_least", least)
    _set(verified, "deposit_most", most)
    for number, amount in enumerate((5 * UNIT - 1, 50 * UNIT + 1)):
        with pytest.raises(DepositOutOfRange, match=r"5\.00 and 50\.00"):
            _deposit(verified, wallet_id, amount, f"refused-{number}")
    _deposit(verified, wallet_id, 5 * UNIT, "least")
    _deposit(verified, wallet_id, 50 * UNIT, "most")
    assert _available(verified, wallet_id) == 56 * UNIT


def test_new_bounds_do_not_unsay_a_booked_deposit(
    verified: Database, open_wallet: Callable[..., int]
) -> None:
    wallet_id = open_wallet()
    booked = _deposit(verified, wallet_id, UNIT, "once")
    _set(verified, "deposit_least", "5")
    assert _deposit(verified, wallet_id, UNIT, "once") == booked
    assert _available(verified, wallet_id) == UNIT
