"""Cells of an exported file: plain values, and nothing that a spreadsheet would run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from nexnum_console.reports import csv_file
from nexnum_console.reports.listing import Cell, Column


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "+44 7700 900123"]
)
def test_a_formula_is_only_text(text: str) -> None:
    assert csv_file.safe(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (-15, "-15"),
        (Decimal("-0.5"), "-0.5"),
        ("+447700900123", "+447700900123"),
        ("-0.150000", "-0.150000"),
        ("a=b", "a=b"),
        (datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC), "2026-01-02T03:04:05Z"),
        (datetime(2026, 1, 2, 3, tzinfo=timezone(timedelta(hours=2))), "2026-01-02T01:00:00Z"),
    ],
)
def test_values_stay_what_they_are(value: object, text: str) -> None:
    assert csv_file.safe(value) == text


def test_lines_are_quoted_where_they_must_be() -> None:
    columns = (
        Column("a", "First, of two", lambda row: Cell(), lambda row: row["a"]),
        Column("b", "Second", lambda row: Cell(), lambda row: row["b"]),
    )
    assert csv_file.head(columns) == '"First, of two",Second\r\n'
    rows = [{"a": 'say "hi"\nthere', "b": 1}]
    assert csv_file.body(columns, rows) == '"say ""hi""\nthere",1\r\n'  # type: ignore[arg-type]
