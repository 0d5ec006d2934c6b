"""Two texts of a config: side by side by line, and the keys that are not as they were."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final, Literal

from nexnum_console.providers.positions import Path, pointer

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
class KeyChange:
    """One part of the config that is not as it was; texts are JSON, cut to a line."""

    pointer: str
    kind: Literal["added", "removed", "changed"]
    before: str
    after: str


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


def key_changes(before: Any, after: Any) -> list[KeyChange]:
    """Parts of two config documents (parsed JSON) that differ, by pointer into the later one."""
    return list(_walk((), before, after))


def _walk(path: Path, before: Any, after: Any) -> Iterator[KeyChange]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            place = (*path, key)
            if key not in after:
                yield KeyChange(pointer(place), "removed", _shown(before[key]), "")
            elif key not in before:
                yield KeyChange(pointer(place), "added", "", _shown(after[key]))
            else:
                yield from _walk(place, before[key], after[key])
    elif isinstance(before, list) and isinstance(after, list):
        yield from _lists(path, before, after)
    elif before != after or type(before) is not type(after):
        yield KeyChange(pointer(path), "changed", _shown(before), _shown(after))


def _lists(path: Path, before: list[Any], after: list[Any]) -> Iterator[KeyChange]:
    """Members are paired by content, so that one put in front does not change all others."""
    old, new = ([json.dumps(each, sort_keys=True) for each in side] for side in (before, after))
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        for index in range(max(b - a, d - c)):
            if index >= b - a:
                yield KeyChange(pointer((*path, c + index)), "added", "", _shown(after[c + index]))
            elif index >= d - c:
                place = pointer((*path, a + index))
                yield KeyChange(place, "removed", _shown(before[a + index]), "")
            else:
                yield from _walk((*path, c + index), before[a + index], after[c + index])


def _shown(value: Any) -> str:
    written = json.dumps(value, ensure_ascii=False)
    return written if len(written) <= 100 else f"{written[:100]}…"
