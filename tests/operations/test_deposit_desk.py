"""Deposits by gateway: booked once or in suspense, whatever the gateway does."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from nexnum_console.core import idempotency
from nexnum_console.core.idempotency import KeyReused
from nexnum_console.operations import deposit_desk
from nexnum_console.operations.verify import verify
from nexnum_console.wallet import coupons, intents
from nexnum_console.wallet.coupons import Terms
from nexnum_console.wallet.gateways.port import (
    CallbackRefused,
    GatewayClosed,
    GatewayRefused,
    GatewayUnknown,
)
from nexnum_console.wallet.gateways.stripe import to_minor
from tests.operations.till import UNIT, Till
from tests.support.stripe_server import SECRET_KEY, event


def test_a_checkout_is_opened_at_stripe_and_booked_on_its_word(till: Till) -> None:
    intent = till.ask()
    path, form, headers = till.stripe.calls[0]
    assert (path, intent.url[:28]) == ("/v1/checkout/sessions", "https://checkout.stripe.com/")
    assert form["line_items[0][price_data][unit_amount]"] == "2500"
    assert form["client_reference_id"] == intent.ticket
    assert headers["idempotency-key"] == f"begin:{intent.ticket}"
    assert (intent.state, till.available()) == ("created", 0)
    assert till.pay(intent).outcome == "booked"
    assert (till.state(intent), till.available()) == ("booked", 25 * UNIT)


def test_f25_a_callback_replayed_fifty_times_at_once_is_booked_once(till: Till) -> None:
    intent = till.ask()
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda _: till.pay(intent, number=7).outcome, range(50)))
    assert outcomes.count("booked") == 1
    assert till.available() == 25 * UNIT


def test_peer_8_two_different_events_of_one_payment_at_once_credit_it_once(till: Till) -> None:
    intent = till.ask()
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda n: till.pay(intent, number=n).outcome, range(100, 116)))
    assert sorted(set(outcomes)) == ["booked", "booked before"]
    assert till.available() == 25 * UNIT


def test_peer_1_nobody_credits_themselves_by_asking(till: Till) -> None:
    for gateway in ("stripe", "sandbox"):
        till.ask(gateway=gateway)
    with pytest.raises(GatewayClosed):
        till.ask(gateway="topup")
    assert till.available() == 0


def test_peer_9_a_deposit_that_waits_is_no_money_and_stops_nothing(till: Till) -> None:
    till.ask(600 * UNIT)
    assert verify(till.database, till.now).ok
    paid = till.ask(600 * UNIT)
    assert till.pay(paid).outcome == "booked"
    assert till.available() == 600 * UNIT


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"amount_total": 2499}, "less than the 25.00 USD asked for"),
        ({"amount_total": 2501}, "more than the 25.00 USD asked for"),
        ({"currency": "eur"}, "EUR instead of USD"),
        ({"client_reference_id": "nxsomebodyelse"}, "no deposit of ours"),
    ],
)
def test_f25_what_does_not_fit_lands_in_suspense_with_an_alert(
    till: Till, other: dict[str, Any], why: str
) -> None:
    intent = till.ask()
    assert till.pay(intent, **other).outcome == f"in suspense: {why}"
    assert till.pay(intent, **other).outcome == "in suspense before"
    (parked,) = till.parked()
    assert (parked.why, till.available(), till.alerts()) == (why, 0, ["suspense"])
    assert verify(till.database, till.now).ok


def test_f25_a_payment_after_the_end_is_still_booked_once(till: Till) -> None:
    intent = till.ask()
    till.now += intents.PATIENCE + timedelta(seconds=1)
    with till.database.transaction() as unit:
        assert intents.expire_due(unit, till.now) == 1
    assert till.state(intent) == "expired"
    assert till.pay(intent).outcome == "booked after it had expired"
    assert till.pay(intent).outcome == "booked before"
    assert till.available() == 25 * UNIT


def test_a_second_payment_of_one_deposit_is_not_swallowed(till: Till) -> None:
    intent = till.ask()
    till.pay(intent)
    told = till.pay(intent, payment_intent="pi_other")
    assert told.outcome == "in suspense: a second payment of a deposit that is booked"
    assert till.available() == 25 * UNIT


@pytest.mark.parametrize(
    "forgery",
    [{"secret": "whsec_of_somebody_else"}, {"at": time.time() - 3600}],
    ids=["another secret", "an hour old"],
)
def test_f25_what_stripe_did_not_sign_now_is_not_read(till: Till, forgery: dict[str, Any]) -> None:
    till.ask()
    with pytest.raises(CallbackRefused):
        till.tell(event(1, "checkout.session.completed", id="cs_test_1"), **forgery)
    with pytest.raises(CallbackRefused):
        deposit_desk.told(till.desk, "stripe", b"{}", {})
    with till.database.transaction() as unit:
        assert unit.scalar("select count(*) from gateway_event") == 0


def test_events_that_are_not_ours_to_act_on_are_kept_and_do_nothing(till: Till) -> None:
    intent = till.ask()
    assert till.tell(event(1, "customer.created", id="cus_1")).outcome == "nothing to do"
    assert till.pay(intent, payment_status="unpaid").outcome == "nothing to do"
    assert till.tell(event(3, "checkout.session.expired", id=intent.external_id)).outcome == (
        "expired"
    )
    assert till.state(intent) == "expired"


def test_the_same_wish_opens_one_checkout_whatever_became_of_the_answer(till: Till) -> None:
    till.stripe.mood = "lost"
    with pytest.raises(GatewayUnknown) as unknown:
        till.ask(key="wish")
    assert unknown.value.status == 503
    till.stripe.mood = "well"
    first = till.ask(key="wish")
    assert till.ask(key="wish") == first
    assert len(till.stripe.made) == 1
    with pytest.raises(KeyReused):
        till.ask(key="wish", amount=26 * UNIT)
    with till.database.transaction() as unit:
        assert unit.scalar("select count(*) from deposit_intent") == 1


def test_a_wish_that_dies_on_its_way_is_taken_up_by_the_next_one(till: Till, monkeypatch) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(intents, "begun", die)
    with pytest.raises(KeyboardInterrupt):
        till.ask(key="wish")
    monkeypatch.undo()
    with pytest.raises(idempotency.InFlight) as busy:
        till.ask(key="wish")
    assert (busy.value.status, busy.value.retry_after) == (409, 5)
    till.now += deposit_desk.LEASE
    assert till.ask(key="wish").external_id == "cs_test_1"
    assert len(till.stripe.made) == 1


def test_stripe_s_no_is_told_without_secrets(till: Till, caplog) -> None:
    till.stripe.mood = "refuse"
    with pytest.raises(GatewayRefused, match="charge_disputed") as refused:
        till.ask()
    assert SECRET_KEY not in str(refused.value) + caplog.text


def test_the_sandbox_s_callbacks_are_signed_too(till: Till) -> None:
    intent = till.ask(gateway="sandbox")
    gateway = till.desk.gateways["sandbox"]
    body = (
        f'{{"event": "e1", "kind": "paid", "ticket": "{intent.ticket}", "payment": "p1",'
        f' "amount": "25.00", "currency": "USD"}}'
    ).encode()
    with pytest.raises(CallbackRefused):
        deposit_desk.told(till.desk, "sandbox", body, {"x-sandbox-signature": "0" * 64})
    headers = {"x-sandbox-signature": gateway.sign(body)}
    assert deposit_desk.told(till.desk, "sandbox", body, headers).outcome == "booked"


def test_a_coupon_goes_with_its_deposit_and_a_bad_one_does_not_hinder_it(till: Till) -> None:
    with till.database.transaction() as unit:
        coupons.make(unit, Terms(percent=1000, most_uses=1), "x", till.now, "TENMORE")
    for expected, note in ((27_500_000, "2.50 credited"), (52_500_000, "used up")):
        intent = till.ask(coupon="ten-more")
        till.pay(intent)
        assert till.available() == expected
        with till.database.transaction() as unit:
            assert note in intents.get(unit, intent.id).note


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [(25_010_000, "USD", 2501), (5_000_000, "JPY", 5), (1_234_000, "KWD", 1234)],
)
def test_amounts_are_what_stripe_counts_in(amount: int, currency: str, minor: int) -> None:
    assert to_minor(amount, currency) == minor


def test_a_part_of_a_cent_is_refused() -> None:
    with pytest.raises(GatewayRefused):
        to_minor(25_005_000, "USD")
