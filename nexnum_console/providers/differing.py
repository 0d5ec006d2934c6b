"""Two configs over the same recordings: where their results differ, and which keys changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from nexnum_console.providers.compare import first_difference
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.providers.positions import Path, pointer
from nexnum_console.providers.replay import result_of

# error: a result before, an error now; mended: the other way round
Kind = Literal["same", "changed", "error", "mended"]


@dataclass(frozen=True, slots=True)
class ResultChange:
    """One recording through both configs. ``message`` is the first difference, before → after."""

    id: str
    operation: str
    kind: Kind
    message: str
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class KeyChange:
    """One part of the config that is not as it was; texts are JSON, cut to a line."""

    pointer: str
    kind: Literal["added", "removed", "changed"]
    before: str
    after: str


def result_changes(
    before: CompiledProvider, after: CompiledProvider, recordings: Iterable[Mapping[str, Any]]
) -> list[ResultChange]:
    """What each recording means to both, in the order of the recordings."""
    return [_change(before, after, recording) for recording in recordings]


def _change(
    before: CompiledProvider, after: CompiledProvider, recording: Mapping[str, Any]
) -> ResultChange:
    old, new = result_of(before, recording), result_of(after, recording)
    kind, message = _difference(old, new)
    return ResultChange(recording["id"], recording["operation"], kind, message, old, new)


def _difference(old: dict[str, Any], new: dict[str, Any]) -> tuple[Kind, str]:
    if ("ok" in old) != ("ok" in new):
        if "ok" in old:
            return "error", f"a result → the error {new['error']}: {new['message']}"
        return "mended", f"the error {old['error']} → a result"
    if "ok" not in old:
        was, now = _refusal(old), _refusal(new)
        return ("same", "") if was == now else ("changed", f"{was} → {now}")
    found = first_difference(old["ok"], new["ok"])
    if found is None:  # what only the new result has
        found = first_difference(new["ok"], old["ok"])
        if found is None:
            return "same", ""
        was, now = old["ok"].get(found.key), new["ok"].get(found.key)
        return "changed", f"{found.key}: {was!r:.200} → {now!r:.200}"
    message = found.message.replace("expected ", "", 1).replace(", got ", " → ", 1)
    return "changed", message


def _refusal(found: dict[str, Any]) -> str:
    price = found.get("min_price")
    return f"the error {found['error']}" + (f" from {price}" if price is not None else "")


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
