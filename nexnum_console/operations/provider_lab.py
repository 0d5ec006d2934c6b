"""What the lab does with a provider: try an operation, pin what came, change its key."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final, Literal

from nexnum_console.audit.log import record
from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.egress import EgressPolicy
from nexnum_console.core.errors import BusinessError, InvalidInput
from nexnum_console.core.money import MoneyError, decimal_of
from nexnum_console.providers import fixtures, registry, versions
from nexnum_console.providers.as_curl import as_curl
from nexnum_console.providers.authenticate import Credentials, logs_in
from nexnum_console.providers.body import Reply
from nexnum_console.providers.compare import outcome_of
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.providers.conversation import Conversation
from nexnum_console.providers.disguise import disguised
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.exchanges import asked
from nexnum_console.providers.gated import Entry
from nexnum_console.providers.loading import ConfigError, Problem
from nexnum_console.providers.positions import SyntaxProblem, parse
from nexnum_console.providers.redaction import MASK, redact
from nexnum_console.providers.replay import recorded_reply, recorded_variables
from nexnum_console.providers.request import Request, build, translated
from nexnum_console.providers.talk import Exchanged, Talk
from nexnum_console.providers.timing import Part, TimedTransport
from nexnum_console.providers.trace import trace
from nexnum_console.providers.trace_model import Trace

Where = Literal["replay", "sandbox", "live"]

LAST_SHOWN: Final = 4
_LONG_KEY: Final = 12
_KEY_MOST: Final = 512


class TrialRefused(BusinessError):
    """A trial call was not sent."""

    code = "test_refused"
    status = 409


@dataclass(frozen=True, slots=True)
class Checked:
    """A text as a config: all that is wrong with it, or what it compiles to.

    ``document`` is set when it is a JSON object, faulty or not.
    """

    problems: list[Problem]
    document: dict[str, Any] | None
    compiled: CompiledProvider | None


@dataclass(frozen=True, slots=True)
class Run:
    """One trial of an operation, secrets taken out. ``failure`` says why there was no answer."""

    where: Where
    operation: str
    effect: str
    method: str
    url: str
    headers: dict[str, str]
    content: str
    curl: str
    variables: dict[str, str]
    request: dict[str, Any] | None = None
    reply: Reply | None = None
    trace: Trace | None = None
    failure: str = ""
    millis: float = 0.0
    parts: list[Part] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Target:
    """Where trial calls go: ``base_url`` replaces the config's, ``secret`` is the key."""

    where: Where
    base_url: str | None
    secret: str


def check(text: str, name: str) -> Checked:
    """Everything wrong with a text, whatever it is."""
    try:
        value = parse(text).value
    except SyntaxProblem:
        value = None
    document = value if isinstance(value, dict) else None
    try:
        compiled = versions.compiled(text, name)
    except ConfigError as error:
        return Checked(error.problems, document, None)
    return Checked([], document, compiled)


def replay(
    compiled: CompiledProvider, recording: Mapping[str, Any], rows: tuple[int, ...] = ()
) -> Run:
    """Read a recorded answer; nothing is sent."""
    operation, request = recording["operation"], recording["request"]
    reply = recorded_reply(operation, recording)
    variables = recorded_variables(compiled, operation, request)
    known = compiled.operations.get(operation)
    method, path = str(request.get("method", "GET")), str(request.get("path") or "/")
    query = "&".join(f"{name}={value}" for name, value in (request.get("query") or {}).items())
    url = path + (f"?{query}" if query else "")
    headers = {str(k): str(v) for k, v in (request.get("headers") or {}).items()}
    content = str(request.get("body") or "")
    return Run(
        where="replay",
        operation=operation,
        effect=known.routes[0].effect if known and known.routes else "read",
        method=method,
        url=url,
        headers=headers,
        content=content,
        curl=as_curl(method, url, headers, content),
        variables=variables,
        request=dict(request),
        reply=reply,
        trace=_told(compiled, operation, reply, variables, rows),
    )


