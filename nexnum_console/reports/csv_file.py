"""A list as CSV: plain values, UTF-8, and nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from nexnum_console.reports.listing import Column, Row

# OWASP's list of what a spreadsheet takes for the start of a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
# A phone number, or a figure below zero.
_HARMLESS: Final = re.compile(r"(\+\d{1,20}|-\d{1,19}(\.\d{1,6})?)\Z", re.ASCII)


def head(columns: Sequence[Column]) -> str:
    """The line of titles."""
    return _lines([[column.title for column in columns]])


def body(columns: Sequence[Column], rows: Iterable[Row]) -> str:
    """Lines of values, each ended by CRLF (RFC 4180)."""
    return _lines([safe(column.plain(row)) for column in columns] for row in rows)


def safe(value: object) -> str:
    """The value as a cell. Text that could be a formula gets an apostrophe before it; phone
    numbers in E.164 and figures stay as they are. Moments are ISO 8601 in UTC."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    text = str(value)
    if isinstance(value, str) and text.startswith(_FORMULA) and not _HARMLESS.match(text):
        return f"'{text}"
    return text


def _lines(rows: Iterable[Sequence[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue()
