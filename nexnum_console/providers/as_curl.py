"""A request as a command to paste into a terminal, without its secret."""

from __future__ import annotations

import shlex

from nexnum_console.providers.redaction import redact
from nexnum_console.providers.request import Request

_OURS = frozenset({"accept-encoding"})


def as_curl(request: Request, mask: str = "KEY") -> str:
    """The curl command of a request; the key is ``mask`` wherever it travels."""
    words = ["curl"]
    if request.method != "GET":
        words += ["-X", request.method]
    words.append(_plain(request.url, request, mask))
    for name, value in request.headers.items():
        if name.lower() not in _OURS:
            words += ["-H", _plain(f"{name}: {value}", request, mask)]
    if request.content is not None:
        body = request.content.decode("utf-8", errors="replace")
        words += ["--data-raw", _plain(body, request, mask)]
    return " ".join(shlex.quote(word) for word in words)


def _plain(text: str, request: Request, mask: str) -> str:
    return redact(text, request.secret, mask)
