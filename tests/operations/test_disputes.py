"""What a gateway takes back: disputes, won and lost in any order, and a bank's inquiries."""

from __future__ import annotations

import pytest

from nexnum_console.wallet import freezing, ledger
from nexnum_console.wallet.errors import WalletFrozen
from nexnum_console.wallet.intents import Intent
from tests.operations.till import UNIT, Till, let_go
from tests.support.stripe_server import event


def _dispute(till: Till, number: int, kind: str, intent: Intent, status: str) -> str:
    thing = {"id": "dp_1", "payment_intent": f"pi_{intent.id}", "amount": 2500, "currency": "usd"}
    return till.tell(event(number, f"charge.dispute.{kind}", **thing, status=status)).outcome


def test_a_dispute_stops_the_wallet_and_the_house_carries_it_until_it_is_won(till: Till) -> None:
    intent = till.ask()
    till.pay(intent)
    thing = {"id": "dp_1", "payment_intent": f"pi_{intent.id}", "amount": 2500, "currency": "usd"}
    for number in (50, 51):
        till.tell(event(number, "charge.dispute.created", **thing, status="needs_response"))
    assert (till.state(intent), till.alerts()) == ("disputed", ["deposit-disputed"])
    assert till.available() == 25 * UNIT
    with till.database.transaction() as unit:
        wallet = unit.scalar("select id from wallet where user_id = :u", u=till.buyer.user_id)
        with pytest.raises(WalletFrozen):
            ledger.hold(unit, wallet, UNIT, ledger.Cause("test:1", "x", till.now))
        assert (
            unit.scalar(
                "select sum(amount) from entry join account a on a.id = account_id"
                " where a.code = 'dispute:stripe'"
            )
            == -25 * UNIT
        )
    till.tell(event(52, "charge.dispute.closed", **thing, status="won"))
    assert till.state(intent) == "booked"
    with till.database.transaction() as unit:
        assert (
            unit.scalar(
                "select sum(amount) from entry join account a on a.id = account_id"
                " where a.code = 'dispute:stripe'"
            )
            == 0
        )


def test_a_dispute_that_is_won_frees_the_wallet_of_itself_and_of_no_other(till: Till) -> None:
    things = []
    for number in (1, 2):
        intent = till.ask()
        till.pay(intent)
        about = {"payment_intent": f"pi_{intent.id}", "amount": 2500, "currency": "usd"}
        things.append({"id": f"dp_{number}", **about})
        opened = things[-1] | {"status": "needs_response"}
        till.tell(event(70 + number, "charge.dispute.created", **opened))
    with till.database.transaction() as unit:
        wallet = unit.scalar("select id from wallet where user_id = :u", u=till.buyer.user_id)
    till.tell(event(80, "charge.dispute.closed", **things[0], status="won"))
    with till.database.transaction() as unit:
        (left,) = freezing.standing(unit, wallet)
        assert left.words.endswith("is disputed at stripe (dp_2)")
        assert unit.scalar("select frozen_reason from wallet where id = :w", w=wallet) == left.words
        with pytest.raises(WalletFrozen):
            ledger.hold(unit, wallet, UNIT, ledger.Cause("test:1", "x", till.now))
    till.tell(event(81, "charge.dispute.closed", **things[1], status="won"))
    with till.database.transaction() as unit:
        assert freezing.standing(unit, wallet) == []
        assert (
            unit.all("select closed_by, note from wallet_freeze")
            == [{"closed_by": "gateway:stripe", "note": "dispute won"}] * 2
        )
        # Whoever may be charged again is not frozen.
        ledger.penalise(unit, wallet, UNIT, ledger.Cause("penalty:1", "x", till.now))


def test_a_dispute_that_is_won_settles_its_alert(till: Till) -> None:
    intent = till.ask()
    till.pay(intent)
    _dispute(till, 50, "created", intent, "needs_response")
    assert till.alerts() == ["deposit-disputed"]
    _dispute(till, 51, "closed", intent, "won")
    assert (till.alerts(), till.frozen(), till.carried()) == ([], "", 0)


