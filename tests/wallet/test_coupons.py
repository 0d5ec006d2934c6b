"""Coupons: limits in total and for each, dates, minimums; once, whoever is fast."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from nexnum_console.core.db import Database
from nexnum_console.core.errors import InvalidInput
from nexnum_console.wallet import coupons
from nexnum_console.wallet.coupons import CouponRefused, Terms
from nexnum_console.wallet.deposits import deposit
from tests.wallet.conftest import NOW

UNIT = 1_000_000


def make(database: Database, code: str = "", **terms) -> str:
    with database.transaction() as unit:
        return coupons.make(unit, Terms(**terms), "user:1", NOW, code)


def redeem(database: Database, wallet: int, code: str, *, now=NOW, deposit_id=None):
    with database.transaction() as unit:
        return coupons.redeem(unit, wallet, code, now, deposit_id=deposit_id)


def pay_in(database: Database, wallet: int, amount: int, ref: str = "r1") -> int:
    with database.transaction() as unit:
        return deposit(
            unit,
            wallet_id=wallet,
            amount=amount,
            gateway="sandbox",
            gateway_ref=ref,
            actor="test",
            now=NOW,
        )


def available(database: Database, wallet: int) -> int:
    with database.transaction() as unit:
        return int(unit.scalar("select available from wallet where id = :id", id=wallet))


def test_f24_a_hundred_users_at_once_on_a_limit_of_ten_redeem_ten(verified, open_wallet):
    code = make(verified, amount=UNIT, most_uses=10)
    wallets = [open_wallet() for _ in range(100)]

    def attempt(wallet: int) -> bool:
        try:
            redeem(verified, wallet, code)
        except CouponRefused:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(attempt, wallets)).count(True) == 10
    assert sum(available(verified, wallet) for wallet in wallets) == 10 * UNIT


def test_peer_21_one_card_is_one_card_in_any_case_and_with_any_dashes(verified, open_wallet):
    wallet = open_wallet()
    code = make(verified, "Gift-2026-AB", amount=UNIT, most_uses=5)
    variants = ["GIFT2026AB", "gift-2026-ab", " Gift 2026 aB ", "g-i-f-t2026ab"] * 4

    def attempt(text: str) -> bool:
        try:
            redeem(verified, wallet, text)
        except CouponRefused:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(attempt, variants)).count(True) == 1
    assert (code, available(verified, wallet)) == ("GIFT2026AB", UNIT)
    with pytest.raises(InvalidInput, match="already"):
        make(verified, "gift2026ab", amount=UNIT)


def test_codes_come_from_the_system_s_randomness(verified):
    made = {make(verified, amount=UNIT) for _ in range(50)}
    assert len(made) == 50
    assert all(len(code) == 12 and set(code) <= set(coupons.ALPHABET) for code in made)


def test_a_wallet_redeems_as_often_as_it_may(verified, open_wallet):
    wallet, other = open_wallet(), open_wallet()
    code = make(verified, amount=UNIT, most_uses=10, most_each=2)
    redeem(verified, wallet, code)
    redeem(verified, wallet, code)
    with pytest.raises(CouponRefused, match="redeemed this coupon before"):
        redeem(verified, wallet, code)
    redeem(verified, other, code)


def test_an_end_is_an_end(verified, open_wallet):
    wallet = open_wallet()
    code = make(verified, amount=UNIT, expires_at=NOW + timedelta(days=1), most_uses=9, most_each=9)
    redeem(verified, wallet, code)
    with pytest.raises(CouponRefused):
        redeem(verified, wallet, code, now=NOW + timedelta(days=1))
    with verified.transaction() as unit:
        coupons.withdraw(unit, code.lower())
    with pytest.raises(CouponRefused):
        redeem(verified, wallet, code)
    assert available(verified, wallet) == UNIT


def test_a_share_of_a_deposit_is_rounded_down_and_bounded(verified, open_wallet):
    wallet = open_wallet()
    code = make(
        verified, percent=333, most_uses=9, most_each=9, least_deposit=UNIT, most_credit=500_000
    )
    first = pay_in(verified, wallet, 10_000_001)
    assert redeem(verified, wallet, code, deposit_id=first).amount == 333_000
    with pytest.raises(CouponRefused):
        redeem(verified, wallet, code, deposit_id=first)
    large = pay_in(verified, wallet, 100 * UNIT, "r2")
    assert redeem(verified, wallet, code, deposit_id=large).amount == 500_000
    small = pay_in(verified, wallet, UNIT - 1, "r3")
    with pytest.raises(CouponRefused, match=r"at least 1\.00"):
        redeem(verified, wallet, code, deposit_id=small)
    with pytest.raises(CouponRefused):
        redeem(verified, wallet, code)
    with pytest.raises(CouponRefused):
        redeem(verified, open_wallet(), code, deposit_id=large)


@pytest.mark.parametrize(
    "terms",
    [{}, {"amount": 1, "percent": 1}, {"amount": 0}, {"amount": -1}, {"percent": 0},
     {"percent": 10_001}, {"amount": 1, "most_uses": 0}, {"amount": 1, "most_each": 0},
     {"amount": 1, "least_deposit": -1}, {"percent": 1, "most_credit": 0}],
)  # fmt: skip
def test_terms_that_say_nothing_are_refused(verified, terms):
    with pytest.raises(InvalidInput):
        make(verified, **terms)


@pytest.mark.parametrize("code", ["abc", "x" * 33, "näh1", "a;b;c;d"])
def test_codes_that_are_none_are_refused(verified, code):
    with pytest.raises(InvalidInput):
        make(verified, code, amount=UNIT)


def test_an_unknown_code_says_no_more_than_an_ended_one(verified, open_wallet):
    wallet = open_wallet()
    ended = make(verified, amount=UNIT, expires_at=NOW)
    said = []
    for code in (ended, "NOSUCHCODE"):
        with pytest.raises(CouponRefused) as refused:
            redeem(verified, wallet, code)
        said.append(refused.value.message)
    assert said[0] == said[1]
