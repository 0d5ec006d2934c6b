"""A draft that serves a share of the calls: which calls, and when it has done worse.

Calls are judged by what the config can be blamed for: answers nobody could read, and purchases
that sold nothing. A share that does worse than the published version is taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from math import sqrt
from typing import Final

from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.providers import versions
from nexnum_console.providers.vocabulary import SALES

LAST_CALLS: Final = 400
LEAST_FAULTS: Final = 3
# One-sided 97.5 %: a share that is as good as the published one is taken back once in forty.
_Z: Final = 1.96
_SLACK: Final = 0.01
UNREADABLE: Final = frozenset({"parse_error", "bad_request", "bad_action"})
_UNHEARD: Final = frozenset({"provider_unavailable", "rate_limited"})
REVERTED: Final = "The share did worse than the published version"


@dataclass(frozen=True, slots=True)
class Call:
    """How one call went: ``ok`` or an error code."""

    operation: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """``revert`` and the sentence that says why, or why not yet."""

    revert: bool
    why: str


_Test = Callable[[Call], bool]


def takes(percent: int, variables: Mapping[str, str], roll: Callable[[], float]) -> bool:
    """Whether the draft serves this call: one activation is always served by the same version.

    ``roll`` gives a number from 0 up to 1.
    """
    name = variables.get("id")
    part = roll() if name is None else int.from_bytes(sha256(name.encode()).digest()[:4]) / 2**32
    return part * 100 < percent


def judge(published: Sequence[Call], canary: Sequence[Call]) -> Judgement:
    """Whether the canary's last calls are worse than the published version's."""
    measures: tuple[tuple[str, _Test, _Test], ...] = (
        ("answers that could not be read", _unreadable, lambda call: True),
        ("purchases that sold nothing", _sold_nothing, lambda call: call.operation in SALES),
    )
    for words, bad, counts in measures:
        ours = [bad(call) for call in canary if _heard(call) and counts(call)]
        theirs = [bad(call) for call in published if _heard(call) and counts(call)]
        if _worse(sum(theirs), len(theirs), sum(ours), len(ours)):
            return Judgement(
                True,
                f"{words}: {sum(ours)} of {len(ours)} by the draft,"
                f" {sum(theirs)} of {len(theirs)} by the published version",
            )
    return Judgement(False, f"{len(canary)} calls by the draft, none the worse for it")


def _heard(call: Call) -> bool:
    """An outage strikes both versions and says nothing of either."""
    return call.outcome not in _UNHEARD


def _unreadable(call: Call) -> bool:
    return call.outcome in UNREADABLE


def _sold_nothing(call: Call) -> bool:
    return call.outcome != "ok"


def _worse(their_faults: int, their_calls: int, faults: int, calls: int) -> bool:
    """The least rate that the canary's faults allow is above what the published one shows.

    Nothing is known of a published version without calls: it is taken as free of faults.
    """
    if faults < LEAST_FAULTS:
        return False
    usual = their_faults / their_calls if their_calls else 0.0
    return _least_rate(faults, calls) > usual + _SLACK


def _least_rate(faults: int, calls: int) -> float:
    """Lower end of Wilson's interval."""
    rate, z2 = faults / calls, _Z * _Z
    middle = rate + z2 / (2 * calls)
    spread = _Z * sqrt((rate * (1 - rate) + z2 / (4 * calls)) / calls)
    return (middle - spread) / (1 + z2 / calls)


def is_running(unit: UnitOfWork) -> bool:
    """Whether any draft serves a share."""
    return bool(
        unit.scalar("select exists (select from provider_config_version where canary_percent > 0)")
    )


def revert_bad(database: Database, *, now: datetime) -> list[str]:
    """Take the share back from every draft that does worse; names of their providers."""
    with database.transaction() as unit:
        running = unit.all(
            "select p.name, p.id, v.number, v.canary_at, coalesce((select number from"
            " provider_config_version where provider_id = p.id and state = 'published'), 0)"
            " as published from provider_config_version v join provider p on p.id = v.provider_id"
            " where v.state = 'draft' and v.canary_percent > 0 order by p.name"
        )
        reverted = []
        for row in running:
            since = row["canary_at"]
            verdict = judge(
                _calls(unit, row["id"], row["published"], since),
                _calls(unit, row["id"], row["number"], since),
            )
            if verdict.revert:
                why = f"{REVERTED}: {verdict.why}"
                versions.set_canary(unit, "system", row["name"], 0, why, now=now)
                reverted.append(row["name"])
    return reverted


def _calls(unit: UnitOfWork, provider_id: int, number: int, since: datetime) -> list[Call]:
    rows = unit.all(
        "select operation, outcome from provider_call where provider_id = :id"
        " and version = :number and at >= :since order by id desc limit :most",
        id=provider_id,
        number=number,
        since=since,
        most=LAST_CALLS,
    )
    return [Call(**row) for row in rows]
