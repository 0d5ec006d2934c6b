"""A call as a command to paste into a terminal, without its secret."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Final

from nexnum_console.providers.redaction import MASK, redact
from nexnum_console.providers.request import Request

_OURS: Final = frozenset({"accept-encoding"})  # curl would print what is compressed as it comes
_VARIABLE: Final = "'\"$API_KEY\"'"  # leaves the single quotes, so that the shell fills it in


def as_curl(method: str, url: str, headers: Mapping[str, str], content: str) -> str:
    """The curl command of a masked call; the key is the shell variable ``API_KEY``."""
    words = ["curl"]
    if method != "GET":
        words += ["-X", method]
    words.append(url)
    for name, value in headers.items():
        if name.lower() not in _OURS:
            words += ["-H", f"{name}: {value}"]
    if content:
        words += ["--data-raw", content]
    return " ".join(shlex.quote(word).replace(MASK, _VARIABLE) for word in words)


def curl_of(request: Request) -> str:
    """The curl command of a request, which is masked here."""
    headers = {name: redact(value, request.secret) for name, value in request.headers.items()}
    content = redact((request.content or b"").decode("utf-8", "replace"), request.secret)
    return as_curl(request.method, redact(request.url, request.secret), headers, content)
