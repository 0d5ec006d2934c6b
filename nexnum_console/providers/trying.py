"""One live call of a config, told from the request to the result, and kept as a recording."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from nexnum_console.core.clock import utc_now
from nexnum_console.providers.as_curl import curl_of
from nexnum_console.providers.body import Reply
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.providers.conversation import Conversation
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.gated import Entry
from nexnum_console.providers.keys import spellings
from nexnum_console.providers.normal import NormalForm
from nexnum_console.providers.redaction import redact
from nexnum_console.providers.replay import result_of
from nexnum_console.providers.request import Request
from nexnum_console.providers.talk import Exchanged
from nexnum_console.providers.timing import Part, TimedTransport

_EXCERPT = 2_000
_KEY: Final = "KEY"  # how recordings write the secret
_TOKEN: Final = "TOKEN"  # noqa: S105 - and the token of a login
_KEPT_HEADERS: Final = frozenset({"content-type", "retry-after"})
_SENT_HEADERS: Final = frozenset({"accept-encoding", "content-length", "host"})


@dataclass(frozen=True, slots=True)
class Call:
    """One request of an attempt, as it may be shown. ``status`` is None when no answer came."""

    operation: str
    curl: str
    status: int | None
    content_type: str
    body: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """An operation and what became of it: a login before it and questions after it are calls, too.

    No text in it holds a secret. ``parts`` split the time of the last call. One of ``result`` and
    ``error`` is set; ``exchange`` is the operation's own, for ``recorded``.
    """

    calls: list[Call]
    parts: list[Part]
    result: NormalForm | None
    error: ProviderError | None
    exchange: Exchanged | None
    secrets: tuple[str, ...]


def attempt(
    compiled: CompiledProvider,
    operation: str,
    variables: Mapping[str, str],
    secret: str,
    transport: TimedTransport,
    base_url: str | None = None,
) -> Attempt:
    """Run an operation once, as the product would: with its login, its pages, what follows it.

    Errors of the provider, and of a call that could not be built, are part of the answer.
    """
    seen: list[Exchanged] = []
    account = Conversation(compiled, secret, base_url, utc_now, lambda *_: None, seen.append)
    ways = {"buy": account.buy, "reuse": account.reuse, "status": account.status}
    talk = ways[operation](variables) if operation in ways else account.ask(operation, variables)
    result: NormalForm | None = None
    error: ProviderError | None = None
    try:
        result = Entry(None, transport).run(talk)
    except ProviderError as refused:
        error = refused
    secrets = tuple(dict.fromkeys([secret, *(each.secret for each in seen)]))
    own = next((each for each in seen if each.operation == operation and each.request), None)
    calls = [_shown(each, secrets) for each in seen if each.request]
    parts = transport.parts()
    return Attempt(calls, parts, _clean(result, secrets), error, own, secrets)


def _clean(result: NormalForm | None, secrets: Iterable[str]) -> NormalForm | None:
    """The result without a secret that the provider echoed."""
    if result is None:
        return None
    found: NormalForm = json.loads(_masked(json.dumps(result, ensure_ascii=False), secrets))
    return found


def _masked(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = redact(text, secret)
    return text


def _shown(exchange: Exchanged, secrets: Iterable[str]) -> Call:
    request, reply = exchange.request, exchange.reply
    if request is None:
        raise TypeError("an exchange without a request cannot be shown")
    return Call(
        exchange.operation,
        curl_of(request),
        reply.status if reply else None,
        reply.headers.get("content-type", "") if reply else "",
        _masked(_raw(reply), secrets)[:_EXCERPT] if reply else "",
        exchange.outcome,
    )


def recorded(
    compiled: CompiledProvider,
    made: Attempt,
    secret: str,
    base_url: str,
    source: str,
    known: Iterable[str],
) -> dict[str, Any]:
    """The operation's first exchange in the form of ``provider_configs/recordings``, the secret
    written as KEY; ``expected`` is what the config makes of it.

    ``known`` are the ids that are taken. Raises ValueError when no answer came, or when the
    secret cannot be taken out.
    """
    own = made.exchange
    if own is None or own.request is None or own.reply is None:
        raise ValueError("no answer came, so there is nothing to record")
    reply = own.reply
    found = {
        "id": _free_id(f"{own.request.provider}-live", set(known)),
        "operation": own.operation,
        "request": _request(own.request, base_url),
        "response": {
            "status": reply.status,
            "headers": {k: v for k, v in reply.headers.items() if k in _KEPT_HEADERS},
            "body": _raw(reply),
        },
        "expected": {},
        "evidence": "live",
        "source": source,
    }
    text = redact(json.dumps(found, ensure_ascii=False), secret, _KEY)
    text = _without_tokens(text, made, secret)
    if any(each and each in text for each in spellings(secret)):
        raise ValueError("the key could not be taken out of the exchange")
    kept: dict[str, Any] = json.loads(text)
    return kept | {"expected": _expected(result_of(compiled, kept))}


def _without_tokens(text: str, made: Attempt, secret: str) -> str:
    own = set(spellings(secret))
    for each in made.secrets:
        for token in spellings(each):
            if token not in own and token != each:
                text = redact(text, token, _TOKEN)
    return text


def _request(request: Request, base_url: str) -> dict[str, Any]:
    parts = urlsplit(request.url)
    base = urlsplit(base_url).path.rstrip("/")
    headers = {k: v for k, v in request.headers.items() if k.lower() not in _SENT_HEADERS}
    body = None if request.content is None else request.content.decode("utf-8", errors="replace")
    return {
        "method": request.method,
        "path": parts.path.removeprefix(base) or "/",
        "query": dict(parse_qsl(parts.query, keep_blank_values=True)),
        "headers": headers,
        "body": body,
    }


def _expected(found: Mapping[str, Any]) -> dict[str, Any]:
    if "ok" in found:
        dropped = {"skipped", "messages"}
        return {"ok": {name: each for name, each in found["ok"].items() if name not in dropped}}
    return {name: each for name, each in found.items() if name != "message"}


def _raw(reply: Reply) -> str:
    body = reply.body
    return body.decode("utf-8", errors="replace") if isinstance(body, bytes) else body


def _free_id(stem: str, taken: set[str]) -> str:
    number = 1
    while f"{stem}-{number:03}" in taken:
        number += 1
    return f"{stem}-{number:03}"
