"""Text from outside as PostgreSQL keeps it."""

from __future__ import annotations


def storable(text: str) -> str:
    """The text with what no column takes replaced where it stood: NUL by U+FFFD, halves of
    characters (lone surrogates) by a question mark."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
