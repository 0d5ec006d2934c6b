"""Files of recorded exchanges: reading them, and telling clearly what is wrong with junk.

The form is that of ``provider_configs/recordings``: a JSON list of ``{id, operation, request,
response, expected}``; ``expected`` is ``{"ok": …}`` or ``{"error": code}``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from nexnum_console.providers.errors import Code
from nexnum_console.providers.loading import ConfigError, text_of
from nexnum_console.providers.positions import Path, parse_all, pointer
from nexnum_console.providers.problems import suggestion
from nexnum_console.providers.vocabulary import EFFECTS

_PARTS = ("id", "operation", "request", "response", "expected")
_MOST = 10
_CODES = frozenset(code.value for code in Code)


class BadRecording(ValueError):
    """A file of recordings cannot be used; the message names file, line and cure."""


class _Fault(NamedTuple):
    path: Path
    message: str


def read_recordings(raw: bytes, source_name: str) -> list[dict[str, Any]]:
    """Recordings of one file's bytes; raises BadRecording."""
    try:
        return load_recordings(text_of(raw, source_name), source_name)
    except ConfigError as error:
        raise BadRecording(str(error)) from error


def load_recordings(text: str, source_name: str) -> list[dict[str, Any]]:
    """Recordings of one file; raises BadRecording. JSON numbers with a fraction become text."""
    try:
        found = json.loads(text.removeprefix("\ufeff"), parse_float=str)
    except (ValueError, RecursionError) as error:
        raise BadRecording(_syntax(text, source_name, error)) from error
    if not isinstance(found, list):
        raise BadRecording(
            f"{source_name}:1:1: a file of recordings is a JSON list of "
            f"{{{', '.join(_PARTS)}}}, not {_kind(found)}"
        )
    faults = [fault for index, each in enumerate(found) for fault in _faults(index, each)]
    if faults:
        raise BadRecording(_told(text, source_name, faults))
    return found


def _syntax(text: str, source: str, error: Exception) -> str:
    problems = parse_all(text).problems[:_MOST]
    if not problems:
        return f"{source}:1:1: not JSON: {error}"
    return "\n".join(
        f"{source}:{p.position.line}:{p.position.column}: {p.message}; {p.cure}" for p in problems
    )


def _told(text: str, source: str, faults: list[_Fault]) -> str:
    document = parse_all(text)
    lines = []
    for fault in faults[:_MOST]:
        line, column = document.position(fault.path)
        lines.append(f"{source}:{line}:{column}: {fault.message} (at {pointer(fault.path) or '/'})")
    if len(faults) > _MOST:
        lines.append(f"{source}: {len(faults) - _MOST} more faults")
    return "\n".join(lines)


def _faults(index: int, recording: Any) -> Iterator[_Fault]:
    if not isinstance(recording, dict):
        message = f"recording {index + 1} is {_kind(recording)}, not an object"
        yield _Fault((index,), message)
        return
    name = recording.get("id")
    label = f"recording {index + 1}" + (f" ({name})" if isinstance(name, str) else "")
    for key in _PARTS:
        if key not in recording:
            yield _Fault((index,), f"{label} has no “{key}”")
    if "id" in recording and not isinstance(name, str):
        yield _Fault((index, "id"), f"{label}: “id” is text, not {_kind(name)}")
    operation = recording.get("operation", "buy")
    if not isinstance(operation, str) or operation not in EFFECTS:
        near = suggestion(str(operation), EFFECTS)
        yield _Fault((index, "operation"), f"{label}: “{operation}” is no operation{near}")
    yield from _sides(index, label, recording, operation == "webhook")
    yield from _expected(index, label, recording)


def _sides(index: int, label: str, recording: dict[str, Any], inbound: bool) -> Iterator[_Fault]:
    request = recording.get("request", {"method": "GET", "path": "/"})
    if not isinstance(request, dict):
        yield _Fault((index, "request"), f"{label}: “request” is an object")
    else:
        for key in ("method", "path"):
            if not isinstance(request.get(key), str):
                yield _Fault((index, "request"), f"{label}: “request” has no “{key}”")
        yield from _parts(index, label, "request", request)
    response = recording.get("response", {"status": 200})
    if not isinstance(response, dict):
        yield _Fault((index, "response"), f"{label}: “response” is an object")
        return
    status = response.get("status")
    if not inbound and (not isinstance(status, int) or not 100 <= status <= 599):
        message = f"{label}: “status” is an HTTP status as 200, not {_kind(status)}"
        yield _Fault((index, "response"), message)
    yield from _parts(index, label, "response", response)


def _parts(index: int, label: str, side: str, part: dict[str, Any]) -> Iterator[_Fault]:
    for key in ("headers", "query"):
        if not isinstance(part.get(key), dict | None):
            yield _Fault((index, side, key), f"{label}: “{key}” is an object")
    body = part.get("body")
    fits = body is None or isinstance(body, str) or (side == "request" and isinstance(body, dict))
    if not fits:
        message = f"{label}: “body” is the raw text of the {side}, not {_kind(body)}"
        yield _Fault((index, side, "body"), message)


def _expected(index: int, label: str, recording: dict[str, Any]) -> Iterator[_Fault]:
    if "expected" not in recording:
        return
    expected = recording["expected"]
    place = (index, "expected")
    if not isinstance(expected, dict) or ("ok" in expected) == ("error" in expected):
        yield _Fault(place, f'{label}: “expected” is {{"ok": {{…}}}} or {{"error": "code"}}')
    elif "ok" in expected and not isinstance(expected["ok"], dict):
        yield _Fault((*place, "ok"), f"{label}: “ok” is an object")
    elif "error" in expected and str(expected["error"]) not in _CODES:
        near = suggestion(str(expected["error"]), _CODES)
        yield _Fault((*place, "error"), f"{label}: “{expected['error']}” is no error code{near}")


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number"}
    return kinds.get(type(value), "nothing")
