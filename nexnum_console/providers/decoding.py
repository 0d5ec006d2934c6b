"""Compressed answers, opened with a cap on what comes out, and caps on what JSON may hold."""

from __future__ import annotations

import re
import zlib
from itertools import accumulate
from typing import Final

ACCEPTED = "gzip"
MOST_DEEP: Final = 100
# A value costs up to a hundred bytes of memory and two of text, so bytes alone cap nothing.
MOST_VALUES: Final = 1_500_000
_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_STEP: Final = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(_STEP))
_QUOTE: Final = ord('"')
_ESCAPE: Final = ord("\\")
_JSON: Final = re.compile(rb"[\xef\xbb\xbf\s]*[\[{\"]")


class TooLarge(ValueError):
    """The answer is longer than its operation may be, or holds more than it may."""


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


def in_shape(body: bytes) -> bytes:
    """The same body; raises TooLarge where JSON of it would be too deep or of too many values."""
    if not _JSON.match(body):
        return body
    if body.count(b",") + body.count(b"[") + body.count(b"{") > MOST_VALUES:
        raise TooLarge(f"the answer holds more than {MOST_VALUES:,} values")
    if _deepest(body.translate(None, _NOT_BRACKETS)) > MOST_DEEP and _really_deep(body):
        raise TooLarge(f"the answer is nested more than {MOST_DEEP} levels deep")
    return body


def _deepest(brackets: bytes) -> int:
    """How deep these nest, as if none of them stood in a text."""
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0)


def _really_deep(body: bytes) -> bool:
    """The same with texts left out; slow, and seldom needed."""
    depth, inside, escaped = 0, False, False
    for sign in body:
        if inside:
            inside = escaped or sign != _QUOTE
            escaped = not escaped and sign == _ESCAPE
        elif sign == _QUOTE:
            inside = True
        else:
            depth += _STEP.get(sign, 0)
            if depth > MOST_DEEP:
                return True
    return False
