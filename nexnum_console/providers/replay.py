"""Recorded exchanges through a config: does it still understand what providers answer?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from nexnum_console.providers.bodies import literal
from nexnum_console.providers.body import Reply
from nexnum_console.providers.compare import difference, same
from nexnum_console.providers.compile import CompiledProvider, CompiledRoute
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.positions import SyntaxProblem, parse
from nexnum_console.providers.reply import read
from nexnum_console.providers.templates import VARIABLE_NAMES, Template

_WRONG_METHOD = 405
_PARTS = ("id", "operation", "request", "response", "expected")


@dataclass(frozen=True, slots=True)
class ReplayOutcome:
    """One recording's verdict. ``difference`` is None when it passed."""

    id: str
    operation: str
    passed: bool
    difference: str | None
    result: dict[str, Any]


class BadRecording(ValueError):
    """A file of recordings cannot be used; the message names file and place."""


def load_recordings(text: str, source_name: str) -> list[dict[str, Any]]:
    """Recordings of one file; raises BadRecording."""
    try:
        found = parse(text).value
    except SyntaxProblem as problem:
        line, column = problem.position
        raise BadRecording(f"{source_name}:{line}:{column}: {problem.message}") from problem
    if not isinstance(found, list):
        raise BadRecording(f"{source_name}:1:1: a file of recordings is a JSON list")
    for index, each in enumerate(found):
        missing = [key for key in _PARTS if not isinstance(each, dict) or key not in each]
        if missing:
            raise BadRecording(f"{source_name}: recording {index + 1} has no “{missing[0]}”")
    return found


def replay(compiled: CompiledProvider, recordings: list[dict[str, Any]]) -> list[ReplayOutcome]:
    """Run the reply of every recording; no request is sent."""
    return [_replay_one(compiled, recording) for recording in recordings]


def _replay_one(compiled: CompiledProvider, recording: dict[str, Any]) -> ReplayOutcome:
    operation, expected = recording["operation"], recording["expected"]
    variables = recorded_variables(compiled, operation, recording["request"])
    try:
        found: dict[str, Any] = {
            "ok": read(compiled, operation, recorded_reply(operation, recording), variables)
        }
    except ProviderError as error:
        found = {"error": str(error.code)}
        found |= {"min_price": error.min_price} if error.min_price is not None else {}
        found["message"] = error.message
    wrong = _compare(expected, found)
    return ReplayOutcome(recording["id"], operation, wrong is None, wrong, found)


def _compare(expected: dict[str, Any], found: dict[str, Any]) -> str | None:
    if "error" in expected:
        if found.get("error") != expected["error"]:
            got = found.get("message") or f"the result {found.get('ok')!r}"
            return f"expected the error {expected['error']}, got {found.get('error', 'ok')}: {got}"
        wanted = {key: value for key, value in expected.items() if key != "error"}
        return difference(wanted, found)
    if "ok" not in found:
        return f"expected a result, got the error {found['error']}: {found['message']}"
    return difference(expected["ok"], found["ok"])


def recorded_reply(operation: str, recording: Mapping[str, Any]) -> Reply:
    """The recorded answer; of a webhook, the provider's own request."""
    side = recording["request"] if operation == "webhook" else recording["response"]
    headers = {name.lower(): value for name, value in (side.get("headers") or {}).items()}
    body = side.get("body")
    if isinstance(body, dict):
        headers.setdefault("content-type", "application/x-www-form-urlencoded")
        body = urlencode(body)
    status = 200 if operation == "webhook" else side["status"]
    return Reply(status, headers, body or "")


def recorded_variables(
    compiled: CompiledProvider, operation: str, request: Mapping[str, Any]
) -> dict[str, str]:
    """Variables of a recorded request: by the config's own routes, else by parameter names."""
    known = compiled.operations.get(operation)
    asked = _parameters(request)
    found = {VARIABLE_NAMES[name]: value for name, value in asked.items() if name in VARIABLE_NAMES}
    for route in known.routes if known else ():
        taken = _through_route(route, str(request.get("path") or ""), asked)
        if taken is not None:
            return found | taken
    return found


def _through_route(
    route: CompiledRoute, path: str, asked: Mapping[str, str]
) -> dict[str, str] | None:
    taken = route.path.read(path)
    if taken is None:
        return None
    for name, template in route.named:
        if name in asked:
            taken |= template.read(asked[name]) or {}
    return taken


def _parameters(request: Mapping[str, Any]) -> dict[str, str]:
    """Everything named that was sent: query, form or JSON body."""
    asked = dict(request.get("query") or {})
    body = request.get("body")
    if isinstance(body, str) and body:
        try:
            decoded = json.loads(body, parse_float=str)
        except ValueError:
            decoded = dict(parse_qsl(body))
        body = decoded
    if isinstance(body, dict):
        asked |= _flat("", body)
    return {name: literal(v) for name, v in asked.items() if isinstance(v, str | int)}


def _flat(name: str, value: Any) -> dict[str, Any]:
    """Members of a nested body by their dotted names, as routes name them."""
    if not isinstance(value, dict | list):
        return {name: value}
    members = value.items() if isinstance(value, dict) else enumerate(value)
    found: dict[str, Any] = {}
    for key, member in members:
        found |= _flat(f"{name}.{key}" if name else str(key), member)
    return found


def could_send(compiled: CompiledProvider, recording: Mapping[str, Any]) -> str | None:
    """None when a route of the config could have made the recorded request, else why not.

    An answer of HTTP 405 says that nobody should send such a request, so no config has to.
    """
    operation, request = recording["operation"], recording["request"]
    known = compiled.operations.get(operation)
    if operation == "webhook" or recording["response"]["status"] == _WRONG_METHOD:
        return None
    reasons = []
    for route in known.routes if known else ():
        if route.method != request["method"]:
            reasons.append(f"the config sends {route.method}, the recording {request['method']}")
        elif route.path.read(request["path"]) is None:
            reasons.append(f"no path of the config is {request['path']}")
        else:
            wrong = _fixed_difference(route, _parameters(request))
            if wrong is None:
                return None
            reasons.append(wrong)
    return reasons[0] if reasons else f"the config has no operation “{operation}”"


def _fixed_difference(route: CompiledRoute, asked: Mapping[str, str]) -> str | None:
    fixed: list[tuple[str, Template]] = [
        (name, template) for name, template in route.named if not template.names and name in asked
    ]
    for name, template in fixed:
        if not same(name, asked[name], template.written):
            return f"{name} is “{template.written}” in the config, “{asked[name]}” in the recording"
    return None
