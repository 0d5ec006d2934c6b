"""Lanes: the right to work one provider account, held by lease and fenced by number."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from nexnum_console.core.db import Database, UnitOfWork

log = logging.getLogger(__name__)

# With the start of another worker, its wake-up and its first look, a dead worker's lane works again
# within 15 s.
LEASE_SECONDS = 8
# A lease is extended when a quarter of it has passed.
RENEW = timedelta(seconds=LEASE_SECONDS / 4)
QUEUED_SECONDS = 8
# A number sold later than its attempt settled shows only in the listing, so an account with
# failed attempts is listed again now and then.
RELIST = timedelta(seconds=30)
RECENT = timedelta(hours=1)
# And every account by itself, so that what a restored backup does not know is found.
RELIST_ALL = timedelta(days=1)
# A lane whose listing failed rests for so long, unless something else on it is due.
FAILED_REST = timedelta(seconds=10)

# The line in an order's story: its unknown purchase is a person's to settle, for its provider has
# no list of live numbers that a worker could look at.
UNLISTED: Final = "unlisted"

# A stray that the provider once told us the order of: ours, whoever else buys with the account.
OURS: Final = (
    "exists (select from attempt t where t.account_id = s.account_id"
    " and t.provider_order_id = s.upstream_id and t.state = 'released')"
)
# A stray that a worker will do something about; on an account that others buy with too, numbers
# are mostly theirs and wait for nothing.
PURSUED: Final = (
    "(s.state = 'orphan' or s.state = 'seen' and (" + OURS + " or exists (select"
    " from provider_account p where p.id = s.account_id and p.exclusive)))"
)

_FREE_AND_DUE = f"""
  (lease_until is null or lease_until < :now)
  and case kind
    when 'poll' then exists (
      select from activation a where a.account_id = lane.account_id
        and a.state in ('waiting','received','cancelling') and a.next_at <= :now)
    else exists (
      select from attempt t where t.account_id = lane.account_id and t.state = 'unknown'
        and not exists (select from activation_event e
          where e.activation_id = t.activation_id and e.kind = '{UNLISTED}'))
      or exists (
      select from activation a where a.account_id = lane.account_id
        and (a.state = 'cancelling' or a.upstream = 'closing') and a.close_at <= :now)
      or ((lane.listed_at is null or lane.listed_at < cast(:now as timestamptz) - :relist)
        and exists (select from attempt t where t.account_id = lane.account_id
          and t.state <> 'acquired' and t.sent_at > cast(:now as timestamptz) - :recent))
      or ((lane.listed_at is null or lane.listed_at < cast(:now as timestamptz) - :relist_all)
        and exists (select from provider_account pa join provider p on p.id = pa.provider_id
          where pa.id = lane.account_id and pa.enabled and p.enabled))
      or exists (
      select from sighting s where s.account_id = lane.account_id
        and {PURSUED} and coalesce(s.next_at, s.grace_until) <= :now)
      or exists (
      select from inbound_delivery d where d.account_id = lane.account_id
        and d.outcome = 'checking' and d.next_at <= :now)
  end
"""  # noqa: S608  fragments of our own


@dataclass(slots=True)
class Lane:
    """A lane this worker holds. ``renew`` answers False once another worker took it.

    ``renewed_at``: when the lease was last extended. ``rests_until``: nobody takes it before, once
    it is left.
    """

    database: Database
    account_id: int
    kind: str
    fence: int
    renewed_at: datetime
    rests_until: datetime | None = None

    def renew(self, now: datetime) -> bool:
        """Extend the lease; a worker that stops renewing loses the lane in LEASE_SECONDS.

        Nobody else can have the lane as long as little of the lease has passed: then it is kept
        without a question.
        """
        with self.database.transaction() as unit:
            return self.renew_in(unit, now)

    def renew_in(self, unit: UnitOfWork, now: datetime) -> bool:
        """As ``renew``, inside the caller's transaction."""
        if self.renewed_at <= now < self.renewed_at + RENEW:
            return True
        held = unit.scalar(
            "update lane set lease_until = :lease where account_id = :account_id"
            " and kind = :kind and fence = :fence returning true",
            lease=now + timedelta(seconds=LEASE_SECONDS),
            account_id=self.account_id,
            kind=self.kind,
            fence=self.fence,
        )
        if held:
            self.renewed_at = now
        return bool(held)

    def leave(self) -> None:
        """Give the lane up, for the scheduler to hand on at once."""
        with self.database.transaction() as unit:
            unit.run(
                "update lane set lease_until = cast(:rests_until as timestamptz),"
                " queued_until = null, holder = ''"
                " where account_id = :account_id and kind = :kind and fence = :fence",
                rests_until=self.rests_until,
                account_id=self.account_id,
                kind=self.kind,
                fence=self.fence,
            )


