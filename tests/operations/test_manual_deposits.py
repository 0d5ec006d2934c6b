"""Deposits by hand: an admin saw the money, and above the limit a second one agrees."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from nexnum_console.core.actor import Actor
from nexnum_console.core.errors import InvalidInput
from nexnum_console.core.money import to_micro
from nexnum_console.core.runtime_settings import change
from nexnum_console.operations import deposit_desk, manual_deposits
from nexnum_console.operations.people import NotOneself
from nexnum_console.wallet.approvals import AlreadyDecided, AwaitsApproval
from nexnum_console.wallet.gateways.port import (
    CallbackRefused,
    GatewayClosed,
)
from nexnum_console.wallet.intents import Intent
from nexnum_console.wallet.told import Told
from tests.operations.till import UNIT, Till, audited, decide, person

LIMIT = to_micro(250)


@pytest.fixture
def second(till: Till) -> Actor:
    """Another admin; deposits by hand are open."""
    with till.database.transaction() as unit:
        change(unit, "manual_deposits", "IBAN DE00 1234", till.now)
    return person(till.database, "second@example.org", "admin")


def confirm(
    till: Till, who: Actor, intent: Intent, amount: int, reference: str = "SEPA 2026-11-01/77"
) -> Told:
    return manual_deposits.confirm(
        till.desk, who, intent.id, reference, amount, "seen on the account"
    )


def test_a_manual_deposit_waits_for_an_admin_who_saw_the_money(till: Till) -> None:
    with pytest.raises(GatewayClosed):
        till.ask(gateway="manual")
    with till.database.transaction() as unit:
        change(unit, "manual_deposits", "IBAN DE00 1234", till.now)
    intent = till.ask(gateway="manual")
    with pytest.raises(CallbackRefused):
        deposit_desk.told(till.desk, "manual", b"{}", {})
    confirm = (till.desk, till.admin, intent.id, "SEPA 2026-11-01/77", 25 * UNIT, "on the account")
    with pytest.raises(NotOneself):
        manual_deposits.confirm(till.desk, till.buyer, *confirm[2:])
    assert manual_deposits.confirm(*confirm).outcome == "booked"
    assert manual_deposits.confirm(*confirm).outcome == "told before"
    assert till.available() == 25 * UNIT
    other = till.ask(gateway="manual")
    assert manual_deposits.confirm(till.desk, till.admin, other.id, *confirm[3:]).outcome == (
        "told before"
    )
    assert till.available() == 25 * UNIT


@pytest.mark.parametrize("amount", [0, -25 * UNIT])
def test_what_is_no_money_confirms_nothing_and_uses_up_no_reference(
    till: Till, second: Actor, amount: int
) -> None:
    intent = till.ask(gateway="manual")
    with pytest.raises(InvalidInput, match="an amount above zero"):
        confirm(till, till.admin, intent, amount)
    assert (till.state(intent), till.alerts(), audited(till, "deposit")) == ("created", [], [])
    assert confirm(till, till.admin, intent, 25 * UNIT).outcome == "booked"


def test_above_the_limit_a_second_admin_must_have_seen_the_money_too(
    till: Till, second: Actor
) -> None:
    intent = till.ask(LIMIT + 1, gateway="manual")
    asked = confirm(till, till.admin, intent, LIMIT + 1)
    assert (asked.outcome, asked.deposit_id) == ("waits for a second admin", None)
    assert (till.available(), till.state(intent)) == (0, "created")
    assert confirm(till, till.admin, intent, LIMIT + 1) == asked, "the same word asks once"
    for who in (till.admin, till.buyer):
        with pytest.raises(NotOneself):
            decide(till, who, asked)
    done = decide(till, second, asked)
    assert (done.outcome, done.available, done.email) == (
        "booked",
        LIMIT + 1,
        "buyer@example.org",
    )
    assert (till.available(), till.state(intent)) == (LIMIT + 1, "booked")
    with pytest.raises(AlreadyDecided):
        decide(till, second, asked)
    assert confirm(till, till.admin, intent, LIMIT + 1).outcome == "told before"
    assert audited(till, "deposit") == [
        ("deposit.confirm_ask", till.admin.name),
        ("deposit.confirm", second.name),
        ("deposit.confirm", till.admin.name),
    ]
    with till.database.transaction() as unit:
        row = unit.first("select state, journal_id, payment from adjustment_request")
        booked = unit.scalar("select id from journal where kind = 'deposit'")
    assert dict(row) == {"state": "approved", "journal_id": booked, "payment": "SEPA 2026-11-01/77"}


def test_what_is_at_the_limit_is_booked_at_once(till: Till, second: Actor) -> None:
    intent = till.ask(LIMIT, gateway="manual")
    assert confirm(till, till.admin, intent, LIMIT).outcome == "booked"


def test_no_other_word_about_a_deposit_passes_the_request_by(till: Till, second: Actor) -> None:
    intent = till.ask(2 * LIMIT, gateway="manual")
    asked = confirm(till, till.admin, intent, 2 * LIMIT)
    for who, amount, reference in (
        (second, 2 * LIMIT, "SEPA 2026-11-01/77"),
        (till.admin, LIMIT, "SEPA 2026-11-01/77"),
        (till.admin, 2 * LIMIT, "another transfer"),
    ):
        with pytest.raises(AwaitsApproval):
            confirm(till, who, intent, amount, reference)
    assert decide(till, second, asked, approve=False).outcome == "refused"
    assert (till.available(), till.state(intent)) == (0, "created")
    # Refused is not lost: it may be asked for anew, and taken back.
    again = confirm(till, till.admin, intent, 2 * LIMIT)
    assert again.request_id != asked.request_id
    assert decide(till, till.admin, again, approve=False).outcome == "withdrawn"
    assert [action for action, _ in audited(till, "deposit")] == [
        "deposit.confirm_ask",
        "deposit.confirm_reject",
        "deposit.confirm_ask",
        "deposit.confirm_reject",
    ]


def test_more_than_was_asked_for_waits_too_and_then_goes_to_suspense(
    till: Till, second: Actor
) -> None:
    intent = till.ask(25 * UNIT, gateway="manual")
    asked = confirm(till, till.admin, intent, 2 * LIMIT)
    assert till.parked() == []
    done = decide(till, second, asked)
    assert done.outcome == "in suspense: more than the 25.00 USD asked for"
    (parked,) = till.parked()
    assert (parked.amount, till.available(), till.state(intent)) == (2 * LIMIT, 0, "suspense")


def test_a_reference_that_was_booked_meanwhile_is_not_booked_again(
    till: Till, second: Actor
) -> None:
    intent = till.ask(2 * LIMIT, gateway="manual")
    asked = confirm(till, till.admin, intent, 2 * LIMIT)
    other = till.ask(25 * UNIT, gateway="manual")
    assert confirm(till, till.admin, other, 25 * UNIT).outcome == "booked"
    with pytest.raises(InvalidInput, match="told before"):
        decide(till, second, asked)
    assert till.available() == 25 * UNIT
    decide(till, second, asked, approve=False)


def test_many_who_confirm_at_once_ask_once_and_many_who_decide_book_once(
    till: Till, second: Actor
) -> None:
    intent = till.ask(2 * LIMIT, gateway="manual")
    with ThreadPoolExecutor(6) as pool:
        told = set(pool.map(lambda _: confirm(till, till.admin, intent, 2 * LIMIT), range(6)))
    (asked,) = told

    def attempt(_: int) -> bool:
        try:
            decide(till, second, asked)
        except AlreadyDecided:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(attempt, range(6))).count(True) == 1
    assert till.available() == 2 * LIMIT
