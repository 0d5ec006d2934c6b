"""What a gateway pays back or takes back: refunds, ours and those made there by hand, and disputes.

A journal and what goes with it happen once for each refund and dispute, however often and in
whatever order the gateway tells of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.money import format_micro
from nexnum_console.notifications.alerts import close_alert, is_open, raise_alert
from nexnum_console.wallet import deposit_refund, freezing, ledger, suspense, suspense_return
from nexnum_console.wallet.gateways.port import Notice
from nexnum_console.wallet.told import Told

DISPUTED: Final = "deposit-disputed"
INQUIRY: Final = "deposit-inquiry"
FAILED: Final = "refund-failed"
_WON_AFTER_ALL: Final = (
    "was disputed and is won: the house has it again. The wallet was let go before. If its balance"
    " was corrected for this dispute, give that back."
)
_LOST: Final = "was disputed and is lost: it is gone for good."


@dataclass(frozen=True, slots=True)
class _Paid:
    """What a payment became: a booked deposit, or (``intent_id`` None) money from suspense."""

    wallet_id: int
    user_id: int
    what: str
    intent_id: int | None


def disputed(unit: UnitOfWork, gateway: str, notice: Notice, now: datetime) -> Told:
    """The gateway took the money back, for now."""
    close_alert(unit, INQUIRY, _subject(gateway, notice), now)
    return _taken(unit, gateway, notice, f"is disputed at {gateway}", now)


def dispute_won(unit: UnitOfWork, gateway: str, notice: Notice, now: datetime) -> Told:
    """The gateway gave the money of a dispute back to us."""
    parked = suspense.of_payment(unit, gateway, notice.payment_id)
    if parked is not None:
        ref = suspense_return.taken_ref(parked, notice.external_id)
        if suspense_return.return_failed(unit, parked, ref, "the dispute was won", now):
            close_alert(unit, DISPUTED, _subject(gateway, notice), now)
            return Told(f"dispute won: suspense {parked.id} is open again")
    first = not ledger.is_booked(unit, "dispute_won", _ref(notice))
    carried = ledger.is_booked(unit, "dispute", _ref(notice))
    paid = _settle(unit, gateway, notice, "dispute won", now)
    stopped = freezing.end(unit, _cause(gateway, notice), f"gateway:{gateway}", "dispute won", now)
    if stopped or paid is None:
        close_alert(unit, DISPUTED, _subject(gateway, notice), now)
    elif first and carried:
        _alert(unit, gateway, notice, f"of {_owner(paid)} {_WON_AFTER_ALL}", now)
    return Told("dispute won", paid.user_id if paid is not None else None)


def dispute_lost(unit: UnitOfWork, gateway: str, notice: Notice, now: datetime) -> Told:
    """The money is gone for good; it is booked now where nobody told that it was taken."""
    told = _taken(unit, gateway, notice, f"is disputed at {gateway}", now)
    if told.outcome == "won before":
        return told
    paid = _paid_with(unit, gateway, notice.payment_id)
    if paid is not None:
        _move(unit, paid, "disputed", now, note="dispute lost")
    if is_open(unit, DISPUTED, _subject(gateway, notice)):
        left = _left_to_do(unit, paid, _cause(gateway, notice))
        what = f"of {_owner(paid)} ({notice.payment_id})"
        _alert(unit, gateway, notice, f"{what} {_LOST} {left}", now)
    return Told("dispute lost", told.user_id)


def inquiry(unit: UnitOfWork, gateway: str, notice: Notice, now: datetime) -> Told:
    """A bank asks about a payment and has taken nothing yet: it is answered, nothing moves."""
    paid = _paid_with(unit, gateway, notice.payment_id)
    text = (
        f"of {_owner(paid)}: their bank asks {gateway} about it ({notice.payment_id}). Nothing"
        " was taken and nothing is stopped. Answer there in time, or it becomes a dispute."
    )
    _alert(unit, gateway, notice, text, now, kind=INQUIRY)
    return Told("inquiry", paid.user_id if paid is not None else None)


def inquiry_closed(unit: UnitOfWork, gateway: str, notice: Notice, now: datetime) -> Told:
    """It became no dispute. What was booked as one all the same comes back."""
    close_alert(unit, INQUIRY, _subject(gateway, notice), now)
    if ledger.is_booked(unit, "dispute", _ref(notice)):
        return dispute_won(unit, gateway, notice, now)
    paid = _paid_with(unit, gateway, notice.payment_id)
    return Told("inquiry closed", paid.user_id if paid is not None else None)


def refund_done(unit: UnitOfWork, gateway: str, notice: Notice, now: datetime) -> Told:
    """A refund we asked for is done; one made at the gateway by hand, or one that we had undone,
    is carried by the house."""
    refund_id = deposit_refund.end(unit, gateway, notice, now)
    if refund_id is not None:
        return Told(f"refund {refund_id} done")
    row = unit.first(
        "select id, state, external_id from deposit_refund where key = :key"
        " or external_id = :external order by external_id is not distinct from :external desc",
        key=notice.ticket,
        external=notice.external_id,
    )
    if row is None:
        told = _returned(unit, gateway, notice, now)
        return told or _taken(unit, gateway, notice, f"was paid back at {gateway} by hand", now)
    # Where it is undone by this name, the gateway itself said that it failed: this word is older.
    if row["external_id"] == notice.external_id:
        return Told("refund known")
    how = f"was paid back at {gateway} although refund {row['id']} is {row['state']} without it"
    return _taken(unit, gateway, notice, how, now)


def refund_failed(unit: UnitOfWork, gateway: str, notice: Notice, now: datetime) -> Told:
    """A refund came to nothing: who was debited for it has the money again."""
    why = f"{gateway} could not pay it back"
    refund_id = unit.scalar(
        "update deposit_refund set external_id = :external where state in ('asked','done')"
        " and (external_id = :external or (key = :key and external_id is null)) returning id",
        key=notice.ticket,
        external=notice.external_id,
    )
    if refund_id is not None:
        deposit_refund.undo(unit, int(refund_id), why, now)
        return Told(f"refund {refund_id} undone")
    parked = suspense.of_payment(unit, gateway, notice.payment_id)
    if parked is not None:
        ours = notice.ticket == parked.ticket
        ref = parked.ticket if ours else suspense_return.taken_ref(parked, notice.external_id)
        if suspense_return.return_failed(unit, parked, ref, why, now):
            return Told(f"suspense {parked.id} is open again")
    if not ledger.is_booked(unit, "dispute", _ref(notice)):
        return Told("no refund of ours")
    return _by_hand_failed(unit, gateway, notice, now)


def _returned(unit: UnitOfWork, gateway: str, notice: Notice, now: datetime) -> Told | None:
    """What of this is known, or done now, of money in suspense; None where it is another matter."""
    parked = suspense.of_payment(unit, gateway, notice.payment_id)
    if parked is None:
        return None
    ours, first = notice.ticket == parked.ticket, f"suspense:{parked.id}"
    if parked.state == "returned":
        # Where a dispute took it before our refund was done, it is gone twice.
        twice = ours and not ledger.is_booked(unit, "suspense_return", parked.ticket)
        return None if twice else Told("refund known")
    if not ours:
        older = notice.ticket == first or notice.ticket.startswith(f"{first}:")
        return Told("refund failed before") if older else None
    if parked.state != "open":
        return None
    suspense_return.give_back(unit, parked.id, *suspense_return.returner(unit, parked), now)
    return Told(f"suspense {parked.id} sent back")


def _taken(unit: UnitOfWork, gateway: str, notice: Notice, how: str, now: datetime) -> Told:
    """The gateway took money back that we did not give. Whose wallet has it is stopped until a
    person has decided what the user owes, and the house stands in for it; money in suspense is
    nobody's and simply gone."""
    won = ledger.is_booked(unit, "dispute_won", _ref(notice))
    if not won and (told := _taken_from_suspense(unit, gateway, notice, how, now)) is not None:
        return told
    new = _journal(unit, "dispute", gateway, notice, notice.amount, now)
    paid = _paid_with(unit, gateway, notice.payment_id)
    user_id = paid.user_id if paid is not None else None
    if won or not new:
        return Told("won before" if won else "disputed before", user_id)
    done = _nobodys(unit, gateway, notice)
    if paid is not None:
        _move(unit, paid, "disputed", now)
        why, by = f"{paid.what} {how} ({notice.external_id})", f"gateway:{gateway}"
        freezing.freeze(unit, paid.wallet_id, why, cause=_cause(gateway, notice), by=by, now=now)
        done = "The wallet is stopped."
    _alert(
        unit,
        gateway,
        notice,
        f"of {_owner(paid)} {how} ({notice.payment_id}). {done} The house account dispute:{gateway}"
        " carries the money. Answer a dispute there; correct the balance here.",
        now,
    )
    return Told("disputed", user_id)


