"""The pace of one lane: what its numbers' next looks depend on, read anew every few seconds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import inf
from typing import Any, Final

from nexnum_console.activations.cadence import Group, gap, price_of_a_call
from nexnum_console.activations.desk import Desk
from nexnum_console.core.db import UnitOfWork
from nexnum_console.providers import performance_rows
from nexnum_console.providers.arrival import FIRST, STARTS, Curve, curve
from nexnum_console.providers.carrier import Terms
from nexnum_console.providers.listed import Listing
from nexnum_console.providers.performance import Scope

REFRESH: Final = timedelta(seconds=5)
# Listings, balances and prices are reads too.
POLLING_PART: Final = 0.9
# A number that has its code may get another; nobody waits for it as for the first.
RECEIVED_SLOWDOWN: Final = 3
RECEIVED_HAZARD: Final = 1 / 1800
# The answer to a cancellation is waited for, and comes soon.
CANCELLING_HAZARD: Final = 1 / 20

_LIVE: Final = """
select service, country, state, sms_count > 0 as received, width_bucket(
    extract(epoch from cast(:now as timestamptz) - acquired_at)::float8, :starts) as bin,
  count(*) as n
from activation where account_id = :account_id and state in ('waiting','received','cancelling')
group by 1, 2, 3, 4, 5
"""
_PROVIDER: Final = "select provider_id from provider_account where id = :id"


class Pace:
    """When each number of an account is looked at again."""

    def __init__(self, desk: Desk, terms: Terms, listing: Listing | None = None) -> None:
        self._desk = desk
        self._terms = terms
        self._budget = terms.reads_per_second * POLLING_PART * _told_by_a_call(listing)
        self._fresh_until: datetime | None = None
        self._price = 0.0
        self._curves: dict[tuple[str, str], Curve] = {}

    def refresh(self) -> None:
        """Weigh the account's live numbers against its budget, if that was not done just now."""
        now = self._desk.clock()
        if self._budget == inf or (self._fresh_until is not None and now < self._fresh_until):
            return
        self._fresh_until = now + REFRESH
        with self._desk.database.transaction() as unit:
            rows = unit.all(
                _LIVE, now=now, starts=list(STARTS[1:]), account_id=self._terms.account_id
            )
            waiting = sum(row["n"] for row in rows)
            if waiting <= self._budget * self._terms.poll_seconds:
                self._price = 0.0
                return
            self._curves = self._learned(unit, {(r["service"], r["country"]) for r in rows}, now)
        self._price = price_of_a_call([self._group(row) for row in rows], self._budget)

    def next_look(self, row: Any, now: datetime, *, received: bool) -> datetime:
        """When the activation ``row`` is looked at again, at the latest when its time is over."""
        age = (now - row["acquired_at"]).total_seconds()
        seconds = gap(self._ahead(row, age, received), self._price, self._least(received))
        at = now + timedelta(seconds=seconds)
        return min(at, row["expires_at"]) if row["expires_at"] > now else at

    def _ahead(self, row: Any, age: float, received: bool) -> Iterable[tuple[float, float]]:
        if received:
            return ((inf, RECEIVED_HAZARD),)
        if row["state"] == "cancelling":
            return ((inf, CANCELLING_HAZARD),)
        return self._curves.get((row["service"], row["country"]), FIRST).ahead(age)

    def _least(self, received: bool) -> float:
        return self._terms.poll_seconds * (RECEIVED_SLOWDOWN if received else 1)

    def _group(self, row: Any) -> Group:
        _, hazard = next(iter(self._ahead(row, STARTS[row["bin"]], row["received"])))
        return Group(row["n"], hazard, self._least(row["received"]))

    def _learned(
        self, unit: UnitOfWork, lanes: set[tuple[str, str]], now: datetime
    ) -> dict[tuple[str, str], Curve]:
        provider_id = unit.scalar(_PROVIDER, id=self._terms.account_id)
        scopes = {lane: Scope(provider_id, *lane) for lane in lanes}
        tallies = performance_rows.waits(unit, scopes.values())
        return {lane: curve(scope, tallies, now) for lane, scope in scopes.items()}


def _told_by_a_call(listing: Listing | None) -> float:
    if listing is None:
        return 1
    return inf if listing.most is None else listing.most
