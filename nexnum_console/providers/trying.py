"""One live call of a config, told from the request to the result, and kept as a recording."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from nexnum_console.providers.as_curl import as_curl
from nexnum_console.providers.body import Reply
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.normal import NormalForm
from nexnum_console.providers.redaction import redact, redacted
from nexnum_console.providers.reply import read
from nexnum_console.providers.request import Request, translated
from nexnum_console.providers.transport import Transport
from nexnum_console.providers.watch import Stopwatch

_EXCERPT = 2_000
_KEY: Final = "KEY"  # how recordings write the secret
_KEPT_HEADERS: Final = frozenset({"content-type", "retry-after"})
_SENT_HEADERS: Final = frozenset({"accept-encoding", "content-length", "host"})


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call and what became of it; no text in it holds the secret.

    ``seconds`` splits the time by phase. ``reply`` is None when no answer came. One of ``result``
    and ``error`` is set.
    """

    request: Request
    curl: str
    seconds: Mapping[str, float]
    reply: Reply | None
    body: str
    result: NormalForm | None
    error: ProviderError | None


def attempt(
    compiled: CompiledProvider,
    request: Request,
    variables: Mapping[str, str],
    transport: Transport,
) -> Attempt:
    """Send a built request once, and read its answer. Errors of the provider are part of it."""
    secret = request.secret
    watch = Stopwatch()
    reply: Reply | None = None
    result: NormalForm | None = None
    error: ProviderError | None = None

    def masked(text: str) -> str:
        return redact(text, secret)

    try:
        reply = transport.send(request, watch)
        seconds = watch.split()
        values = translated(compiled, variables)
        result = read(compiled, request.operation, reply, values, masked)
    except ProviderError as refused:
        error = redacted(refused, secret)
        seconds = seconds if reply else watch.split()
    body = masked(_raw(reply)) if reply else ""
    return Attempt(request, as_curl(request), seconds, reply, body[:_EXCERPT], result, error)


def recorded(made: Attempt, base_url: str, source: str, known: Iterable[str]) -> dict[str, Any]:
    """The exchange in the form of ``provider_configs/recordings``, the secret written as KEY.

    ``known`` are the ids that are taken. Raises ValueError when no answer came, or when the
    secret cannot be taken out.
    """
    if made.reply is None:
        raise ValueError("no answer came, so there is nothing to record")
    request, reply = made.request, made.reply
    found = {
        "id": _free_id(f"{request.provider}-live", set(known)),
        "operation": request.operation,
        "request": _request(request, base_url),
        "response": {
            "status": reply.status,
            "headers": {k: v for k, v in reply.headers.items() if k in _KEPT_HEADERS},
            "body": _raw(reply),
        },
        "expected": _expected(made),
        "evidence": "live",
        "source": source,
    }
    text = redact(json.dumps(found, ensure_ascii=False), request.secret, _KEY)
    if request.secret and request.secret in text:
        raise ValueError("the key could not be taken out of the exchange")
    kept: dict[str, Any] = json.loads(text)
    return kept


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


def _expected(made: Attempt) -> dict[str, Any]:
    if made.error is None:
        kept = {k: v for k, v in (made.result or {}).items() if k not in {"skipped", "messages"}}
        return {"ok": kept}
    price = {"min_price": made.error.min_price} if made.error.min_price is not None else {}
    return {"error": str(made.error.code)} | price


def _raw(reply: Reply) -> str:
    body = reply.body
    return body.decode("utf-8", errors="replace") if isinstance(body, bytes) else body


def _free_id(stem: str, taken: set[str]) -> str:
    number = 1
    while f"{stem}-{number:03}" in taken:
        number += 1
    return f"{stem}-{number:03}"