def test_a_dispute_won_after_the_wallet_was_let_go_asks_for_the_correction_back(till: Till) -> None:
    intent = till.ask()
    till.pay(intent)
    _dispute(till, 50, "created", intent, "needs_response")
    let_go(till)
    for number in (51, 52):
        _dispute(till, number, "closed", intent, "won")
    (said,) = till.alerts("text")
    assert "is won" in said
    assert "corrected for this dispute, give that back" in said
    assert (till.state(intent), till.carried()) == ("booked", 0)


def test_a_dispute_that_is_lost_leaves_the_wallet_stopped_and_says_what_is_left(till: Till) -> None:
    intent = till.ask()
    till.pay(intent)
    _dispute(till, 50, "created", intent, "needs_response")
    for number in (51, 52):
        assert _dispute(till, number, "closed", intent, "lost") == "dispute lost"
    (said,) = till.alerts("text")
    assert said.startswith(
        f"25.00 USD of user {till.buyer.user_id} (pi_{intent.id}) was disputed and"
    )
    assert "correct its balance by what the user owes" in said
    assert (till.carried(), till.state(intent)) == (25 * UNIT, "disputed")
    assert till.frozen()
    let_go(till)
    assert _dispute(till, 53, "closed", intent, "lost") == "dispute lost"
    assert (till.alerts(), till.frozen(), till.carried()) == ([], "", 25 * UNIT)


def test_a_dispute_lost_before_it_is_told_of_is_booked_once(till: Till) -> None:
    intent = till.ask()
    till.pay(intent)
    _dispute(till, 51, "closed", intent, "lost")
    assert (till.carried(), till.state(intent)) == (25 * UNIT, "disputed")
    assert _dispute(till, 50, "created", intent, "needs_response") == "disputed before"
    assert (till.carried(), till.alerts()) == (25 * UNIT, ["deposit-disputed"])


def test_a_bank_s_inquiry_takes_nothing_until_it_becomes_a_dispute(till: Till) -> None:
    intent = till.ask()
    till.pay(intent)
    assert _dispute(till, 50, "created", intent, "warning_needs_response") == "inquiry"
    assert (till.carried(), till.frozen(), till.state(intent)) == (0, "", "booked")
    (said,) = till.alerts("text")
    assert "Nothing was taken" in said
    _dispute(till, 51, "updated", intent, "needs_response")
    assert (till.carried(), till.alerts()) == (0, ["deposit-inquiry"])
    assert _dispute(till, 52, "funds_withdrawn", intent, "needs_response") == "disputed"
    assert (till.carried(), till.alerts()) == (25 * UNIT, ["deposit-disputed"])
    assert till.frozen()


def test_an_inquiry_that_is_closed_leaves_no_trace_in_the_books(till: Till) -> None:
    intent = till.ask()
    till.pay(intent)
    _dispute(till, 50, "created", intent, "warning_needs_response")
    assert _dispute(till, 51, "closed", intent, "warning_closed") == "inquiry closed"
    assert (till.carried(), till.frozen(), till.alerts()) == (0, "", [])
    assert till.state(intent) == "booked"
    with till.database.transaction() as unit:
        assert not unit.scalar("select count(*) from journal where kind like 'dispute%'")


def test_a_dispute_that_was_won_before_it_is_told_of_stops_nothing(till: Till) -> None:
    intent = till.ask()
    till.pay(intent)
    thing = {"id": "dp_1", "payment_intent": f"pi_{intent.id}", "amount": 2500, "currency": "usd"}
    till.tell(event(52, "charge.dispute.closed", **thing, status="won"))
    told = till.tell(event(50, "charge.dispute.created", **thing, status="needs_response"))
    assert told.outcome == "won before"
    assert (till.state(intent), till.frozen(), till.alerts()) == ("booked", "", [])
    assert till.carried() == 0