def _taken_from_suspense(
    unit: UnitOfWork, gateway: str, notice: Notice, how: str, now: datetime
) -> Told | None:
    """None unless the whole of a payment that is nobody's was taken, now or before."""
    parked = suspense.of_payment(unit, gateway, notice.payment_id)
    if parked is None:
        return None
    if ledger.is_booked(
        unit, "suspense_return", suspense_return.taken_ref(parked, notice.external_id)
    ):
        return Told("disputed before")
    whole = (parked.amount, parked.currency) == (notice.amount, notice.currency)
    if parked.state != "open" or not whole:
        return None
    suspense_return.taken(unit, parked, notice.external_id, how, now)
    _alert(
        unit,
        gateway,
        notice,
        f"of suspense {parked.id} {how} ({notice.payment_id}). It was nobody's: it is closed as"
        " sent back, no wallet was stopped and no balance is to be corrected.",
        now,
    )
    return Told(f"suspense {parked.id} {how}")


def _nobodys(unit: UnitOfWork, gateway: str, notice: Notice) -> str:
    parked = suspense.of_payment(unit, gateway, notice.payment_id)
    if parked is None or parked.state != "open":
        return "No wallet was stopped: find out whose it was."
    return (
        f"It is a part of suspense {parked.id}, which is open as it arrived: whoever is given that"
        " owes this part."
    )


