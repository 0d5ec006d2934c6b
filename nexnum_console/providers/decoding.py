"""Compressed answers, opened with a cap on what comes out."""

from __future__ import annotations

import zlib

ACCEPTED = "gzip"
_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


class TooLarge(ValueError):
    """The answer is longer than its operation may be."""


class Undecodable(ValueError):
    """The answer's encoding is unknown or broken."""


def decoded(raw: bytes, encoding: str, cap: int) -> bytes:
    """The body in the clear; raises TooLarge before more than ``cap`` bytes exist."""
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return raw
    if name not in _WINDOWS:
        raise Undecodable(f"unknown content encoding “{encoding[:40]}”")
    opener = zlib.decompressobj(_WINDOWS[name])
    try:
        body = opener.decompress(raw, cap + 1)
    except zlib.error as error:
        raise Undecodable("the compressed answer is broken") from error
    if len(body) > cap:
        raise TooLarge(f"the answer is longer than {cap} bytes")
    if not opener.eof:
        raise Undecodable("the compressed answer ends too early")
    return body
