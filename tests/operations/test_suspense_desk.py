"""Money in suspense: whose it is, above the limit by two people, or sent back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from nexnum_console.core.actor import Actor
from nexnum_console.core.errors import BusinessError, InvalidInput
from nexnum_console.core.money import to_micro
from nexnum_console.core.runtime_settings import change
from nexnum_console.operations import suspense_desk
from nexnum_console.operations.people import NotOneself
from nexnum_console.operations.verify import verify
from nexnum_console.reports.suspense_list import suspense_record
from nexnum_console.wallet import approvals
from nexnum_console.wallet.approvals import AlreadyDecided, AwaitsApproval
from nexnum_console.wallet.gateways.port import GatewayRefused, GatewayUnknown
from nexnum_console.wallet.suspense import AlreadyResolved, BeingReturned, Parked
from nexnum_console.wallet.told import Told
from tests.operations.till import UNIT, Till, audited, decide, person, stray
from tests.support.stripe_server import event

LIMIT = to_micro(250)
WHY = "the payer wrote to us"


@pytest.fixture
def second(till: Till) -> Actor:
    """Another admin."""
    return person(till.database, "second@example.org", "admin")


def assign(till: Till, who: Actor, row: Parked, **more: Any) -> Told:
    return suspense_desk.assign(till.desk, who, row.id, till.buyer.user_id, WHY, **more)


def request_row(till: Till, told: Told) -> dict[str, Any]:
    with till.database.transaction() as unit:
        row = unit.first(
            "select state, amount, credit, suspense_id, intent_id, journal_id, decided_by"
            " from adjustment_request where id = :id",
            id=told.request_id,
        )
        assert row is not None
        return dict(row)


def test_money_in_suspense_is_assigned_or_returned_once_by_new_journals(till: Till) -> None:
    intent = till.ask()
    till.pay(intent, amount_total=2000)
    till.pay(intent, client_reference_id="nobody", payment_intent="pi_stray", amount_total=900)
    first, second = till.parked()
    with pytest.raises(NotOneself):
        suspense_desk.assign(till.desk, till.buyer, first.id, till.buyer.user_id, "mine it is")
    assigned = (till.desk, till.admin, first.id, till.buyer.user_id, "paid in part, agreed")
    suspense_desk.assign(*assigned)
    with pytest.raises(AlreadyResolved):
        suspense_desk.assign(*assigned)
    assert till.available() == 20 * UNIT
    assert verify(till.database, till.now).ok
    till.stripe.mood = "down"
    with pytest.raises(GatewayUnknown):
        suspense_desk.return_money(till.desk, till.admin, second.id, "nobody knows it")
    till.stripe.mood = "well"
    returned = suspense_desk.return_money(till.desk, till.admin, second.id, "nobody knows it")
    with pytest.raises(AlreadyResolved):
        suspense_desk.return_money(till.desk, till.admin, second.id, "nobody knows it")
    told = event(
        70,
        "refund.updated",
        id=returned.external_id,
        payment_intent="pi_stray",
        amount=900,
        currency="usd",
        status="succeeded",
        metadata={},
    )
    assert till.tell(told).outcome == "refund known"
    assert (till.parked(), till.alerts()) == ([], [])


def test_foreign_money_is_assigned_at_what_a_person_says_it_is_worth(till: Till) -> None:
    intent = till.ask()
    till.pay(intent, currency="eur")
    (parked,) = till.parked()
    assign = (till.desk, till.admin, parked.id, till.buyer.user_id, "at today's rate")
    with pytest.raises(InvalidInput, match="worth in USD"):
        suspense_desk.assign(*assign)
    suspense_desk.assign(*assign, credit=27 * UNIT)
    assert till.available() == 27 * UNIT
    with till.database.transaction() as unit:
        codes = unit.run("select code from account where wallet_id is null order by code")
        assert {"gateway:stripe.eur", "suspense:eur", "fx_difference:eur"} <= set(codes.scalars())


def test_what_is_at_the_limit_is_one_admin_s_word(till: Till) -> None:
    told = assign(till, till.admin, stray(till, LIMIT))
    assert (told.outcome, told.request_id, till.available()) == ("assigned", None, LIMIT)
    with till.database.transaction() as unit:
        assert approvals.pending(unit) == []
    assert audited(till, "suspense") == [("suspense.assign", till.admin.name)]


def test_above_the_limit_it_is_nobody_s_until_a_second_admin_agrees(
    till: Till, second: Actor
) -> None:
    row = stray(till, LIMIT + 10_000)
    asked = assign(till, till.admin, row)
    assert (asked.outcome, asked.user_id) == ("waits for a second admin", till.buyer.user_id)
    assert (till.available(), till.parked(), till.alerts()) == (0, [row], ["suspense"])
    assert assign(till, till.admin, row) == asked, "the same word asks once"
    assert request_row(till, asked)["credit"] is None
    for who in (till.admin, till.buyer):
        with pytest.raises(NotOneself):
            decide(till, who, asked)
    done = decide(till, second, asked)
    assert (done.outcome, done.available) == ("booked", LIMIT + 10_000)
    assert (till.available(), till.parked(), till.alerts()) == (LIMIT + 10_000, [], [])
    with pytest.raises(AlreadyDecided):
        decide(till, second, asked)
    with pytest.raises(AlreadyResolved):
        assign(till, till.admin, row)
    assert audited(till, "suspense") == [
        ("suspense.assign_ask", till.admin.name),
        ("suspense.assign", second.name),
    ]
    with till.database.transaction() as unit:
        after = unit.scalar("select after from audit_entry where action = 'suspense.assign'")
        booked = unit.scalar("select id from journal where kind = 'suspense_release'")
        closed = unit.first("select state, closed_by, note from suspense")
    assert (after["asked_by"], after["request"]) == (till.admin.name, asked.request_id)
    assert request_row(till, asked) == {
        "state": "approved",
        "amount": LIMIT + 10_000,
        "credit": None,
        "suspense_id": row.id,
        "intent_id": None,
        "journal_id": booked,
        "decided_by": second.name,
    }
    assert dict(closed) == {"state": "assigned", "closed_by": second.name, "note": WHY}


def test_while_a_request_waits_no_other_word_moves_the_money(till: Till, second: Actor) -> None:
    row = stray(till, 2 * LIMIT)
    asked = assign(till, till.admin, row)
    friend = person(till.database, "friend@example.org", "user")
    with pytest.raises(AwaitsApproval) as waits:
        assign(till, second, row)
    assert (waits.value.status, waits.value.code) == (409, "awaits_approval")
    with pytest.raises(AwaitsApproval):
        suspense_desk.assign(till.desk, till.admin, row.id, friend.user_id, WHY)
    with till.database.transaction() as unit:
        change(unit, "adjustment_alone", "500", till.now)
    with pytest.raises(AwaitsApproval):
        assign(till, second, row)
    with pytest.raises(AwaitsApproval):
        suspense_desk.return_money(till.desk, second, row.id, "nobody knows it")
    assert "/v1/refunds" not in [path for path, _, _ in till.stripe.calls]
    assert decide(till, second, asked, approve=False).outcome == "refused"
    assert (till.available(), till.parked()) == (0, [row])
    assert audited(till, "suspense")[-1] == ("suspense.assign_reject", second.name)
    # Refused is not lost: it may be sent back now.
    suspense_desk.return_money(till.desk, second, row.id, "nobody knows it")
    assert till.parked() == []


def test_the_asker_takes_it_back_and_may_ask_for_somebody_else(till: Till, second: Actor) -> None:
    row = stray(till, 2 * LIMIT)
    asked = assign(till, till.admin, row)
    assert decide(till, till.admin, asked, approve=False).outcome == "withdrawn"
    assert (till.parked(), request_row(till, asked)["state"]) == ([row], "withdrawn")
    friend = person(till.database, "friend@example.org", "user")
    again = suspense_desk.assign(till.desk, till.admin, row.id, friend.user_id, WHY)
    assert again.request_id != asked.request_id
    assert decide(till, second, again).email == "friend@example.org"
    assert till.available() == 0


class Slow:
    """Stripe, taking so long to pay back that somebody acts meanwhile."""

    def __init__(self, till: Till, row: Parked) -> None:
        self.till, self.row, self.gateway = till, row, till.desk.gateways["stripe"]

    def give_back(self, *what: Any) -> Any:
        for credit in (None, self.row.amount):
            with pytest.raises(BeingReturned, match="asked to pay this money back"):
                assign(self.till, self.till.admin, self.row, credit=credit)
        return self.gateway.give_back(*what)


@pytest.mark.parametrize("amount", [LIMIT // 2, 2 * LIMIT])
def test_what_is_being_returned_is_nobody_elses(till: Till, second: Actor, amount: int) -> None:
    row = stray(till, amount)
    desk = replace(till.desk, gateways={"stripe": Slow(till, row)})
    suspense_desk.return_money(desk, second, row.id, "nobody knows it")
    with pytest.raises(AlreadyResolved, match="returned before"):
        assign(till, till.admin, row)
    assert till.available() == 0


class Broken:
    """Stripe, which says no, or whose answer is lost after it paid."""

    def __init__(self, till: Till, error: BusinessError) -> None:
        self.gateway, self.error = till.desk.gateways["stripe"], error

    def give_back(self, *what: Any) -> Any:
        if isinstance(self.error, GatewayUnknown):
            self.gateway.give_back(*what)
        raise self.error


def test_what_a_gateway_refused_to_pay_back_is_here_as_before(till: Till, second: Actor) -> None:
    row = stray(till, LIMIT)
    desk = replace(till.desk, gateways={"stripe": Broken(till, GatewayRefused("no such payment"))})
    with pytest.raises(GatewayRefused):
        suspense_desk.return_money(desk, second, row.id, "nobody knows it")
    assert assign(till, till.admin, row).outcome == "assigned"
    assert till.available() == LIMIT


def test_what_may_have_been_paid_back_is_nobodys_until_that_is_known(
    till: Till, second: Actor
) -> None:
    row = stray(till, LIMIT)
    desk = replace(till.desk, gateways={"stripe": Broken(till, GatewayUnknown("no answer"))})
    with pytest.raises(GatewayUnknown):
        suspense_desk.return_money(desk, second, row.id, "nobody knows it")
    with pytest.raises(BeingReturned):
        assign(till, till.admin, row)
    with till.database.transaction() as unit:
        record = suspense_record(unit, row.id)
    assert record is not None
    assert (record.word, record.returning, record.open) == ("Being sent back", True, True)
    suspense_desk.return_money(till.desk, second, row.id, "nobody knows it")
    with pytest.raises(AlreadyResolved):
        assign(till, till.admin, row)
    assert till.available() == 0


def test_foreign_money_is_measured_by_what_the_wallet_is_credited(
    till: Till, second: Actor
) -> None:
    small = stray(till, 2 * LIMIT, "jpy")
    assert assign(till, till.admin, small, credit=3 * UNIT).outcome == "assigned"
    row = stray(till, 9 * UNIT, "eur")
    asked = assign(till, till.admin, row, credit=LIMIT + 1)
    assert asked.request_id is not None
    with pytest.raises(AwaitsApproval):
        assign(till, till.admin, row, credit=LIMIT)
    assert (request_row(till, asked)["credit"], till.available()) == (LIMIT + 1, 3 * UNIT)
    assert decide(till, second, asked).available == LIMIT + 1 + 3 * UNIT
    with till.database.transaction() as unit:
        exchange = unit.scalar(
            "select sum(e.amount) from entry e join account a on a.id = e.account_id"
            " where a.code = 'fx_difference:usd'"
        )
    assert exchange == -(LIMIT + 1 + 3 * UNIT)


def test_many_who_ask_at_once_ask_once_and_many_who_agree_book_once(
    till: Till, second: Actor
) -> None:
    row = stray(till, 2 * LIMIT)
    with ThreadPoolExecutor(6) as pool:
        told = set(pool.map(lambda _: assign(till, till.admin, row), range(6)))
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


def test_a_request_is_about_one_source_and_credits_what_was_said(till: Till) -> None:
    row = stray(till, 2 * LIMIT)
    asked = assign(till, till.admin, row)
    for broken in ("credit = amount + 1", f"intent_id = {till.ask().id}"):
        refused = pytest.raises(IntegrityError, match=r"adjustment_(one_source|credit)")
        with refused, till.database.transaction() as unit:
            unit.run(f"update adjustment_request set {broken} where id = :id", id=asked.request_id)