def _by_hand_failed(unit: UnitOfWork, gateway: str, notice: Notice, now: datetime) -> Told:
    if ledger.is_booked(unit, "dispute_won", _ref(notice)):
        return Told("refund failed before")
    paid = _settle(unit, gateway, notice, f"{gateway} could not pay it back", now)
    raise_alert(
        unit,
        FAILED,
        _subject(gateway, notice),
        f"{format_micro(notice.amount)} {notice.currency} of {_owner(paid)} could not be paid back"
        f" by {gateway} ({notice.payment_id}): it has the money again, and dispute:{gateway}"
        " carries it no longer. A wallet that was stopped for it still is: take back what was"
        " corrected for this, then let it go.",
        now,
    )
    return Told("refund by hand failed", paid.user_id if paid is not None else None)


def _settle(
    unit: UnitOfWork, gateway: str, notice: Notice, note: str, now: datetime
) -> _Paid | None:
    """The house carries it no longer; whose it was."""
    new = _journal(unit, "dispute_won", gateway, notice, -notice.amount, now)
    paid = _paid_with(unit, gateway, notice.payment_id)
    if new and paid is not None:
        _move(unit, paid, "booked", now, note=note)
    return paid


def _journal(
    unit: UnitOfWork, kind: str, gateway: str, notice: Notice, amount: int, now: datetime
) -> bool:
    """Whether it is new."""
    clearing = suspense.clearing(unit, gateway, notice.currency)
    legs = {clearing: amount, f"dispute:{gateway}": -amount}
    cause = ledger.Cause(_ref(notice), f"gateway:{gateway}", now)
    return ledger.book_house_once(unit, kind, legs, notice.currency, cause)[1]


def _cause(gateway: str, notice: Notice) -> str:
    """What a dispute's freeze is known by, so that winning it ends that one and no other."""
    return f"dispute:{gateway}:{notice.external_id}"


def _ref(notice: Notice) -> str:
    return f"dispute:{notice.external_id}"[:120]


def _paid_with(unit: UnitOfWork, gateway: str, payment: str) -> _Paid | None:
    """Whose wallet has the money of a payment, by its deposit or from suspense."""
    row = unit.first(
        "select i.id, i.wallet_id, w.user_id from deposit_intent i"
        " join wallet w on w.id = i.wallet_id"
        " where i.gateway = :gateway and i.payment_id = :payment for update of i",
        gateway=gateway,
        payment=payment,
    )
    if row is not None:
        return _Paid(row["wallet_id"], row["user_id"], f"deposit {row['id']}", row["id"])
    row = unit.first(
        "select s.id, s.wallet_id, w.user_id from suspense s join wallet w on w.id = s.wallet_id"
        " where s.gateway = :gateway and s.payment_id = :payment and s.state = 'assigned'",
        gateway=gateway,
        payment=payment,
    )
    if row is None:
        return None
    return _Paid(row["wallet_id"], row["user_id"], f"suspense {row['id']}", None)


def _move(unit: UnitOfWork, paid: _Paid, state: str, now: datetime, *, note: str = "") -> None:
    """The deposit is ``disputed``, or ``booked`` again where it was; money from suspense has no
    such state."""
    unit.run(
        "update deposit_intent set state = :state, closed_at = :now,"
        " note = coalesce(nullif(:note, ''), note)"
        " where id = :id and (:state <> 'booked' or state = 'disputed')",
        id=paid.intent_id,
        state=state,
        now=now,
        note=note,
    )


def _owner(paid: _Paid | None) -> str:
    return f"user {paid.user_id}" if paid is not None else "an unknown payment"


def _left_to_do(unit: UnitOfWork, paid: _Paid | None, cause: str) -> str:
    if paid is None:
        return "It was in no wallet: nothing is left to do but to settle this."
    if not freezing.stands(unit, cause):
        return "The wallet was let go before: nothing is left to do but to settle this."
    return "The wallet stays stopped: correct its balance by what the user owes, then let it go."


def _subject(gateway: str, notice: Notice) -> str:
    return f"{gateway} {notice.external_id}"


def _alert(
    unit: UnitOfWork, gateway: str, notice: Notice, text: str, now: datetime, kind: str = DISPUTED
) -> None:
    what = f"{format_micro(notice.amount)} {notice.currency}"
    raise_alert(unit, kind, _subject(gateway, notice), f"{what} {text}", now)
