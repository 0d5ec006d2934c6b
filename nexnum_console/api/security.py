"""The gate in front of every API path: ids, origin, content type, size, headers, counting."""

from __future__ import annotations

from typing import Final

from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nexnum_console.api.errors import error_answer, unforeseen
from nexnum_console.core.answer_headers import add_missing, encoded
from nexnum_console.core.ids import request_id as new_request_id
from nexnum_console.core.metrics import METRICS

MAX_BODY: Final = 64 * 1024
# No browser session counts there, so a form from another site can do no harm.
_CALLED_BY_MACHINES: Final = "/api/webhooks/"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_METHODS: Final = _SAFE | {"POST", "PUT", "PATCH", "DELETE"}
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
}


class ApiGate:
    """Guards ``/api/``; anything else (the pages share this server) passes untouched."""

    def __init__(self, app: ASGIApp, *, origins: tuple[str, ...], secure: bool) -> None:
        self._app = app
        self._origins = origins
        hsts = {"Strict-Transport-Security": "max-age=31536000"} if secure else {}
        self._headers = encoded({**_HEADERS, **hsts})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer why not; always exactly one answer."""
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        request_id = new_request_id()
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def decorated(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                add_missing(message, ((b"x-request-id", request_id.encode()), *self._headers))
            await send(message)

        try:
            await self._pass_on(scope, receive, decorated, request_id)
        except Exception as error:  # the last place that can still answer
            if status:
                raise
            await unforeseen(request_id, error)(scope, receive, decorated)
        finally:
            METRICS.http_request(_endpoint(scope), _method(scope), status)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        if scope["method"] in _SAFE:
            await self._app(scope, receive, send)
            return
        body = await _read(receive)
        refusal = self._refusal(Headers(scope=scope), body, request_id, scope["path"])
        if refusal is not None:
            await refusal(scope, receive, send)
        else:
            await self._app(scope, _replay(body or b"", receive), send)

    def _refusal(
        self, headers: Headers, body: bytes | None, request_id: str, path: str
    ) -> JSONResponse | None:
        origin = headers.get("origin")
        if origin is not None and origin not in self._origins:
            return error_answer(
                request_id, 403, "foreign_origin", "This call came from another site."
            )
        if body is None:
            return error_answer(
                request_id, 413, "body_too_large", f"At most {MAX_BODY} bytes are read."
            )
        kind = headers.get("content-type")
        if path.startswith(_CALLED_BY_MACHINES):
            return None
        if (body or kind) and _media_type(kind) != "application/json":
            return error_answer(
                request_id, 415, "json_only", "Send JSON with Content-Type: application/json."
            )
        return None


async def _read(receive: Receive) -> bytes | None:
    """The whole body, or None as soon as it is over the cap."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(chunks)
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > MAX_BODY:
            return None
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _media_type(content_type: str | None) -> str:
    return (content_type or "").partition(";")[0].strip().lower()


def _endpoint(scope: Scope) -> str:
    return str(getattr(scope.get("route"), "path", "unmatched"))


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in _METHODS else "other"