def call(
    compiled: CompiledProvider,
    operation: str,
    variables: Mapping[str, str],
    target: Target,
    policy: EgressPolicy,
) -> Run:
    """Send one call, with its login where the config has one, and tell how its answer was read.

    A spend is sent once. Of a list that comes in pages the first is read. Raises TrialRefused
    where the call cannot be built; an outage is told in the run.
    """
    known = compiled.operations.get(operation)
    if known is not None and known.fixed:
        return _listed(compiled, operation, variables, target)
    seen: list[Exchanged] = []
    talk = Conversation(
        compiled, target.secret, target.base_url, utc_now, lambda *_: None, seen.append
    ).ask(operation, variables, all_pages=False)
    began = time.perf_counter()
    with closing(TimedTransport(policy)) as transport:
        failure = _sent(talk, transport)
        took, parts = (time.perf_counter() - began) * 1000, transport.parts()
    mine = next((one for one in seen if one.operation == operation and one.request), None)
    if mine is None or mine.request is None:
        raise TrialRefused(f"Nothing was sent. {redact(failure, target.secret)}.")
    run = _shown(compiled, mine.request, variables, target)
    run = replace(run, millis=took, parts=parts)
    if mine.reply is None:
        return replace(run, failure=redact(failure, mine.secret))
    clean = _without(mine.reply, mine.secret)
    if operation == "login":  # its answer is a secret
        shown = replace(run, reply=clean, trace=_told(compiled, operation, clean, variables, ()))
        body = disguised(compiled, recording_of(shown, operation))["response"]["body"]
        clean = Reply(clean.status, clean.headers, body)
    told = _told(compiled, operation, clean, translated(compiled, variables), ())
    return replace(run, reply=clean, trace=told)


def preview(
    compiled: CompiledProvider, operation: str, variables: Mapping[str, str], target: Target
) -> Run:
    """The request as it would be sent, and nothing is. TrialRefused where it cannot be built."""
    access = Credentials(target.secret, MASK if logs_in(compiled.config) else "")
    try:
        request = build(compiled, operation, variables, access, target.base_url)
    except ProviderError as error:
        raise TrialRefused(
            f"Nothing can be sent so. {redact(error.message, target.secret)}."
        ) from error
    return _shown(compiled, request, variables, target)


def _listed(
    compiled: CompiledProvider, operation: str, variables: Mapping[str, str], target: Target
) -> Run:
    """A list of the config itself, told as if it had been answered: nothing is sent for it."""
    request: dict[str, Any] = {"method": "NONE", "path": "/", "query": dict(variables)}
    reply = Reply(HTTPStatus.OK)
    return Run(
        where=target.where,
        operation=operation,
        effect="read",
        method="NONE",
        url="the list stands in the config, nothing is sent",
        headers={},
        content="",
        curl=f"# {operation}: the list stands in the config, nothing is sent",
        variables=dict(variables),
        request=request,
        reply=reply,
        trace=_told(compiled, operation, reply, translated(compiled, variables), ()),
    )


def _sent(talk: Talk, transport: TimedTransport) -> str:
    """Send what the talk asks for; what it failed with, or ""."""
    try:
        Entry(None, transport).run(talk)
    except ProviderError as error:
        return error.message
    return ""


def spend_variables(variables: Mapping[str, str], most: str, confirmed: bool) -> dict[str, str]:
    """The variables of a purchase that may cost money: capped and confirmed. TrialRefused."""
    try:
        cap = decimal_of(most.strip())
    except MoneyError as error:
        raise TrialRefused("Say how much it may cost at most; nothing was bought.") from error
    if cap <= Decimal(0):
        raise TrialRefused("The most it may cost is more than 0; nothing was bought.")
    if not confirmed:
        raise TrialRefused("A live purchase costs money: confirm it first. Nothing was bought.")
    return {**variables, "max_price": f"{cap:f}"}


def live_target(unit: UnitOfWork, box: SecretBox, name: str, compiled: CompiledProvider) -> Target:
    """The provider itself with its account's key, for its own host alone. TrialRefused."""
    now_served = versions.served(unit, name)
    host = versions.host_of(now_served.base_url, compiled.config.base_url)
    secret = registry.open_secret(unit, box, now_served.account_id)
    if secret and now_served.secret_host != host:
        raise TrialRefused(
            f"The key is for {now_served.secret_host}, this config calls {host};"
            " nothing was sent. Publish it and enter the key for the new host."
        )
    return Target("live", now_served.base_url, secret)


