"""Two versions of a config over the same exchanges: where their results differ. Nothing is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from nexnum_console.providers.body import Reply
from nexnum_console.providers.compare import first_difference, outcome_of
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.exchanges import Exchange
from nexnum_console.providers.replay import result_of
from nexnum_console.providers.reply import read
from nexnum_console.providers.request import translated

# error: a result before, an error now; mended: the other way round
Kind = Literal["same", "changed", "error", "mended"]


@dataclass(frozen=True, slots=True)
class ResultChange:
    """One exchange through both versions. ``message`` is the first difference, before → after."""

    id: str
    operation: str
    kind: Kind
    message: str
    before: dict[str, Any]
    after: dict[str, Any]


def of_exchanges(
    old: CompiledProvider, new: CompiledProvider, exchanges: Iterable[Exchange]
) -> list[ResultChange]:
    """What each kept exchange means to both."""
    return [
        _change(str(one.id), one.operation, outcome(old, one), outcome(new, one))
        for one in exchanges
    ]


def of_recordings(
    old: CompiledProvider, new: CompiledProvider, recordings: Iterable[Mapping[str, Any]]
) -> list[ResultChange]:
    """What each recording means to both."""
    return [
        _change(one["id"], one["operation"], result_of(old, one), result_of(new, one))
        for one in recordings
    ]


def outcome(compiled: CompiledProvider, one: Exchange) -> dict[str, Any]:
    """``ok`` with the normal form, or ``error`` with its code."""
    reply = Reply(one.status, one.headers, one.body)
    try:
        values = translated(compiled, one.variables)
        return outcome_of(read(compiled, one.operation, reply, values), None)
    except ProviderError as error:
        return outcome_of(None, error)


def _change(name: str, operation: str, old: dict[str, Any], new: dict[str, Any]) -> ResultChange:
    kind, message = _difference(old, new)
    return ResultChange(name, operation, kind, message, old, new)


def _difference(old: dict[str, Any], new: dict[str, Any]) -> tuple[Kind, str]:
    if ("ok" in old) != ("ok" in new):
        if "ok" in old:
            why = f": {new['message']}" if "message" in new else ""
            return "error", f"a result → the error {new['error']}{why}"
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
