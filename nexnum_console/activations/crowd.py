"""Many waiting numbers by one call: what a list says of each, and who must be asked alone.

A list only spares calls. From a list of live numbers nothing is concluded but that a number still
waits; a code, an end, and a number that the list does not show are asked for alone. A batch of
statuses tells of a code as well as a single status does.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from nexnum_console.activations.pace import Pace
from nexnum_console.activations.settle import ENDED
from nexnum_console.core.db import UnitOfWork
from nexnum_console.providers.carrier import Terms
from nexnum_console.providers.client import ActiveRow, AsyncProviderClient, StatusReport
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.listed import Listing

# Fewer are asked one by one.
FEWEST: Final = 3
MOST: Final = 10_000
# A list so much longer than what we ask about comes in more pages than it spares calls.
ROWS_A_CALL: Final = 100
# A list may lag behind or leave a code out, so every so many looks a number is asked alone.
ALONE_EVERY: Final = 16
REST_SECONDS: Final = 10.0
# While so many are still to be asked alone, the list has said what it can.
ALONE_MOST: Final = 200
LEASE_SECONDS: Final = 25

_CROWD: Final = (
    " a.account_id = :account_id and a.state in ('waiting','received')"
    " and a.expires_at > :now and (a.lease_until is null or a.lease_until < :now)"
    " and a.id <> all(:alone) and (:every = 0 or a.fence % :every <> :every - 1)"
    " and not exists (select from inbound_delivery d where d.activation_id = a.id"
    "  and d.outcome = 'checking')"
)
_CLAIM: Final = (
    "update activation set lease_until = :lease, fence = fence + 1"  # noqa: S608
    " where (select count(*) from activation a where"
    + _CROWD
    + " and a.next_at <= :now) >= :fewest and id in (select id from activation a where"
    + _CROWD
    + " and a.next_at <= :ahead order by a.next_at limit :most for update skip locked)"
    " returning id, fence, state, service, country, upstream_id, phone, sms_count, acquired_at,"
    " expires_at, status_failures, code"
)
_KEEP: Final = """
update activation a set next_at = q.at, lease_until = null,
  status_failures = case when q.quiet then 0 else status_failures end
from unnest(cast(:ids as bigint[]), cast(:fences as bigint[]), cast(:ats as timestamptz[]),
  cast(:quiet as boolean[])) as q(id, fence, at, quiet)
where a.id = q.id and a.fence = q.fence
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A claimed number handed back: looked at again ``at``; ``quiet`` where it was asked about."""

    id: int
    fence: int
    at: datetime
    quiet: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What a list said: who waits on, who has something new, who must be asked alone."""

    quiet: list[Any] = field(default_factory=list)
    spoken: list[tuple[Any, StatusReport]] = field(default_factory=list)
    alone: list[Any] = field(default_factory=list)


class Crowd:
    """The numbers of one account that one call may ask about, for as long as a lane is held."""

    def __init__(self, terms: Terms, reader: AsyncProviderClient, pace: Pace) -> None:
        self._terms = terms
        self._pace = pace
        self._reader = reader
        self._listing: Listing | None = reader.listing()
        self._rests_until = 0.0
        self._asking = False
        self._alone: set[int] = set()

    def claim(self, unit: UnitOfWork, now: datetime) -> Sequence[Any]:
        """Take every number that is due or soon will be; none where asking alone is as cheap."""
        rests = self._asking or time.monotonic() < self._rests_until
        if self._listing is None or rests or len(self._alone) > ALONE_MOST:
            return []
        rows = unit.all(
            _CLAIM,
            account_id=self._terms.account_id,
            now=now,
            ahead=now + timedelta(seconds=self._terms.poll_seconds),
            lease=now + timedelta(seconds=LEASE_SECONDS),
            alone=list(self._alone),
            every=ALONE_EVERY if self._listing.operation == "active" else 0,
            fewest=FEWEST,
            most=MOST,
        )
        self._asking = bool(rows)
        return rows

    async def ask(self, rows: Sequence[Any]) -> Told:
        """Ask about all of them; whom a failed call would have told of are asked alone."""
        assert self._listing is not None
        told = Told()
        size = self._listing.most or len(rows)
        chunks = [rows[start : start + size] for start in range(0, len(rows), size)]
        answers = await asyncio.gather(*map(self._list, chunks))
        for chunk, answer in zip(chunks, answers, strict=True):
            for row in chunk:
                self._sort(told, row, answer.get(row["upstream_id"]))
        return told

    def kept(self, told: Told, now: datetime) -> list[Kept]:
        """Who of them is handed back: the quiet for their next look, the others for one at once."""
        self._asking = False
        self._alone.update(row["id"] for row in told.alone)
        return [self.waits_on(row, now) for row in told.quiet] + [
            Kept(row["id"], row["fence"], now, quiet=False) for row in told.alone
        ]

    def waits_on(self, row: Any, now: datetime) -> Kept:
        """A number that was asked about and has nothing new."""
        at = self._pace.next_look(row, now, received=row["sms_count"] > 0)
        return Kept(row["id"], row["fence"], at, quiet=True)

    def asked_alone(self, activation_ids: Iterable[int]) -> None:
        """They may be asked about with the others again."""
        self._alone.difference_update(activation_ids)

    async def _list(self, rows: Sequence[Any]) -> dict[str, ActiveRow]:
        assert self._listing is not None
        try:
            if self._listing.operation == "statuses":
                listed = await self._reader.statuses([row["upstream_id"] for row in rows])
            else:
                listed = await self._reader.active()
                if len(listed) > ROWS_A_CALL * len(rows):
                    self._rest()
        except ProviderError:
            # Noted by the client; what it would have said is asked for number by number.
            self._rest()
            return {}
        return {one.activation_id: one for one in listed}

    def _rest(self) -> None:
        self._rests_until = time.monotonic() + REST_SECONDS

    def _sort(self, told: Told, row: Any, listed: ActiveRow | None) -> None:
        assert self._listing is not None
        if listed is None or listed.state in ENDED:
            told.alone.append(row)
        elif _waits_on(row, listed):
            told.quiet.append(row)
        elif self._listing.operation == "statuses" and (listed.code or listed.text):
            report = StatusReport("received", listed.code, listed.text, None, ())
            told.spoken.append((row, report))
        else:
            told.alone.append(row)


def _waits_on(row: Any, listed: ActiveRow) -> bool:
    """Whether the list shows nothing that we do not know already."""
    if listed.state == "retry":
        return True
    if listed.code:
        return bool(listed.code == row["code"])
    if listed.text:
        return False
    return listed.state != "received" or row["sms_count"] > 0


def hand_back(unit: UnitOfWork, kept: Sequence[Kept]) -> None:
    """Give claimed numbers back, but those that another worker took over."""
    if kept:
        unit.run(
            _KEEP,
            ids=[one.id for one in kept],
            fences=[one.fence for one in kept],
            ats=[one.at for one in kept],
            quiet=[one.quiet for one in kept],
        )
