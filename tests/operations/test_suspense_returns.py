"""Money in suspense that goes back: by us, by hand at the gateway, by a dispute."""

from __future__ import annotations

from typing import Any

import pytest

from nexnum_console.operations import suspense_desk
from nexnum_console.operations.verify import verify
from nexnum_console.wallet.gateways.port import GatewayRefused, GatewayUnknown
from nexnum_console.wallet.suspense import AlreadyResolved, BeingReturned, Parked
from nexnum_console.wallet.told import Told
from tests.operations.test_refunds import NOES
from tests.operations.till import UNIT, Till, audited, made_refund, stray, tell_refund
from tests.support.stripe_server import event

AMOUNT = 30 * UNIT
WHY = "the payer wrote to us"


def give(till: Till, row: Parked) -> Told:
    return suspense_desk.assign(till.desk, till.admin, row.id, till.buyer.user_id, WHY)


def send_back(till: Till, row: Parked) -> bool:
    """Whether it is done."""
    return suspense_desk.return_money(till.desk, till.admin, row.id, WHY).done


def dispute(till: Till, row: Parked, kind: str = "created", **other: Any) -> Told:
    thing = {"id": "dp_1", "payment_intent": row.payment_id, "amount": 3000, "currency": "usd"}
    status = {"status": "needs_response"}
    number = next(till.numbers)
    return till.tell(event(number, f"charge.dispute.{kind}", **thing | status | other))


@pytest.mark.parametrize("no", NOES)
def test_a_no_after_a_lost_answer_gives_the_money_to_nobody(
    till: Till, no: tuple[int, str]
) -> None:
    row = stray(till, AMOUNT)
    till.stripe.mood = "lost"
    with pytest.raises(GatewayUnknown):
        send_back(till, row)
    till.stripe.mood, till.stripe.no = "refuse", no
    with pytest.raises(GatewayUnknown):
        send_back(till, row)
    with pytest.raises(BeingReturned):
        give(till, row)
    assert till.alerts() == ["suspense", "refund-unknown"]
    told = tell_refund(till, row.payment_id, AMOUNT, **made_refund(till))
    assert told.outcome == f"suspense {row.id} sent back"
    with pytest.raises(AlreadyResolved, match="returned"):
        give(till, row)
    assert (till.parked(), till.alerts(), till.available()) == ([], [], 0)
    assert audited(till, "suspense") == [("suspense.return", till.admin.name)] * 2


@pytest.mark.parametrize("no", NOES[:3])
def test_what_may_have_been_paid_back_before_we_asked_is_nobodys(
    till: Till, no: tuple[int, str]
) -> None:
    row = stray(till, AMOUNT)
    till.stripe.mood, till.stripe.no = "refuse", no
    with pytest.raises(GatewayUnknown, match=no[1] if no[0] == 400 else "Error"):
        send_back(till, row)
    with pytest.raises(BeingReturned):
        give(till, row)


def test_a_no_to_the_first_ask_leaves_the_money_as_it_was_and_counts_anew(till: Till) -> None:
    row = stray(till, AMOUNT)
    till.stripe.mood = "refuse"
    for _ in range(2):
        with pytest.raises(GatewayRefused):
            send_back(till, row)
    assert give(till, row).outcome == "assigned"


def test_the_gateway_s_word_may_come_before_its_answer(till: Till, monkeypatch) -> None:
    row = stray(till, AMOUNT)
    stripe = till.desk.gateways["stripe"]
    pay = stripe.give_back

    def told_first(*what: Any) -> Any:
        answer = pay(*what)
        tell_refund(till, row.payment_id, AMOUNT, **made_refund(till))
        return answer

    monkeypatch.setattr(stripe, "give_back", told_first)
    assert send_back(till, row)
    assert (till.parked(), till.alerts()) == ([], [])


def test_what_is_refunded_by_hand_after_it_was_assigned_stops_the_wallet(till: Till) -> None:
    row = stray(till, AMOUNT)
    give(till, row)
    for outcome in ("disputed", "disputed before"):
        told = tell_refund(till, row.payment_id, AMOUNT)
        assert (told.outcome, told.user_id) == (outcome, till.buyer.user_id)
    assert till.frozen().startswith(f"suspense {row.id} was paid back at stripe by hand (")
    assert till.carried() == AMOUNT
    (text,) = till.alerts("text")
    assert f"of user {till.buyer.user_id} was paid back" in text
    assert "The wallet is stopped." in text


def test_what_is_disputed_after_it_was_assigned_stops_the_wallet(till: Till) -> None:
    row = stray(till, AMOUNT)
    give(till, row)
    assert dispute(till, row).outcome == "disputed"
    assert till.frozen().startswith(f"suspense {row.id} is disputed at stripe (dp_")
    assert till.carried() == AMOUNT
    assert dispute(till, row, "closed", status="won").outcome == "dispute won"
    assert (till.frozen(), till.carried()) == ("", 0)