def take(database: Database, account_id: int, kind: str, holder: str, now: datetime) -> Lane | None:
    """Take the lane if nobody holds it; None if somebody does."""
    with database.transaction() as unit:
        unit.run(
            "insert into lane (account_id, kind) values (:account_id, :kind)"
            " on conflict do nothing",
            account_id=account_id,
            kind=kind,
        )
        fence = unit.scalar(
            "update lane set holder = :holder, fence = fence + 1, lease_until = :lease"
            " where account_id = :account_id and kind = :kind"
            " and (lease_until is null or lease_until < :now) returning fence",
            holder=holder,
            lease=now + timedelta(seconds=LEASE_SECONDS),
            account_id=account_id,
            kind=kind,
            now=now,
        )
    return None if fence is None else Lane(database, account_id, kind, fence, now)


@contextmanager
def kept(lane: Lane, clock: Callable[[], datetime]) -> Iterator[None]:
    """Renew the lane's lease beside work that waits for its carrier for longer than a lease lasts.

    Else two workers would take the lane of a slow carrier from each other for ever, each in the
    middle of a listing. A lane that was lost all the same stays lost: ``renew`` tells.
    """
    over = threading.Event()

    def renew() -> None:
        while not over.wait(RENEW.total_seconds()):
            try:
                if not lane.renew(clock()):
                    return
            except SQLAlchemyError as error:
                log.warning("lane %s was not renewed: %s", lane.kind, type(error).__name__)

    beside = threading.Thread(target=renew, name="lane-lease", daemon=True)
    beside.start()
    try:
        yield
    finally:
        over.set()
        beside.join()


def due(database: Database, kind: str, now: datetime) -> list[int]:
    """Accounts whose lane of ``kind`` has work and nobody on it."""
    with database.transaction() as unit:
        rows = unit.all(
            f"select account_id from lane where kind = :kind and {_FREE_AND_DUE}",  # noqa: S608
            kind=kind,
            now=now,
            relist=RELIST,
            recent=RECENT,
            relist_all=RELIST_ALL,
        )
    return [row["account_id"] for row in rows]


def list_anew(database: Database) -> None:
    """Have every account listed soon: when the console starts, its books may be of yesterday."""
    with database.transaction() as unit:
        unit.run("update lane set listed_at = null where kind = 'settle'")


def claim_for_queue(database: Database, now: datetime) -> set[str]:
    """The kinds of lane with work that no worker was woken for; they are marked as queued.

    ``poll`` has due numbers; ``settle`` has unknown purchases, cancellations to repeat, numbers to
    give back, or pushed events to confirm.
    """
    with database.transaction() as unit:
        unit.run(
            "insert into lane (account_id, kind) select id, kind from provider_account,"
            " unnest(array['poll','settle']) kind on conflict do nothing"
        )
        rows = unit.all(
            "update lane set queued_until = :queued"  # noqa: S608
            f" where (queued_until is null or queued_until < :now) and {_FREE_AND_DUE}"
            " returning kind",
            now=now,
            queued=now + timedelta(seconds=QUEUED_SECONDS),
            relist=RELIST,
            recent=RECENT,
            relist_all=RELIST_ALL,
        )
    return {row["kind"] for row in rows}


def wake(unit: UnitOfWork, account_ids: Iterable[int], kind: str) -> None:
    """Have the scheduler wake a worker for these lanes at once, if they have work."""
    unit.run(
        "update lane set queued_until = null where account_id = any(:ids) and kind = :kind",
        ids=sorted(set(account_ids)),
        kind=kind,
    )
