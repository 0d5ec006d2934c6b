"""What another version changes: its text side by side, and its results over known exchanges."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final, Literal

from nexnum_console.providers.body import Reply
from nexnum_console.providers.compare import difference
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.exchanges import Exchange
from nexnum_console.providers.normal import NormalForm
from nexnum_console.providers.reply import read
from nexnum_console.providers.request import translated

CONTEXT: Final = 3


@dataclass(frozen=True, slots=True)
class Line:
    """A line of two texts side by side; number 0 where one side has none.

    ``kind``: same, changed, gone, new, or gap where lines that are the same were left out.
    """

    kind: Literal["same", "changed", "gone", "new", "gap"]
    old_number: int
    old: str
    new_number: int
    new: str


@dataclass(frozen=True, slots=True)
class ResultChange:
    """One exchange under both versions; ``change`` is empty where the result is the same."""

    exchange: int
    operation: str
    old: str
    new: str
    change: str


def side_by_side(old: str, new: str) -> list[Line]:
    """Both texts by line; of what is the same only the lines around a change."""
    left, right = old.splitlines(), new.splitlines()
    lines: list[Line] = []
    blocks = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    for index, (kind, a, b, c, d) in enumerate(blocks):
        if kind == "equal":
            first, last = index == 0, index == len(blocks) - 1
            lines += _same(left, a, b, c, first=first, last=last)
            continue
        for step in range(max(b - a, d - c)):
            has_old, has_new = a + step < b, c + step < d
            lines.append(
                Line(
                    "changed" if has_old and has_new else "gone" if has_old else "new",
                    a + step + 1 if has_old else 0,
                    left[a + step] if has_old else "",
                    c + step + 1 if has_new else 0,
                    right[c + step] if has_new else "",
                )
            )
    return lines


def _same(left: list[str], a: int, b: int, c: int, *, first: bool, last: bool) -> list[Line]:
    before = 0 if first else CONTEXT
    after = 0 if last else CONTEXT
    every = [Line("same", a + n + 1, left[a + n], c + n + 1, left[a + n]) for n in range(b - a)]
    if len(every) <= before + after:
        return every
    gap = Line("gap", 0, f"{len(every) - before - after} lines are the same", 0, "")
    return [*every[:before], gap, *(every[len(every) - after :] if after else [])]


def results(
    old: CompiledProvider, new: CompiledProvider, exchanges: Iterable[Exchange]
) -> list[ResultChange]:
    """Each exchange read by both versions. No request is sent."""
    return [_compared(old, new, one) for one in exchanges]


def _compared(old: CompiledProvider, new: CompiledProvider, one: Exchange) -> ResultChange:
    before, after = outcome(old, one), outcome(new, one)
    change = difference(before, after) or difference(after, before) or ""
    return ResultChange(one.id, one.operation, summary(before), summary(after), change)


def outcome(compiled: CompiledProvider, one: Exchange) -> dict[str, Any]:
    """``ok`` with the normal form, or ``error`` with its code."""
    reply = Reply(one.status, one.headers, one.body)
    try:
        values = translated(compiled, one.variables)
        return outcome_of(read(compiled, one.operation, reply, values), None)
    except ProviderError as error:
        return outcome_of(None, error)


def outcome_of(result: NormalForm | None, error: ProviderError | None) -> dict[str, Any]:
    """A result or an error as recordings write what they expect."""
    if error is None:
        return {"ok": result or {}}
    found: dict[str, Any] = {"error": str(error.code)}
    return found | ({"min_price": error.min_price} if error.min_price is not None else {})


def summary(found: dict[str, Any]) -> str:
    """A result in a few words."""
    if "error" in found:
        return str(found["error"]).replace("_", " ")
    told = []
    for name, value in found["ok"].items():
        if isinstance(value, list | dict):
            told.append(f"{len(value)} {name}")
        elif name != "skipped" or value:
            told.append(f"{name} {value}")
    return ", ".join(told)[:200]
