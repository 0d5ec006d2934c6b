"""gate.lua as Python calls it: one script, its rules in front, times in whole microseconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha1
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import redis
from redis.exceptions import NoScriptError

from nexnum_console.core.redis_line import Line
from nexnum_console.providers.breaker import (
    AT_ONCE,
    OK,
    ONE_KEY_REFUSED,
    SILENT,
    WEIGHTS,
    BreakerRules,
    Forced,
)
from nexnum_console.providers.errors import Code
from nexnum_console.providers.limiter import Budget, LimiterRules, Limits
from nexnum_console.providers.vocabulary import Effect

_SOURCE: Final = Path(__file__).with_name("gate.lua")
_NO_BUDGET: Final = Budget(0, 0.0)


@dataclass(frozen=True, slots=True)
class Call:
    """What wants to go out. ``deadline`` and ``patience`` in seconds: how long the call may take,
    and how long it may wait for its turn. ``own``: the operation's own limit, if it has one."""

    operation: str
    kind: Effect
    deadline: float
    patience: float
    own: Budget | None = None


@dataclass(frozen=True, slots=True)
class Force:
    """What staff decided about an account's breaker; a higher version is newer."""

    state: Forced = ""
    version: int = 0


AUTOMATIC: Final = Force()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says: ``go``, or why not (``open``, ``rate``, ``slots``, ``cool``) and for how
    many seconds.

    ``granted`` is Redis's time in µs, ``event`` a change of the breaker's state on the way.
    """

    what: str
    wait: float
    generation: int
    granted: int = 0
    probe: bool = False
    event: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a call came to: ``ok``, a code, or "" for an outcome that says nothing."""

    account_id: int
    verdict: Verdict
    token: str
    code: str
    retry_after: float | None
    limits: Limits


@dataclass(frozen=True, slots=True)
class Seen:
    """An account's gate as Redis knows it; times are seconds ago or ahead."""

    state: str
    since_ago: float | None
    open_for: float
    why: str
    forced: str
    counts: dict[str, int]
    cap: float | None
    resting: float
    at_once: int


class GateScript:
    """The verbs of gate.lua over one Redis. RedisError passes through."""

    def __init__(self, client: redis.Redis, breaker: BreakerRules, limiter: LimiterRules) -> None:
        self._client = client
        self._line = Line(client)
        self._breaker = breaker
        rules = f"local RULES = {_lua(_rules(breaker, limiter))}\n"
        self._text = rules + _SOURCE.read_text("utf-8")
        self._sha = sha1(self._text.encode(), usedforsecurity=False).hexdigest()

    def permit(
        self,
        account_id: int,
        tokens: Sequence[str],
        call: Call,
        lease: float,
        force: Force,
        limits: Limits,
    ) -> list[Verdict]:
        """May so many such calls go out now? Asked again with the same token it books nothing more.

        One verdict for each token; where one has to wait, so do all behind it.
        """
        own = call.own or _NO_BUDGET
        arguments = (
            *("permit", call.kind, _micro(lease), force.state, force.version),
            *(*_budget(limits.account), limits.at_once, *_budget(own)),
            *tokens,
        )
        (answers,) = self._run([(keys(account_id, call.operation), arguments)])
        found = [each for many, told in answers for each in [_verdict(told)] * many]
        return and_behind(found, len(tokens))

    def report(self, reports: Sequence[Report]) -> list[tuple[int, str]]:
        """Tell what calls came to; (account, ``opened`` or ``closed``) for each change by it."""
        runs = [list(alike) for _, alike in groupby(reports, _manner)]
        answers = self._run([_told(alike) for alike in runs])
        return [
            (alike[0].account_id, _text(event))
            for alike, events in zip(runs, answers, strict=True)
            for event in events
        ]

    def look(self, asked: Sequence[tuple[int, Force]], kind: Effect) -> list[float]:
        """For each account the seconds for which its breaker refuses such a call, else 0."""
        found = self._run(
            [
                (keys(account_id), ("look", kind, force.state, force.version))
                for account_id, force in asked
            ]
        )
        return [wait / 1e6 for wait in found]

    def force(self, account_id: int, force: Force) -> None:
        """Make a decision of staff hold, unless a newer one is known."""
        self._run([(keys(account_id), ("force", force.state, force.version))])

    def heard(self, account_ids: Sequence[int], process: str) -> None:
        """A sign of life of a process that has calls under way there."""
        self._run([(keys(account_id), ("heard", process)) for account_id in account_ids])

    def show(self, account_ids: Sequence[int]) -> list[Seen]:
        """Everything known of each account."""
        answers = self._run([(keys(account_id), ("show",)) for account_id in account_ids])
        return [_seen(answer, self._breaker) for answer in answers]

    def _run(self, wanted: Sequence[tuple[list[str], tuple[Any, ...]]]) -> list[Any]:
        """Every wanted run in one round trip, in order."""
        if len(wanted) == 1:
            return [self._one(*wanted[0])]
        pipeline = self._client.pipeline(transaction=False)
        for names, arguments in wanted:
            pipeline.evalsha(self._sha, len(names), *names, *arguments)
        found = pipeline.execute(raise_on_error=False)
        for place, answer in enumerate(found):
            if isinstance(answer, NoScriptError):
                found[place] = self._one(*wanted[place])
            elif isinstance(answer, Exception):
                raise answer
        return found

    def _one(self, names: list[str], arguments: tuple[Any, ...]) -> Any:
        try:
            return self._line.ask("EVALSHA", self._sha, len(names), *names, *arguments)
        except NoScriptError:
            return self._line.ask("EVAL", self._text, len(names), *names, *arguments)