def test_an_unknown_payment_s_dispute_says_that_no_wallet_was_stopped(till: Till) -> None:
    row = stray(till, AMOUNT)
    give(till, row)
    assert dispute(till, row, payment_intent="pi_nobody").outcome == "disputed"
    assert till.frozen() == ""
    (text,) = till.alerts("text")
    assert "No wallet was stopped" in text


def test_open_money_that_is_refunded_by_hand_is_closed_and_nobody_gets_it(till: Till) -> None:
    row = stray(till, AMOUNT)
    outcomes = [tell_refund(till, row.payment_id, AMOUNT).outcome for _ in range(2)]
    assert outcomes == [f"suspense {row.id} was paid back at stripe by hand", "refund known"]
    with pytest.raises(AlreadyResolved, match="returned"):
        give(till, row)
    assert (till.parked(), till.carried(), till.frozen()) == ([], 0, "")
    assert till.alerts() == ["deposit-disputed"]
    assert verify(till.database, till.now).ok
    failed = tell_refund(till, row.payment_id, AMOUNT, "failed")
    assert failed.outcome == f"suspense {row.id} is open again"
    assert give(till, row).outcome == "assigned"


def test_open_money_that_is_disputed_is_gone_until_the_dispute_is_won(till: Till) -> None:
    row = stray(till, AMOUNT)
    for outcome in (f"suspense {row.id} is disputed at stripe", "disputed before"):
        assert dispute(till, row).outcome == outcome
    with pytest.raises(AlreadyResolved):
        give(till, row)
    assert verify(till.database, till.now).ok
    won = dispute(till, row, "closed", status="won")
    assert won.outcome == f"dispute won: suspense {row.id} is open again"
    assert dispute(till, row).outcome == "disputed before"
    assert "suspense" in till.alerts()
    assert give(till, row).outcome == "assigned"
    assert (till.available(), till.carried()) == (AMOUNT, 0)


def test_money_that_a_dispute_and_our_own_refund_took_is_gone_twice_and_told(till: Till) -> None:
    row = stray(till, AMOUNT)
    till.stripe.mood = "lost"
    with pytest.raises(GatewayUnknown):
        send_back(till, row)
    dispute(till, row)
    assert tell_refund(till, row.payment_id, AMOUNT, **made_refund(till)).outcome == "disputed"
    assert (till.carried(), till.parked()) == (AMOUNT, [])
    assert till.alerts() == ["deposit-disputed"] * 2


def test_a_part_of_open_money_that_is_refunded_by_hand_is_carried_and_told(till: Till) -> None:
    row = stray(till, AMOUNT)
    assert tell_refund(till, row.payment_id, 10 * UNIT).outcome == "disputed"
    assert (till.parked(), till.carried()) == ([row], 10 * UNIT)
    assert "a part of suspense" in till.alerts("text")[-1]


def test_what_is_on_its_way_is_nobodys_until_the_gateway_has_done_it(till: Till) -> None:
    row = stray(till, AMOUNT)
    till.stripe.refund_status = "pending"
    assert not send_back(till, row)
    with pytest.raises(BeingReturned):
        give(till, row)
    assert till.parked() == [row]
    done = made_refund(till) | {"status": "succeeded", "currency": "usd"}
    assert tell_refund(till, row.payment_id, AMOUNT, **done).outcome.endswith("sent back")
    with till.database.transaction() as unit:
        closed = unit.first("select state, closed_by, note from suspense where id = :i", i=row.id)
    assert dict(closed) == {"state": "returned", "closed_by": till.admin.name, "note": WHY}


@pytest.mark.parametrize("status", ["pending", "succeeded"])
def test_a_return_that_fails_is_in_suspense_again_and_is_sent_back_anew(
    till: Till, status: str
) -> None:
    row = stray(till, AMOUNT)
    till.stripe.refund_status = status
    send_back(till, row)
    first = made_refund(till)
    for outcome in (f"suspense {row.id} is open again", "no refund of ours"):
        told = tell_refund(till, row.payment_id, AMOUNT, **first | {"status": "failed"})
        assert told.outcome == outcome
    assert ([each.id for each in till.parked()], till.alerts()) == ([row.id], ["suspense"])
    assert verify(till.database, till.now).ok
    late = tell_refund(till, row.payment_id, AMOUNT, **first | {"status": "succeeded"})
    assert (late.outcome, len(till.parked())) == ("refund failed before", 1)
    till.stripe.refund_status = "succeeded"
    assert send_back(till, row)
    assert made_refund(till)["id"] != first["id"], "the same key would bring the old answer"
    assert (till.parked(), till.alerts()) == ([], [])
