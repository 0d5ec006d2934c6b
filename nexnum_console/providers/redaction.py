"""Taking a secret out of anything that is stored, shown or raised."""

from __future__ import annotations

import base64
import json
from functools import lru_cache
from urllib.parse import quote, quote_plus

from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.keys import spellings

MASK = "•••"


def redact(text: str, secret: str, mask: str = MASK) -> str:
    """The text without the secret, in whatever encoding it travels."""
    for written in _spellings(secret):
        text = text.replace(written, mask)
    return text


def redacted(error: ProviderError, secret: str) -> ProviderError:
    """The same error with no trace of the secret in its message and raw answer."""
    return ProviderError(
        error.code,
        redact(error.message, secret),
        min_price=error.min_price,
        retry_after=error.retry_after,
        sent=error.sent,
        raw=redact(error.raw, secret),
        activation_id=error.activation_id,
        unsure=error.unsure,
    )


@lru_cache(maxsize=256)
def _spellings(secret: str) -> tuple[str, ...]:
    if not secret:
        return ()
    found = {written for each in spellings(secret) for written in _written(each)}
    return tuple(sorted(found, key=len, reverse=True))


def _written(secret: str) -> set[str]:
    return {
        secret,
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        base64.b64encode(secret.encode()).decode(),
        base64.b64encode(f":{secret}".encode()).decode(),
    }
