"""The till's lists and records: deposits with their story, suspense, approvals, penalties."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from nexnum_console.accounts.capabilities import capabilities_of
from nexnum_console.core import idempotency
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.core.runtime_settings import change
from nexnum_console.operations import (
    approval_desk,
    deposit_desk,
    manual_deposits,
    people,
    suspense_desk,
)
from nexnum_console.operations.deposit_desk import DepositDesk
from nexnum_console.operations.registration import enrol
from nexnum_console.reports import own_deposits
from nexnum_console.reports.approvals_list import APPROVALS, approval_record
from nexnum_console.reports.deposits_list import DEPOSITS, DepositRecord, deposit_record
from nexnum_console.reports.listing import Listing, parse
from nexnum_console.reports.listing_page import read_page
from nexnum_console.reports.own_deposits import OwnDeposit
from nexnum_console.reports.penalties_list import PENALTIES, penalty_record
from nexnum_console.reports.suspense_list import SUSPENSE, suspense_record
from nexnum_console.reports.till_counts import Waiting, waiting
from nexnum_console.wallet import deposits, intents, penalties, suspense, suspense_return
from nexnum_console.wallet.gateways.manual import ManualGateway
from nexnum_console.wallet.gateways.port import Notice
from nexnum_console.wallet.penalties import Charge
from tests.activations.world import Silent

UNIT = 1_000_000


@dataclass
class Till:
    """A buyer, two admins, and the gateway that people confirm."""

    database: Database
    desk: DepositDesk
    buyer: Actor
    boss: Actor
    other: Actor
    now: datetime = datetime(2026, 11, 1, 12, tzinfo=UTC)

    def ask(self, amount: int, key: str = "k1") -> int:
        shape = idempotency.fingerprint("POST", "x", key.encode())
        answer, _ = deposit_desk.ask(
            self.desk, self.buyer, "manual", amount, key, shape, lambda intent: str(intent.id)
        )
        self.now += timedelta(seconds=1)
        return int(answer.body)

    def record(self, no: str) -> DepositRecord:
        with self.database.transaction() as unit:
            found = deposit_record(unit, no)
        assert found is not None
        return found

    def states(self, listing: Listing, **asked: str) -> list[str]:
        with self.database.transaction() as unit:
            page = read_page(unit, listing, parse(listing, asked))
        return [row.cells["state"]["text"] for row in page.rows]

    def own(self) -> list[OwnDeposit]:
        """What the buyer's wallet page lists."""
        with self.database.transaction() as unit:
            return own_deposits.of_user(unit, self.buyer.user_id, self.now)

    def did(self, deed: Callable[[UnitOfWork], object]) -> object:
        with self.database.transaction() as unit:
            return deed(unit)


def _person(unit: UnitOfWork, email: str, role: str) -> Actor:
    return Actor(
        enrol(unit, email, "x", currency="USD", role=role), email, role, capabilities_of(role)
    )


@pytest.fixture
def till(database: Database) -> Till:
    desk = DepositDesk(
        database, {"manual": ManualGateway()}, Silent(), lambda: opened.now, "http://x"
    )
    with database.transaction() as unit:
        change(unit, "manual_deposits", "Bank 12 34", datetime(2026, 11, 1, tzinfo=UTC))
        people_ = [
            _person(unit, f"{name}@example.org", role)
            for name, role in (("buyer", "user"), ("boss", "admin"), ("other", "admin"))
        ]
    opened = Till(database, desk, *people_)
    return opened


def test_a_manual_deposit_is_told_from_the_wish_to_the_refund(till: Till) -> None:
    number = till.ask(25 * UNIT)
    assert till.states(DEPOSITS, state="confirm") == ["To be confirmed"]
    waits = till.record(str(number))
    assert (waits.confirmable, waits.left, waits.asked) == (True, "", "25.00")
    manual_deposits.confirm(till.desk, till.boss, number, "SEPA 42", 25 * UNIT, "seen at the bank")
    booked = till.record(str(number))
    assert (booked.confirmable, booked.left, booked.word) == (False, "25.00", "Booked")
    till.now += timedelta(minutes=1)
    deposit_desk.refund(till.desk, till.boss, booked.deposit, 10 * UNIT, "asked by mail", "r1")
    back = till.record(f"d{booked.deposit}")
    assert (back.no, back.left, back.word) == (str(number), "15.00", "Partly paid back")
    assert [line.title for line in back.story] == [
        "Asked for",
        "The gateway says it is paid",
        "Booked",
        "$10.00 paid back: done",
    ]
    assert [line.href.rpartition("/")[0] for line in back.story[2:]] == [
        "/console/ledger/journals",
        "/console/ledger/journals",
    ]
    assert till.states(DEPOSITS, state="refunded", gateway="manual") == ["Partly paid back"]
    assert till.states(DEPOSITS, q="SEPA 42") == ["Partly paid back"]


