"""What a plan is made from, read at most every two seconds for each service and country."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from nexnum_console.catalogue.service import Candidate
from nexnum_console.core.db import UnitOfWork
from nexnum_console.providers import performance_rows
from nexnum_console.providers.performance import Belief, Scope, Tally, believe
from nexnum_console.routing.plan import Ruling
from nexnum_console.routing.rulings import rulings

FRESH_SECONDS: Final = 2.0
LANES_MAX: Final = 512

_Lane = tuple[str, str]
_known: WeakKeyDictionary[Engine, dict[_Lane, tuple[float, Knowledge]]] = WeakKeyDictionary()
_lock: Final = Lock()


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known of one service in one country: outcomes, and what an admin decided.

    It lives for FRESH_SECONDS, in which no outcome ages, so each belief is made once.
    """

    service: str
    country: str
    tallies: dict[Scope, Tally]
    ruling_of: Callable[[Candidate], Ruling]
    _beliefs: dict[Scope, Belief] = field(default_factory=dict)

    def belief_of(self, now: datetime) -> Callable[[Candidate], Belief]:
        """What to expect of a candidate at ``now``, or a moment before."""

        def belief(candidate: Candidate) -> Belief:
            of = Scope(candidate.provider_id, self.service, self.country, candidate.operator)
            found = self._beliefs.get(of)
            if found is None:
                found = self._beliefs[of] = believe(of, self.tallies, now)
            return found

        return belief


def known(unit: UnitOfWork, service: str, country: str, now: datetime) -> Knowledge:
    """What is known of every provider at ``now``, at most FRESH_SECONDS old."""
    engine, lane = unit.engine, (service, country)
    with _lock:
        until, found = _known.get(engine, {}).get(lane, (0.0, None))
    if found is not None and time.monotonic() < until:
        return found
    found = Knowledge(
        service,
        country,
        performance_rows.load(unit, service, country),
        rulings(unit, service, country, now),
    )
    with _lock:
        lanes = _known.setdefault(engine, {})
        if len(lanes) >= LANES_MAX:
            lanes.clear()
        lanes[lane] = (time.monotonic() + FRESH_SECONDS, found)
    return found


def forget_after(unit: UnitOfWork) -> None:
    """Read anew in this process once the transaction is durable."""
    engine = unit.engine

    def forget() -> None:
        with _lock:
            _known.pop(engine, None)

    unit.after_commit(forget)