def and_behind(found: list[Verdict], wanted: int) -> list[Verdict]:
    """So many verdicts: who stands behind one who waits hears the same, but no event twice."""
    return found + [replace(found[-1], event="")] * (wanted - len(found))


def keys(account_id: int, operation: str = "") -> list[str]:
    """The script's keys, all in one slot of a cluster."""
    shared = ("breaker", "window", "limits", "calls", "slots", "probes")
    parts = (*shared, f"calls:{operation}", "heard", "watch", "let_go")
    return [f"gate:{{{account_id}}}:{part}" for part in parts]


def _verdict(answer: Sequence[Any]) -> Verdict:
    what, wait, generation, granted, probe, event = answer
    return Verdict(_text(what), wait / 1e6, generation, granted, bool(probe), _text(event))


def _manner(report: Report) -> tuple[Any, ...]:
    """What reports that one run of the script tells have in common."""
    generation = report.verdict.generation
    return report.account_id, report.code, generation, report.retry_after, report.limits


def _told(alike: Sequence[Report]) -> tuple[list[str], tuple[Any, ...]]:
    first = alike[0]
    after = -1 if first.retry_after is None else _micro(first.retry_after)
    ended = [part for report in alike for part in (report.token, report.verdict.granted)]
    told = ("report", first.code, first.verdict.generation, after, *_budget(first.limits.account))
    return keys(first.account_id), (*told, *ended)


def _seen(answer: Any, rules: BreakerRules) -> Seen:
    now, state = int(answer[0]), _text(answer[1])
    breaker, window, limits = (_mapping(flat) for flat in answer[2:5])
    oldest = now // _micro(rules.bucket) - rules.buckets
    counts: dict[str, int] = {}
    for field, count in window.items():
        slot, _, code = field.partition(":")
        if int(slot) > oldest:
            counts[code] = counts.get(code, 0) + int(count)
    forced = breaker.get("forced", "")
    since = breaker.get("forced_since" if forced else "since")
    return Seen(
        state=state,
        since_ago=None if since is None else (now - int(since)) / 1e6,
        open_for=max(0.0, (int(breaker.get("until", 0)) - now) / 1e6),
        why=breaker.get("why", ""),
        forced=forced,
        counts=counts,
        cap=float(limits["cap"]) if "cap" in limits else None,
        resting=max(0.0, (int(limits.get("cool", 0)) - now) / 1e6),
        at_once=int(answer[5]),
    )


def _mapping(flat: Sequence[bytes]) -> dict[str, str]:
    texts = [_text(part) for part in flat]
    return dict(zip(texts[::2], texts[1::2], strict=True))


def _rules(breaker: BreakerRules, limiter: LimiterRules) -> dict[str, Any]:
    codes = [OK, ONE_KEY_REFUSED, *(str(code) for code in Code if code not in SILENT)]
    return {
        "weight": {code: WEIGHTS.get(code, 0.0) for code in codes},
        "at_once": {str(code): True for code in sorted(AT_ONCE)},
        "bucket": _micro(breaker.bucket),
        "buckets": breaker.buckets,
        "calls_least": breaker.calls_least,
        "share": breaker.share,
        "bad_least": breaker.bad_least,
        "open": _micro(breaker.open_for),
        "open_at_once": _micro(breaker.open_at_once_for),
        "open_most": _micro(breaker.open_most),
        "calm": _micro(breaker.calm),
        "probes": breaker.probes,
        "probe_wait": _micro(breaker.probe_wait),
        "floor": limiter.floor,
        "cut": limiter.cut,
        "raise": limiter.raise_by,
        "raise_every": _micro(limiter.raise_every),
        "hold": _micro(limiter.hold),
        "hold_most": _micro(limiter.hold_most),
        "cool_most": _micro(limiter.cool_most),
        "cool_blind": _micro(limiter.cool_blind),
        "kept_back": limiter.kept_back,
        "share_from": limiter.share_from,
        "slot_wait": _micro(limiter.slot_wait),
        "silent": _micro(limiter.silent),
        "lull": _micro(limiter.lull),
        "untold": _micro(limiter.untold),
        "remember": _micro(limiter.remember),
    }


def _lua(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"['{name}'] = {_lua(each)}" for name, each in value.items()) + "}"
    return "true" if value is True else repr(value)


def _budget(budget: Budget) -> tuple[int, int]:
    return budget.requests, _micro(budget.per_seconds)


def _micro(seconds: float) -> int:
    return round(seconds * 1_000_000)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