def test_a_booking_that_nobody_asked_for_is_listed_too(till: Till) -> None:
    def book(unit: UnitOfWork) -> int:
        wallet = unit.scalar("select id from wallet where user_id = :u", u=till.buyer.user_id)
        return deposits.deposit(
            unit,
            wallet_id=wallet,
            amount=5 * UNIT,
            gateway="sandbox",
            gateway_ref="user:1:x",
            actor="x",
            now=till.now,
        )

    number = till.did(book)
    found = till.record(f"d{number}")
    assert (found.no, found.intent, found.left) == (f"d{number}", 0, "5.00")
    assert till.states(DEPOSITS, no=f"d{number}") == ["Booked"]
    assert till.did(lambda unit: deposit_record(unit, "d4711")) is None


def test_what_fits_nothing_says_whose_it_may_be_and_what_was_done(till: Till) -> None:
    number = till.ask(25 * UNIT)
    manual_deposits.confirm(till.desk, till.boss, number, "SEPA 1", 24 * UNIT, "seen at the bank")
    assert till.record(str(number)).word == "In suspense"
    parked = till.did(suspense.parked)[0]
    found = till.did(lambda unit: suspense_record(unit, parked.id))
    assert (found.open, found.likely, found.foreign) == (True, "buyer@example.org", False)
    assert till.did(waiting) == Waiting(suspense="1")
    suspense_desk.assign(
        till.desk, till.boss, parked.id, till.buyer.user_id, "it is their transfer"
    )
    found = till.did(lambda unit: suspense_record(unit, parked.id))
    assert (found.open, found.word) == (False, "Assigned")
    assert till.states(SUSPENSE, state="assigned") == ["Assigned"]
    assert till.record(str(number)).word == "Credited from suspense"
    assert till.states(DEPOSITS) == ["Credited from suspense"]
    assert till.did(lambda unit: suspense_record(unit, 4711)) is None


def test_a_user_reads_where_to_pay_and_what_became_of_what_did_not_fit(till: Till) -> None:
    number = till.ask(25 * UNIT)
    (waits,) = till.own()
    assert (waits.word, waits.how, waits.pay) == ("Waits for the transfer", "Bank 12 34", "")
    assert waits.ticket.startswith("nx")
    manual_deposits.confirm(till.desk, till.boss, number, "SEPA 1", 24 * UNIT, "seen at the bank")
    (looked_at,) = till.own()
    assert (looked_at.word, looked_at.ticket, looked_at.how) == ("Being looked at", "", "")
    assert "less than the 25.00 USD" in looked_at.note
    parked = till.did(suspense.parked)[0]
    suspense_desk.return_money(till.desk, till.boss, parked.id, "they sent too little")
    assert [one.word for one in till.own()] == ["Sent back"]
    till.ask(5 * UNIT, "k2")
    till.now += timedelta(days=15)
    till.did(lambda unit: intents.expire_due(unit, till.now))
    assert [one.word for one in till.own()] == ["Expired", "Sent back"]


def decide(till: Till, request_id: int | None, *, approve: bool) -> None:
    till.did(
        lambda unit: approval_desk.decide(
            unit, till.other, request_id or 0, "agreed", till.now, approve=approve
        )
    )


def stray(till: Till, payment: str, amount: int, currency: str) -> int:
    """A payment that fits nothing; its number in suspense."""
    notice = Notice(payment, "paid", payment_id=payment, amount=amount, currency=currency)
    parked = till.did(
        lambda unit: suspense.park(unit, "stripe", payment, notice, "nobody", None, till.now)
    )
    return int(str(parked))


