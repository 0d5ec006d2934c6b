"""Money in as a page asks for it: what is offered, one deposit for a click, coupons not guessed."""

from __future__ import annotations

import pytest
import redis

from nexnum_console.core.runtime_settings import change
from nexnum_console.core.throttle import Throttle, TooMany
from nexnum_console.operations import topping_up
from nexnum_console.wallet import coupons, intents
from nexnum_console.wallet.coupons import CouponRefused, Terms
from nexnum_console.wallet.gateways.port import GatewayUnknown
from tests.operations.till import UNIT, Till

KEY = "a" * 32


def wish(till: Till, amount: int = 25 * UNIT) -> topping_up.Opened:
    return topping_up.open_once(till.desk, till.buyer, "stripe", amount, "", KEY)


def test_transfers_are_offered_last_and_only_where_an_admin_says_how(till: Till) -> None:
    with till.database.transaction() as unit:
        change(unit, "manual_deposits", "", till.now)
    with till.database.transaction() as unit:
        assert [one.name for one in till.desk.offered(unit)] == ["sandbox", "stripe"]
        change(unit, "manual_deposits", "Bank 12 34", till.now)
    with till.database.transaction() as unit:
        assert till.desk.offered(unit)[-1].name == "manual"


def test_a_click_sent_twice_opens_one_and_another_amount_another(till: Till) -> None:
    till.stripe.mood = "lost"
    with pytest.raises(GatewayUnknown):
        wish(till)
    till.stripe.mood = "well"
    first = wish(till)
    assert first == wish(till)
    assert first.url.startswith("https://checkout.stripe.com/")
    assert not first.booked
    assert wish(till, 26 * UNIT).ticket != first.ticket
    with till.database.transaction() as unit:
        asked = intents.of_user(unit, till.buyer.user_id)
    assert [intent.amount for intent in asked] == [26 * UNIT, 25 * UNIT]
    assert till.available() == 0


def test_codes_of_coupons_cannot_be_guessed(till: Till, redis_client: redis.Redis) -> None:
    throttle = Throttle(redis_client)
    with till.database.transaction() as unit:
        coupons.make(unit, Terms(amount=UNIT), "x", till.now, "RIGHTONE")

    def attempt(code: str) -> int:
        return topping_up.redeem(till.desk, throttle, till.buyer, "192.0.2.7", code)[0]

    for _ in range(topping_up.COUPON_TRIES.tries - 1):
        with pytest.raises(CouponRefused):
            attempt("WRONGONE")
    assert attempt("right-one") == UNIT
    assert till.available() == UNIT
    with pytest.raises(TooMany):
        attempt("RIGHTONE")