def sandbox_target(compiled: CompiledProvider, urls: Mapping[str, str], key: str | None) -> Target:
    """The simulated carrier of the config's dialect. TrialRefused where none runs."""
    if not urls:
        raise TrialRefused("No simulated carriers run here; start the product with its demo.")
    paths = [route.path.written for one in compiled.operations.values() for route in one.routes]
    handler = any("handler_api" in path for path in paths) or "handler_api" in (
        compiled.config.base_url
    )
    wanted = compiled.name if compiled.name in urls else ""
    wanted = wanted or ("sms_activate" if handler else "fivesim")
    return Target("sandbox", urls.get(wanted, next(iter(urls.values()))), key or "")


def recording_of(run: Run, name: str) -> dict[str, Any]:
    """A run as a recording whose expected normal form is what it gave. InvalidInput."""
    if run.reply is None or run.trace is None or run.request is None:
        raise InvalidInput("Only an exchange with an answer can be pinned.")
    body = run.reply.body
    return {
        "id": name,
        "operation": run.operation,
        "request": run.request,
        "response": {
            "status": run.reply.status,
            "headers": dict(run.reply.headers),
            "body": body.decode("utf-8", "replace") if isinstance(body, bytes) else body,
        },
        "expected": expected_of(run.trace),
    }


def expected_of(told: Trace) -> dict[str, Any]:
    """The normal form of a trace as recordings write it."""
    kept = {name: value for name, value in (told.result or {}).items() if name != "skipped"}
    return outcome_of(kept, told.error)


def pin(
    unit: UnitOfWork,
    actor: Actor,
    provider: str,
    compiled: CompiledProvider,
    run: Run,
    name: str,
    now: datetime,
) -> int:
    """Keep a run as a fixture, its numbers, SMS and tokens disguised; InvalidInput,
    FixtureExists."""
    provider_id = versions.served(unit, provider).provider_id
    found = disguised(compiled, recording_of(run, name.strip()))
    return fixtures.pin(unit, actor, provider_id, provider, found, now=now)


def key_ending(unit: UnitOfWork, box: SecretBox, account_id: int) -> str:
    """The last characters of a long enough key, so that people can tell keys apart."""
    secret = registry.open_secret(unit, box, account_id)
    return secret[-LAST_SHOWN:] if len(secret) >= _LONG_KEY else ""


def replace_key(
    unit: UnitOfWork, box: SecretBox, actor: Actor, provider: str, key: str, now: datetime
) -> None:
    """Seal a new key for the provider's account; it is never shown again. InvalidInput."""
    given = key.strip()
    if not given or len(given) > _KEY_MOST or not given.isprintable():
        raise InvalidInput(f"A key has 1 to {_KEY_MOST} printable characters; nothing was changed.")
    account_id = versions.served(unit, provider).account_id
    registry.set_secret(unit, box, account_id, given)
    host = versions.served(unit, provider).secret_host
    told = {"host": host, "account": account_id}
    record(unit, actor, "provider.secret", f"provider:{provider}", after=told, now=now)


def _told(
    compiled: CompiledProvider,
    operation: str,
    reply: Reply,
    variables: Mapping[str, str],
    rows: tuple[int, ...],
) -> Trace | None:
    if operation not in compiled.operations:
        return None
    return trace(compiled, operation, reply, variables, rows=rows)


def _shown(
    compiled: CompiledProvider, request: Request, variables: Mapping[str, str], target: Target
) -> Run:
    secret = request.secret
    headers = {name: redact(value, secret) for name, value in request.headers.items()}
    content = redact((request.content or b"").decode("utf-8", "replace"), secret)
    url = redact(request.url, secret)
    return Run(
        where=target.where,
        operation=request.operation,
        effect=request.effect,
        method=request.method,
        url=url,
        headers=headers,
        content=content,
        curl=as_curl(request.method, url, headers, content),
        variables=dict(variables),
        request=asked(request, target.base_url or compiled.config.base_url),
    )


def _without(reply: Reply, secret: str) -> Reply:
    """The answer with no trace of the key, should the provider echo it."""
    raw = reply.body
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    clean = redact(text, secret)
    headers = {name: redact(value, secret) for name, value in reply.headers.items()}
    return Reply(reply.status, headers, raw if clean == text else clean)