def test_foreign_money_asks_what_it_is_worth(till: Till) -> None:
    number = stray(till, "pi_1", 9 * UNIT, "EUR")
    found = till.did(lambda unit: suspense_record(unit, number))
    assert (found.foreign, found.amount, found.likely) == (True, "€9.00", "")


def test_money_from_suspense_above_the_limit_leads_to_its_request_and_back(till: Till) -> None:
    number = stray(till, "pi_7", 9 * UNIT, "EUR")
    till.did(
        lambda unit: people.adjust_balance(
            unit, till.boss, till.buyer.user_id, "300", "a gift of ours", "k", till.now
        )
    )
    give = (till.desk, till.boss, number, till.buyer.user_id, "it is their transfer")
    assert till.did(waiting) == Waiting(suspense="1", approvals="1")
    asked = suspense_desk.assign(*give, credit=300 * UNIT)
    assert till.did(waiting) == Waiting(approvals="2")
    found = till.did(lambda unit: suspense_record(unit, number))
    assert (found.open, found.word) == (True, "Waits for a second admin")
    assert found.request == f"/console/deposits/approvals?no={asked.request_id}"
    facts = {fact.label: fact for fact in found.facts}
    assert facts["Waits for a second admin"].value == (
        "$300.00 for buyer@example.org, asked for by boss@example.org"
    )
    for state in ("open", "second"):
        assert till.states(SUSPENSE, state=state) == ["Waits for a second admin"]
    shown = till.did(lambda unit: approval_record(unit, asked.request_id))
    assert (shown.title, shown.kind) == (
        "From suspense: +$300.00 for buyer@example.org",
        "suspense",
    )
    facts = {fact.label: fact for fact in shown.facts}
    assert (facts["Payment"].value, facts["Balance"].value) == ("pi_7", "$0.00 → $300.00")
    assert (facts["In suspense"].value, facts["In suspense"].href) == (
        f"No. {number}, €9.00",
        f"/console/deposits/suspense?no={number}",
    )
    assert [till.states(APPROVALS, kind=kind) for kind in ("suspense", "deposit")] == [
        ["Waits"],
        [],
    ]
    assert len(till.states(APPROVALS, sort="kind")) == 2
    assert till.states(APPROVALS, q="pi_7") == ["Waits"]
    decide(till, asked.request_id, approve=True)
    found = till.did(lambda unit: suspense_record(unit, number))
    facts = {fact.label: fact.value for fact in found.facts}
    assert (found.word, found.request) == ("Assigned", "")
    assert facts["A second admin agreed"].endswith("asked for by boss@example.org: agreed")
    assert facts["Done by"] == "other@example.org: it is their transfer"
    shown = till.did(lambda unit: approval_record(unit, asked.request_id))
    assert "Booked as" in {fact.label for fact in shown.facts}


def test_a_request_about_money_that_went_back_says_that_it_cannot_be_booked(till: Till) -> None:
    number = stray(till, "pi_8", 300 * UNIT, "USD")
    asked = suspense_desk.assign(
        till.desk, till.boss, number, till.buyer.user_id, "it is their transfer"
    )
    till.did(lambda unit: suspense_return.give_back(unit, number, "user:2", "went back", till.now))
    shown = till.did(lambda unit: approval_record(unit, asked.request_id))
    facts = {fact.label: fact.value for fact in shown.facts}
    assert facts["Cannot be booked"] == "this money was returned meanwhile"
    assert "Balance" not in facts
    found = till.did(lambda unit: suspense_record(unit, number))
    assert (found.open, found.word) == (False, "Sent back")
    decide(till, asked.request_id, approve=False)
    found = till.did(lambda unit: suspense_record(unit, number))
    assert "A second admin refused" in {fact.label for fact in found.facts}


