"""Random references that may be shown or used as secrets."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """256 random bits, URL-safe: session references and one-time links."""
    return secrets.token_urlsafe(32)


def token_digest(token: str) -> bytes:
    """What is stored of a token: SHA-256, so a leaked table opens nothing."""
    return hashlib.sha256(token.encode()).digest()


def request_id() -> str:
    """Short id that ties an answer, its log lines and its notice together."""
    return secrets.token_hex(8)
