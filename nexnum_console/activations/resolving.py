"""What a person decides about an open question where the provider's word does not come.

The rules of the reconciler stand: a hold goes back only after ``settle``, a number is given up only
after its grace. A decision is the same conditional update that a worker makes, so of the two only
one ever happens.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from nexnum_console.activations import lanes
from nexnum_console.activations.closing import book_orphan, end_closing, end_stray
from nexnum_console.activations.desk import Desk
from nexnum_console.activations.errors import NotResolvable
from nexnum_console.activations.reconcile import release
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import InvalidInput

# What is open, and the table whose row it is.
KINDS: Final = {
    "unknown": "attempt",  # nobody can say whether a number was sold
    "cancelling": "activation",  # the buyer gave it back, the provider has not confirmed
    "closing": "activation",  # the buyer was refunded, we were not
    "stray": "sighting",  # a live number that no order is bound to
}
# verdict: the kinds that it can be the answer to.
VERDICTS: Final = {
    "unsold": ("unknown",),
    "refunded": ("closing",),
    "lost": ("closing", "stray"),
    "ours": ("stray",),
    "foreign": ("stray",),
}


@dataclass(frozen=True, slots=True)
class Question:
    """One open question: its kind and the id of its row."""

    kind: str
    id: int

    @classmethod
    def named(cls, name: str) -> Question:
        """The question of a name like ``unknown:12``; InvalidInput."""
        kind, _, number = name.partition(":")
        if kind not in KINDS or not number.isdecimal():
            raise InvalidInput(f"“{name[:40]}” is no open question.")
        return cls(kind, int(number))

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a decision did: to which record, and what is worth keeping of how it stood before."""

    target: str
    before: dict[str, Any]
    after: str


def resolve(
    unit: UnitOfWork, desk: Desk, question: Question, verdict: str, now: datetime
) -> Resolved:
    """Answer one question by hand; NotResolvable says why a rule, or a worker, was before it."""
    if question.kind not in VERDICTS.get(verdict, ()):
        raise NotResolvable(f"{question} cannot be answered so; nothing was changed")
    row = _row(unit, question)
    if question.kind == "unknown":
        return _unsold(unit, desk, row, now)
    if question.kind == "closing":
        return _closed(unit, desk, row, verdict, now)
    return _stray(unit, desk, row, verdict, now)


def hurry(unit: UnitOfWork, questions: list[Question], now: datetime) -> int:
    """Make the next look at these due at once; returns how many are looked at.

    A stray within its grace is left: before its time nothing may be done about it. So is a purchase
    whose provider has no list: a worker has nothing to look at.
    """
    accounts: list[int] = []
    for kind, statement in _HURRY.items():
        ids = [one.id for one in questions if one.kind == kind]
        if ids:
            accounts += [row["account_id"] for row in unit.all(statement, ids=ids, now=now)]
    lanes.wake(unit, accounts, "settle")
    return len(accounts)


def _unsold(unit: UnitOfWork, desk: Desk, row: Any, now: datetime) -> Resolved:
    if now < row["settle_until"]:
        wait = (row["settle_until"] - now).total_seconds()
        raise NotResolvable(
            f"a number may still turn up for {wait:.0f} s; until then the money stays held"
        )
    before = {
        "state": row["state"],
        "listings": row["empty_listings"],
        "error": row["error_code"],
        "attempt": row["id"],
    }
    terms = desk.carriers.get(row["account_id"], unit).terms
    if not release(unit, desk, terms, row, now):
        raise _too_late()
    return Resolved(f"activation:{row['activation_id']}", before, "released")


def _closed(unit: UnitOfWork, desk: Desk, row: Any, verdict: str, now: datetime) -> Resolved:
    before = {"upstream": row["upstream"], "tries": row["close_tries"]}
    if not end_closing(unit, desk, row["id"], verdict, now):
        raise _too_late()
    return Resolved(f"activation:{row['id']}", before, verdict)


def _stray(unit: UnitOfWork, desk: Desk, row: Any, verdict: str, now: datetime) -> Resolved:
    terms = desk.carriers.get(row["account_id"], unit).terms
    before = {"state": row["state"], "number": row["upstream_id"], "tries": row["tries"]}
    target = f"sighting:{row['id']}"
    if row["state"] == "seen" and now < row["grace_until"]:
        wait = (row["grace_until"] - now).total_seconds()
        raise NotResolvable(f"an order may still turn up for this number for {wait:.0f} s")
    if verdict == "foreign" and terms.exclusive:
        raise NotResolvable(
            "nobody else buys with this account, so its numbers are ours; say in the account's"
            " terms that it is shared if it is"
        )
    if verdict == "ours":
        return _claimed(unit, row, Resolved(target, before, "orphan"), now)
    state = "gone" if verdict == "foreign" else "lost"
    if not end_stray(unit, row["id"], state, now):
        raise _too_late()
    if state == "lost" and not book_orphan(unit, desk, terms, row, now):
        return Resolved(target, before, "lost, its cost is not known and not booked")
    return Resolved(target, before, state)


def _claimed(unit: UnitOfWork, row: Any, done: Resolved, now: datetime) -> Resolved:
    if row["state"] != "seen":
        raise NotResolvable("it is being given back already")
    # As the reconciler has it: not while a purchase that it could belong to is unsettled.
    claimed = unit.scalar(
        "update sighting s set state = 'orphan', next_at = :now where id = :id and state = 'seen'"
        " and not exists (select from attempt t where t.account_id = s.account_id"
        "  and t.state in ('sent','unknown')"
        "  and t.external_service = coalesce(s.external_service, t.external_service)"
        "  and t.external_country = coalesce(s.external_country, t.external_country))"
        " and not exists (select from activation a where a.account_id = s.account_id"
        "  and a.upstream_id = s.upstream_id) returning true",
        id=row["id"],
        now=now,
    )
    if not claimed:
        raise NotResolvable("a purchase that this number may belong to is not settled yet")
    lanes.wake(unit, [row["account_id"]], "settle")
    return done


def _row(unit: UnitOfWork, question: Question) -> Any:
    row = unit.first(_OPEN[question.kind], id=question.id)
    if row is None:
        raise _too_late()
    return row


def _too_late() -> NotResolvable:
    return NotResolvable("this question was answered meanwhile; nothing was changed")


_OPEN: Final = {
    "unknown": "select * from attempt where id = :id and state = 'unknown'",
    "closing": "select * from activation where id = :id and upstream = 'closing'",
    "stray": "select * from sighting where id = :id and state in ('seen','orphan')",
}
_HURRY: Final = {
    "unknown": "select account_id from attempt t where id = any(:ids) and state = 'unknown'"  # noqa: S608  a word of our own
    " and not exists (select from activation_event e where e.activation_id = t.activation_id"
    " and e.kind = '" + lanes.UNLISTED + "')",
    "cancelling": "update activation set close_at = :now, next_at = :now where id = any(:ids)"
    " and state = 'cancelling' returning account_id",
    "closing": "update activation set close_at = :now where id = any(:ids)"
    " and upstream = 'closing' returning account_id",
    "stray": "update sighting set next_at = :now where id = any(:ids) and state = 'orphan'"
    " returning account_id",
}
