"""What the reconciler does next about an open question, and when: its rules in words; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from nexnum_console.activations.closing import TRIES_MAX
from nexnum_console.activations.reconcile import EMPTY_LISTINGS, ROUND_SECONDS

# What is due is taken within a few seconds; a worker that died loses its lane in ten.
LATE: Final = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Open:
    """An open question as stored. ``kind`` unknown, cancelling, closing, seen or orphan.

    ``due_at``: when it is looked at by its own clock, None where only listings tell.
    ``not_before``: until then nothing is decided. ``listed_at``: the account's newest complete
    listing. ``held_until``: the lease of the worker on the account, None for none. ``pursued``:
    ours to give back; ``spared``: an unsettled purchase may still own it. ``unlisted``: its
    provider has no list of live numbers, so no worker can find out.
    """

    kind: str
    since: datetime
    due_at: datetime | None
    not_before: datetime | None
    listings: int
    tries: int
    listed_at: datetime | None
    held_until: datetime | None
    pursued: bool = True
    spared: bool = False
    unlisted: bool = False


@dataclass(frozen=True, slots=True)
class Next:
    """The next step in words, what it leads to, and its moment; None where nothing is planned.

    ``late``: it was due, and nobody has done it.
    """

    step: str
    then: str
    at: datetime | None
    late: bool = False


def what_next(asked: Open, now: datetime) -> Next:
    """The reconciler's next step."""
    found = _STEPS[asked.kind](asked, now)
    if found.at is not None and now - found.at > LATE and not _worked(asked, now):
        return Next(found.step, "Due, but no worker has taken it.", found.at, late=True)
    return found


def _unknown(asked: Open, now: datetime) -> Next:
    if asked.unlisted:
        then = "It has no list of live numbers; settle it by hand, the money stays held until then."
        return Next("Look at the provider's site", then, None)
    at = _next_listing(asked, now)
    missing = EMPTY_LISTINGS - asked.listings
    if asked.not_before is not None and now < asked.not_before:
        then = "A number that fits is bound; none is released before its time."
    elif missing > 0:
        more = "one more" if missing == 1 else f"{missing} more"
        then = f"A number that fits is bound; {more} without it, and the hold goes back."
    else:
        then = "A number that fits is bound; if there is none, the hold goes back."
    return Next("List the live numbers", then, at)


def _cancelling(asked: Open, now: datetime) -> Next:
    then = "Its yes refunds the buyer; a code that comes first is kept."
    return Next("Ask again to cancel it", then, asked.due_at)


def _closing(asked: Open, now: datetime) -> Next:
    step = f"Cancel it, try {asked.tries + 1} of {TRIES_MAX}"
    return Next(step, "After the last try its cost is booked as a loss.", asked.due_at)


def _seen(asked: Open, now: datetime) -> Next:
    if not asked.pursued:
        return Next("Nothing", "Others buy with this account: it may be theirs.", None)
    if asked.spared:
        return Next("Wait", "A purchase that may own it is not settled yet.", asked.due_at)
    return Next("Take it for an orphan", "It is then cancelled with patience.", asked.due_at)


def _orphan(asked: Open, now: datetime) -> Next:
    # A try is counted when it begins.
    step = f"Cancel it, try {min(asked.tries + 1, TRIES_MAX)} of {TRIES_MAX}"
    return Next(step, "After the last try its cost is booked.", asked.due_at)


def _next_listing(asked: Open, now: datetime) -> datetime:
    """When the account is listed next; the moment it was to be, where nobody works it."""
    before = asked.listed_at
    if before is None or before < asked.since:
        return now if _worked(asked, now) else asked.since
    planned = before + timedelta(seconds=ROUND_SECONDS)
    return max(planned, now) if _worked(asked, now) else planned


def _worked(asked: Open, now: datetime) -> bool:
    return asked.held_until is not None and asked.held_until > now


_STEPS: Final = {
    "unknown": _unknown,
    "cancelling": _cancelling,
    "closing": _closing,
    "seen": _seen,
    "orphan": _orphan,
}
