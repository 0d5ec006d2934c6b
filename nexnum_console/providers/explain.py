"""Why a recording differs: the trace step that made the value, and its place in the config."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nexnum_console.providers.compare import Difference, first_difference
from nexnum_console.providers.trace_model import FieldTrace, ReplyTrace, RowTrace, Trace

_SHOWN_RULES = 3


@dataclass(frozen=True, slots=True)
class Cause:
    """``place`` points into the config, at what decided; ``steps`` tell the way there."""

    place: str
    steps: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.steps)


def explain(trace: Trace, expected: Mapping[str, Any]) -> Cause:
    """The cause of a difference between what a trace gives and what was expected of it."""
    if trace.error is not None:
        return _error(trace, expected)
    reply = trace.reply
    if reply is None:
        return Cause("", ("the trace and the result disagree; this is a fault of the engine",))
    if "error" in expected:
        words = _wanted_rule(trace, str(expected["error"]))
        steps = (_taken(trace, reply), "a reply that fits comes before every error rule", *words)
        return Cause(reply.place, steps)
    found = first_difference(expected["ok"], trace.result or {})
    if found is None:
        return Cause(reply.place, (_taken(trace, reply),))
    place, told = _value(reply, found)
    return Cause(place, (_taken(trace, reply), *told, *_passed_over(trace)))


def _error(trace: Trace, expected: Mapping[str, Any]) -> Cause:
    fired = trace.fired
    decided = f"{fired.name} gives {fired.code}: {fired.why}" if fired else "no rule fired"
    place = fired.place if fired else ""
    where = f" at {place}" if place else ""
    if "error" in expected:
        wanted = _wanted_rule(trace, str(expected["error"]))
        return Cause(place, (f"error rule{where}: {decided}", *wanted))
    return Cause(place, (*_passed_over(trace), f"so the error rules{where}: {decided}"))


def _wanted_rule(trace: Trace, code: str) -> Iterator[str]:
    """Why the rules that give the expected error did not decide."""
    rules = [rule for rule in trace.rules if rule.code == code and not rule.fired]
    for rule in rules[:_SHOWN_RULES]:
        yield f"{rule.name} at {rule.place} would give {code}: {rule.why}"
    if trace.error is not None and not rules:
        yield f"no rule of the config gives {code}"


def _passed_over(trace: Trace) -> Iterator[str]:
    """The replies before the one that was taken, each with the reason."""
    for reply in trace.replies:
        if reply.chosen:
            return
        yield f"reply at {reply.place} ({reply.type}) does not fit: {reply.why}"


def _taken(trace: Trace, reply: ReplyTrace) -> str:
    number = trace.replies.index(reply) + 1
    several = f", number {number} of {len(trace.replies)}" if len(trace.replies) > 1 else ""
    root = f", root {reply.root}" if reply.root else ""
    rows = f", {reply.total} rows, {reply.skipped} skipped" if reply.total > 1 else ""
    return f"reply at {reply.place} ({reply.type}{several}{root}{rows}) was taken"


def _value(reply: ReplyTrace, found: Difference) -> tuple[str, list[str]]:
    row = _row(reply, found.row)
    if row is None:
        unread = next((each for each in reply.rows if not each.kept), None)
        steps = [f"row {unread.number} at {unread.pointer}: {unread.why}"] if unread else []
        return reply.place, steps
    ended = [change for change in row.finished if change.target == found.key]
    field = next((each for each in row.fields if each.target == found.key), None)
    steps = [_field(field)] if field else []
    steps += [f"then {change.name}: {change.before} → {change.after}" for change in ended]
    if field is None and not ended:
        steps.append(f"no field of this reply gives “{found.key}”")
        return f"{reply.place}/fields", steps
    return field.place if field else reply.place, steps


def _row(reply: ReplyTrace, number: int | None) -> RowTrace | None:
    kept = [row for row in reply.rows if row.kept]
    if number is None:
        return kept[0] if kept and reply.total == 1 else None
    if reply.skipped == 0:  # also of a long list, of which only some rows were told
        return next((row for row in kept if row.number == number), None)
    return kept[number] if number < len(kept) and len(reply.rows) == reply.total else None


def _field(field: FieldTrace) -> str:
    tried = [
        f"{one.written}{f' at {one.pointer}' if one.pointer else ''} "
        f"{'gave nothing' if one.value in {None, ''} else f'= {one.value!r}'}"
        for one in field.tried
    ]
    steps = [f"{step.name} → {step.after!r}" for step in field.steps]
    return f"{field.target} at {field.place}: {', '.join([*tried, *steps])}"
