"""Recorded exchanges through a config: does it still understand what providers answer?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from nexnum_console.providers.bodies import literal
from nexnum_console.providers.body import Reply
from nexnum_console.providers.compare import difference, first_difference, outcome_of, same
from nexnum_console.providers.compile import CompiledProvider, CompiledRoute
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.explain import Cause, explain
from nexnum_console.providers.recordings import BadRecording, load_recordings
from nexnum_console.providers.reply import read
from nexnum_console.providers.templates import VARIABLE_NAMES, Template
from nexnum_console.providers.trace import trace

__all__ = [
    "BadRecording",
    "ReplayOutcome",
    "could_send",
    "load_recordings",
    "recorded_reply",
    "recorded_variables",
    "replay",
    "result_of",
]

_WRONG_METHOD = 405


@dataclass(frozen=True, slots=True)
class ReplayOutcome:
    """One recording's verdict. ``difference`` is None when it passed.

    ``cause`` is the step of the trace that made the difference, where it was asked for.
    """

    id: str
    operation: str
    passed: bool
    difference: str | None
    result: dict[str, Any]
    cause: Cause | None = None


def replay(
    compiled: CompiledProvider, recordings: Iterable[dict[str, Any]], explained: int = 0
) -> list[ReplayOutcome]:
    """Run the reply of every recording; no request is sent.

    The first ``explained`` failures are told with their cause.
    """
    outcomes = []
    for recording in recordings:
        outcome = _replay_one(compiled, recording, explain_it=explained > 0)
        explained -= outcome.cause is not None
        outcomes.append(outcome)
    return outcomes


def result_of(compiled: CompiledProvider, recording: Mapping[str, Any]) -> dict[str, Any]:
    """What the config makes of a recorded answer: ``{"ok": …}``, or ``{"error": code, …}``."""
    operation = recording["operation"]
    variables = recorded_variables(compiled, operation, recording["request"])
    reply = recorded_reply(operation, recording)
    try:
        return outcome_of(read(compiled, operation, reply, variables), None)
    except ProviderError as error:
        return outcome_of(None, error) | {"message": error.message}


def _replay_one(
    compiled: CompiledProvider, recording: dict[str, Any], *, explain_it: bool
) -> ReplayOutcome:
    name, operation = recording["id"], recording["operation"]
    known = compiled.operations.get(operation)
    if known is None or not known.replies:
        wrong = f"the config reads no answers of “{operation}”"
        cause = Cause("/mappings", (f"add “{operation}” to “mappings”",)) if explain_it else None
        return ReplayOutcome(name, operation, False, wrong, {}, cause)
    found = result_of(compiled, recording)
    unlike = _compare(recording["expected"], found)
    why = _cause(compiled, recording, found) if unlike and explain_it else None
    return ReplayOutcome(name, operation, unlike is None, unlike, found, why)


def _cause(compiled: CompiledProvider, recording: dict[str, Any], found: dict[str, Any]) -> Cause:
    operation, expected = recording["operation"], recording["expected"]
    variables = recorded_variables(compiled, operation, recording["request"])
    both = "ok" in expected and "ok" in found
    unlike = first_difference(expected["ok"], found["ok"]) if both else None
    rows = () if unlike is None or unlike.row is None else (unlike.row,)
    answer = recorded_reply(operation, recording)
    told = trace(compiled, operation, answer, variables, rows=rows)
    return explain(told, expected)


def _compare(expected: dict[str, Any], found: dict[str, Any]) -> str | None:
    if "error" in expected:
        if found.get("error") != expected["error"]:
            got = found.get("message") or f"the result {found.get('ok')!r:.300}"
            return f"expected the error {expected['error']}, got {found.get('error', 'ok')}: {got}"
        wanted = {key: value for key, value in expected.items() if key != "error"}
        return difference(wanted, found)
    if "ok" not in found:
        return f"expected a result, got the error {found['error']}: {found['message']}"
    return difference(expected["ok"], found["ok"])


def recorded_reply(operation: str, recording: Mapping[str, Any]) -> Reply:
    """The recorded answer; of a webhook, the provider's own request."""
    side = recording["request"] if operation == "webhook" else recording["response"]
    headers = {name.lower(): str(value) for name, value in (side.get("headers") or {}).items()}
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
    path = str(request.get("path") or "")
    routes = [route for route in known.routes if route.asked(path) is not None] if known else []
    routes.sort(key=lambda route: any(_fixed_differences(route, asked)))
    for route in routes[:1]:
        found |= _through_route(route, path, asked) or {}
    return found


def _through_route(
    route: CompiledRoute, path: str, asked: Mapping[str, str]
) -> dict[str, str] | None:
    taken = route.asked(path)
    if taken is None:
        return None
    for name, template in route.named:
        if name in asked:
            taken |= template.read(asked[name]) or {}
    if "ids" in taken and "," not in taken["ids"]:
        taken.setdefault("id", taken["ids"])  # a list that was asked for one
    return taken | ({"route": route.name} if route.name else {})


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
    if isinstance(value, list) and all(isinstance(each, str | int) for each in value):
        found[name] = ",".join(map(str, value))
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
    if known is not None and known.fixed:
        return None  # its list stands in the config: nothing is sent
    reasons = []
    for route in known.routes if known else ():
        if route.method != request["method"]:
            reasons.append(f"the config sends {route.method}, the recording {request['method']}")
        elif route.asked(request["path"]) is None:
            reasons.append(f"no path of the config is {request['path']}")
        else:
            wrong = next(_fixed_differences(route, _parameters(request)), None)
            if wrong is None:
                return None
            reasons.append(wrong)
    return reasons[0] if reasons else f"the config has no operation “{operation}”"


def _fixed_differences(route: CompiledRoute, asked: Mapping[str, str]) -> Iterator[str]:
    fixed: list[tuple[str, Template]] = [
        (name, template) for name, template in route.named if not template.names and name in asked
    ]
    for name, template in fixed:
        if not same(name, asked[name], template.written):
            yield f"{name} is “{template.written}” in the config, “{asked[name]}” in the recording"
