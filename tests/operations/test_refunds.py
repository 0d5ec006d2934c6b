"""Deposits that go back: paid back once, undone where that fails, disputed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from nexnum_console.core.errors import InvalidInput
from nexnum_console.core.idempotency import KeyReused
from nexnum_console.operations import deposit_desk
from nexnum_console.operations.people import NotOneself
from nexnum_console.reports import deposits_list, ledger_book
from nexnum_console.wallet import coupons, ledger
from nexnum_console.wallet.coupons import Terms
from nexnum_console.wallet.errors import InsufficientFunds
from nexnum_console.wallet.gateways.port import GatewayClosed
from nexnum_console.wallet.intents import Intent
from tests.operations.till import UNIT, Till, let_go, made_refund, tell_refund
from tests.support.stripe_server import event


def test_a_deposit_is_paid_back_once_and_the_wallet_pays_first(till: Till) -> None:
    intent = till.ask()
    till.pay(intent)
    back = (till.desk, till.admin, till.deposit_id(intent))
    assert deposit_desk.refund(*back, 10 * UNIT, "asked by mail", "r1") == "done"
    assert deposit_desk.refund(*back, 10 * UNIT, "asked by mail", "r1") == "done"
    assert till.available() == 15 * UNIT
    assert [call[1]["amount"] for call in till.stripe.calls if call[0] == "/v1/refunds"] == ["1000"]
    with pytest.raises(InvalidInput, match=r"15\.00 can be paid back"):
        deposit_desk.refund(*back, 16 * UNIT, "asked by mail", "r2")
    with pytest.raises(NotOneself):
        deposit_desk.refund(till.desk, till.buyer, back[2], UNIT, "it is mine", "r3")
    with till.database.transaction() as unit:
        wallet = unit.scalar("select id from wallet where user_id = :u", u=till.buyer.user_id)
        ledger.hold(unit, wallet, 10 * UNIT, ledger.Cause("test:1", "x", till.now))
    with pytest.raises(InsufficientFunds):
        deposit_desk.refund(*back, 15 * UNIT, "asked by mail", "r4")
    with till.database.transaction() as unit:
        ledger.release(unit, wallet, 10 * UNIT, ledger.Cause("test:1", "x", till.now))


def test_a_key_that_paid_back_once_pays_back_nothing_else(till: Till) -> None:
    first, second = till.ask(), till.ask()
    for intent in (first, second):
        till.pay(intent)
    back = till.desk, till.admin
    deposit_desk.refund(*back, till.deposit_id(first), 10 * UNIT, "asked by mail", "r1")
    for deposit, amount in ((till.deposit_id(first), UNIT), (till.deposit_id(second), 10 * UNIT)):
        with pytest.raises(KeyReused, match=r"paid back 10\.00 of deposit"):
            deposit_desk.refund(*back, deposit, amount, "asked by mail", "r1")
    assert till.available() == 40 * UNIT


def _gift(till: Till, terms: Terms) -> Intent:
    """A deposit of 25.00 with a coupon of those terms, paid."""
    with till.database.transaction() as unit:
        coupons.make(unit, terms, "x", till.now, "GIFT")
    intent = till.ask(coupon="gift")
    till.pay(intent)
    return intent


def _promotions(till: Till) -> int:
    with till.database.transaction() as unit:
        return ledger_book.house_balances(unit)["promo"]


def test_a_deposit_that_is_paid_back_takes_its_coupon_s_gift_with_it(till: Till) -> None:
    intent = _gift(till, Terms(percent=10_000))
    back = till.desk, till.admin, till.deposit_id(intent)
    assert (till.available(), _promotions(till)) == (50 * UNIT, -25 * UNIT)
    assert deposit_desk.refund(*back, 10 * UNIT, "asked by mail", "r1") == "done"
    assert (till.available(), _promotions(till)) == (30 * UNIT, -15 * UNIT)
    with till.database.transaction() as unit:
        reason = unit.scalar("select reason from journal where kind = 'deposit_refund'")
        wallet = unit.scalar("select id from wallet where user_id = :u", u=till.buyer.user_id)
        ledger.hold(unit, wallet, UNIT, ledger.Cause("test:1", "x", till.now))
    assert reason == "asked by mail (with 10.00 of its coupon)"
    with pytest.raises(InsufficientFunds, match=r"takes 30\.00, 15\.00 of it what its coupon gave"):
        deposit_desk.refund(*back, 15 * UNIT, "asked by mail", "r2")
    with till.database.transaction() as unit:
        ledger.release(unit, wallet, UNIT, ledger.Cause("test:1", "x", till.now))
    assert deposit_desk.refund(*back, 15 * UNIT, "asked by mail", "r2") == "done"
    assert (till.available(), _promotions(till)) == (0, 0)


def test_rounding_of_parts_leaves_nothing_of_the_gift_behind(till: Till) -> None:
    intent = _gift(till, Terms(amount=2_000_003, least_deposit=UNIT))
    back = till.desk, till.admin, till.deposit_id(intent)
    for number, part in enumerate((7 * UNIT, 11 * UNIT, 7 * UNIT)):
        deposit_desk.refund(*back, part, "asked by mail", f"r{number}")
    assert (till.available(), _promotions(till)) == (0, 0)


def test_a_refund_that_did_not_happen_gives_the_gift_again(till: Till) -> None:
    intent = _gift(till, Terms(percent=1000))
    back = till.desk, till.admin, till.deposit_id(intent)
    till.stripe.mood = "refuse"
    assert deposit_desk.refund(*back, 25 * UNIT, "asked by mail", "r1") == "refused"
    assert (till.available(), _promotions(till)) == (27_500_000, -2_500_000)
    till.stripe.mood = "well"
    assert deposit_desk.refund(*back, 25 * UNIT, "asked by mail", "r2") == "done"
    assert (till.available(), _promotions(till)) == (0, 0)


def test_a_gift_that_needed_no_deposit_is_kept(till: Till) -> None:
    intent = _gift(till, Terms(amount=5 * UNIT))
    back = till.desk, till.admin, till.deposit_id(intent)
    assert deposit_desk.refund(*back, 25 * UNIT, "asked by mail", "r1") == "done"
    assert till.available() == 5 * UNIT
    with till.database.transaction() as unit:
        shown = deposits_list.deposit_record(unit, f"d{back[2]}")
    assert shown is not None
    assert shown.gift == ""


def test_a_refund_whose_answer_was_lost_is_asked_for_again_and_paid_once(till: Till) -> None:
    intent = till.ask()
    till.pay(intent)
    till.stripe.mood = "lost"
    state = deposit_desk.refund(
        till.desk, till.admin, till.deposit_id(intent), 25 * UNIT, "asked by mail", "r1"
    )
    assert (state, till.available()) == ("asked", 0)
    till.stripe.mood = "well"
    assert deposit_desk.pay_back_due(till.desk) == 0
    till.now += timedelta(minutes=3)
    assert deposit_desk.pay_back_due(till.desk) == 1
    assert deposit_desk.pay_back_due(till.desk) == 0
    assert len([key for key in till.stripe.made if key.startswith("/v1/refunds")]) == 1
    assert till.state(intent) == "refunded"


NOES = [
    (401, "api_key_invalid"),
    (403, "account_invalid"),
    (400, "charge_already_refunded"),
    (400, "charge_disputed"),
]


def lose_the_answer(till: Till):
    """25.00 on its way back, which Stripe paid and never said so."""
    intent = till.ask()
    till.pay(intent)
    till.stripe.mood = "lost"
    back = (till.desk, till.admin, till.deposit_id(intent), 25 * UNIT, "asked by mail", "r1")
    assert deposit_desk.refund(*back) == "asked"
    till.now += timedelta(minutes=3)
    return intent


@pytest.mark.parametrize("no", NOES)
def test_a_no_after_a_lost_answer_gives_nothing_back_for_it_may_have_been_paid(
    till: Till, no: tuple[int, str]
) -> None:
    intent = lose_the_answer(till)
    till.stripe.mood, till.stripe.no = "refuse", no
    for _ in range(2):
        assert deposit_desk.pay_back_due(till.desk) == 1
        assert (till.available(), till.alerts()) == (0, ["refund-unknown"])
    told = tell_refund(till, f"pi_{intent.id}", 25 * UNIT, **made_refund(till))
    assert told.outcome.endswith("done")
    assert (till.available(), till.alerts(), till.frozen()) == (0, [], "")
    assert deposit_desk.pay_back_due(till.desk) == 0


def test_a_refund_by_hand_ends_one_whose_answer_was_lost_and_a_second_payment_is_noticed(
    till: Till,
) -> None:
    intent = lose_the_answer(till)
    assert tell_refund(till, f"pi_{intent.id}", 10 * UNIT).outcome == "disputed"
    whole = (till, f"pi_{intent.id}", 25 * UNIT)
    assert tell_refund(*whole, id="re_other").outcome.endswith("done")
    assert tell_refund(*whole, id="re_other").outcome == "refund known"
    assert (deposit_desk.pay_back_due(till.desk), till.carried()) == (0, 10 * UNIT)
    assert tell_refund(*whole, **made_refund(till)).outcome == "disputed"
    assert (till.carried(), till.available()) == (35 * UNIT, 0)


def test_a_refund_under_way_waits_while_its_gateway_is_closed(till: Till) -> None:
    lose_the_answer(till)
    closed = replace(till.desk, gateways={})
    assert deposit_desk.pay_back_due(closed) == 1
    assert (till.available(), till.alerts()) == (0, ["refund-unknown"])
    till.stripe.mood = "well"
    assert deposit_desk.pay_back_due(till.desk) == 1
    assert (till.available(), till.alerts()) == (0, [])
    assert len([key for key in till.stripe.made if key.startswith("/v1/refunds")]) == 1


def test_a_refund_is_not_asked_for_again_once_the_gateway_may_have_forgotten_its_key(
    till: Till,
) -> None:
    intent = lose_the_answer(till)
    till.stripe.mood, asked = "well", len(till.stripe.calls)
    till.now += deposit_desk.KEY_LIFE
    deposit_desk.pay_back_due(till.desk)
    assert (len(till.stripe.calls), till.alerts()) == (asked, ["refund-unknown"])
    tell_refund(till, f"pi_{intent.id}", 25 * UNIT, **made_refund(till))
    assert (till.available(), till.alerts()) == (0, [])


def test_nothing_is_debited_for_a_refund_by_a_gateway_that_is_closed(till: Till) -> None:
    intent = till.ask()
    till.pay(intent)
    closed = replace(till.desk, gateways={})
    with pytest.raises(GatewayClosed, match="nothing was changed"):
        deposit_desk.refund(
            closed, till.admin, till.deposit_id(intent), UNIT, "asked by mail", "r1"
        )
    assert till.available() == 25 * UNIT


def test_a_refund_done_after_it_was_undone_stops_the_wallet_and_the_house_carries_it(
    till: Till,
) -> None:
    intent = till.ask()
    till.pay(intent)
    till.stripe.mood = "refuse"
    back = (till.desk, till.admin, till.deposit_id(intent), 25 * UNIT, "asked by mail", "r1")
    assert deposit_desk.refund(*back) == "refused"
    said = {"id": "re_late", "metadata": {"ticket": f"refund:{till.admin.name}:r1"}}
    for outcome in ("disputed", "disputed before"):
        assert tell_refund(till, f"pi_{intent.id}", 25 * UNIT, **said).outcome == outcome
    assert (till.available(), till.carried()) == (25 * UNIT, 25 * UNIT)
    assert "although refund 1 is refused" in till.frozen()
    assert till.alerts() == ["deposit-disputed"]


def test_a_refund_that_stripe_refuses_is_the_wallet_s_again(till: Till) -> None:
    intent = till.ask()
    till.pay(intent)
    till.stripe.mood = "refuse"
    back = (till.desk, till.admin, till.deposit_id(intent), 25 * UNIT, "asked by mail", "r1")
    assert deposit_desk.refund(*back) == "refused"
    assert till.available() == 25 * UNIT


def test_a_refund_that_fails_days_later_is_undone_by_a_journal(till: Till) -> None:
    intent = till.ask()
    till.pay(intent)
    till.stripe.refund_status = "pending"
    back = (till.desk, till.admin, till.deposit_id(intent), 25 * UNIT, "asked by mail", "r1")
    assert deposit_desk.refund(*back) == "asked"
    made = next(m for key, m in till.stripe.made.items() if key.startswith("/v1/refunds"))
    failed = event(90, "refund.failed", currency="usd", **made | {"status": "failed"})
    assert till.tell(failed).outcome.endswith("undone")
    failed = event(91, "refund.updated", currency="usd", **made | {"status": "failed"})
    assert till.tell(failed).outcome == "no refund of ours"
    assert (till.available(), till.state(intent)) == (25 * UNIT, "booked")
    late = event(92, "refund.updated", currency="usd", **made | {"status": "succeeded"})
    assert till.tell(late).outcome == "refund known"
    assert (till.available(), till.frozen(), till.alerts()) == (25 * UNIT, "", [])


def test_a_deposit_is_paid_back_in_part_while_another_part_of_it_is_left(till: Till) -> None:
    intent = till.ask()
    till.pay(intent)
    back = (till.desk, till.admin, till.deposit_id(intent), 10 * UNIT, "asked by mail")
    assert deposit_desk.refund(*back, "r1") == "done"
    till.stripe.mood = "refuse"
    assert deposit_desk.refund(*back, "r2") == "refused"
    assert (till.available(), till.state(intent)) == (15 * UNIT, "refunded")
    failed = event(90, "refund.failed", currency="usd", **made_refund(till) | {"status": "failed"})
    till.tell(failed)
    assert (till.available(), till.state(intent)) == (25 * UNIT, "booked")


def test_a_refund_made_at_stripe_by_hand_is_not_lost_on_us(till: Till) -> None:
    intent = till.ask()
    till.pay(intent)
    thing = {
        "id": "re_hand",
        "payment_intent": f"pi_{intent.id}",
        "amount": 2500,
        "currency": "usd",
        "status": "succeeded",
        "metadata": {},
    }
    for number, kind in enumerate(("refund.created", "refund.updated"), start=60):
        till.tell(event(number, kind, **thing))
    assert till.alerts() == ["deposit-disputed"]
    with till.database.transaction() as unit:
        assert unit.scalar("select count(*) from journal where kind = 'dispute'") == 1


def test_a_refund_by_hand_that_is_told_again_after_it_was_settled_stops_nothing(till: Till) -> None:
    intent = till.ask()
    till.pay(intent)
    assert tell_refund(till, f"pi_{intent.id}", 25 * UNIT).outcome == "disputed"
    assert "paid back at stripe by hand" in till.frozen()
    let_go(till)
    assert tell_refund(till, f"pi_{intent.id}", 25 * UNIT).outcome == "disputed before"
    assert (till.frozen(), till.alerts(), till.carried()) == ("", [], 25 * UNIT)


def test_a_refund_by_hand_that_fails_later_is_carried_no_longer(till: Till) -> None:
    intent = till.ask()
    till.pay(intent)
    payment = (till, f"pi_{intent.id}", 25 * UNIT)
    assert tell_refund(*payment, status="failed").outcome == "no refund of ours"
    tell_refund(*payment)
    assert tell_refund(*payment, status="failed").outcome == "refund by hand failed"
    assert tell_refund(*payment, status="failed").outcome == "refund failed before"
    assert (till.carried(), till.state(intent)) == (0, "booked")
    assert till.frozen(), "a person lets it go, with what they corrected for it"
    assert till.alerts() == ["deposit-disputed", "refund-failed"]
    let_go(till)
    assert tell_refund(*payment).outcome == "won before"
    assert (till.frozen(), till.alerts(), till.carried()) == ("", [], 0)