def test_a_request_shows_both_people_and_what_it_would_do(till: Till) -> None:
    asked = till.did(
        lambda unit: people.adjust_balance(
            unit, till.boss, till.buyer.user_id, "300", "a gift of ours", "k", till.now
        )
    )
    found = till.did(lambda unit: approval_record(unit, asked.request_id))
    facts = {fact.label: fact.value for fact in found.facts}
    assert (found.open, found.asked_by) == (True, till.boss.name)
    assert facts["Balance"] == "$0.00 → $300.00"
    assert facts["Asked by"] == "boss@example.org"
    decide(till, asked.request_id, approve=True)
    found = till.did(lambda unit: approval_record(unit, asked.request_id))
    facts = {fact.label: fact.value for fact in found.facts}
    assert (found.word, facts["Decided by"]) == ("Approved", "other@example.org")
    assert till.states(APPROVALS, state="approved") == ["Approved"]


def test_a_deposit_above_the_limit_shows_its_request_and_what_was_said(till: Till) -> None:
    number = till.ask(300 * UNIT)
    seen = (number, "SEPA 9", 300 * UNIT, "seen at the bank")
    asked = manual_deposits.confirm(till.desk, till.boss, *seen)
    waits = till.record(str(number))
    assert (waits.word, waits.confirmable) == ("Waits for a second admin", False)
    assert waits.request == f"/console/deposits/approvals?no={asked.request_id}"
    assert till.did(waiting) == Waiting(approvals="1")
    assert till.states(DEPOSITS, state="confirm") == []
    assert till.states(DEPOSITS, state="second") == ["Waits for a second admin"]
    shown = till.did(lambda unit: approval_record(unit, asked.request_id))
    facts = {fact.label: fact.value for fact in shown.facts}
    assert (shown.title, shown.kind) == (
        "Manual deposit: +$300.00 for buyer@example.org",
        "deposit",
    )
    assert facts["Deposit"] == f"No. {number}"
    assert (facts["Seen under"], facts["Balance"]) == ("SEPA 9", "$0.00 → $300.00")
    assert till.states(APPROVALS, kind="deposit") == ["Waits"]
    assert till.states(APPROVALS, kind="correction") == []
    till.now += timedelta(minutes=1)
    till.did(
        lambda unit: approval_desk.decide(
            unit, till.other, asked.request_id, "seen it too", till.now, approve=True
        )
    )
    booked = till.record(str(number))
    assert (booked.word, booked.request, booked.left) == ("Booked", "", "300.00")
    told = [(line.title, line.detail) for line in booked.story]
    assert told[1] == (
        "A second admin was asked",
        "$300.00 under SEPA 9 · seen at the bank · by boss@example.org",
    )
    assert ("A second admin agreed", "seen it too · by other@example.org") in told
    shown = till.did(lambda unit: approval_record(unit, asked.request_id))
    assert "Booked as" in {fact.label for fact in shown.facts}


def test_an_amount_that_does_not_fit_says_so_before_anybody_agrees(till: Till) -> None:
    number = till.ask(25 * UNIT)
    seen = (number, "SEPA 9", 300 * UNIT, "seen at the bank")
    asked = manual_deposits.confirm(till.desk, till.boss, *seen)
    shown = till.did(lambda unit: approval_record(unit, asked.request_id))
    facts = {fact.label: fact.value for fact in shown.facts}
    assert facts["Goes to"] == "suspense: $25.00 was asked for"
    assert "Balance" not in facts


def test_a_penalty_shows_what_was_counted_and_what_the_user_says(till: Till) -> None:
    def charge(unit: UnitOfWork) -> int:
        wallet = unit.scalar("select id from wallet where user_id = :u", u=till.buyer.user_id)
        evidence = {"numbers": 20, "cancelled": 18, "percent": 80}
        people.adjust_balance(
            unit, till.boss, till.buyer.user_id, "10", "money to charge", "k", till.now
        )
        number = penalties.book(
            unit, Charge(wallet, "cancel_share", "2026-10-31", UNIT, evidence), "system", till.now
        )
        penalties.appeal(unit, till.buyer.user_id, number, "They were all dead.", till.now)
        return number

    number = till.did(charge)
    found = till.did(lambda unit: penalty_record(unit, int(str(number))))
    facts = {fact.label: fact.value for fact in found.facts}
    assert facts["Counted"] == "18 of 20 numbers given back, charged from 80 % on"
    assert (found.word, found.appeal, found.open) == ("Appealed", "They were all dead.", True)
    assert till.states(PENALTIES, state="appealed") == ["Appealed"]
    assert till.did(waiting) == Waiting(penalties="1")
