"""Recorded statements become a script whose ids vary; pgbench's report is read or refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bench.capture import Recording, Statement
from bench.pgbench import Marks, PgbenchFailed, literal, parsed, script

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
MARKS = Marks(
    {910000001: "activation", 930000001: "wallet"},
    {"insert into activation (": ("activation", "\\set number 9 + :activation")},
    NOW,
)


def test_ids_become_variables_wherever_they_occur():
    assert literal(910000001, MARKS) == "cast(:activation as bigint)"
    assert literal("hold:activation:910000001", MARKS) == (
        r"(E'hold\x3Aactivation\x3A' || cast(:activation as text))"
    )
    codes = ["wallet:930000001:available", "revenue"]
    assert literal(codes, MARKS) == (
        r"cast(array[(E'wallet\x3A' || cast(:wallet as text) || E'\x3Aavailable'),"
        r" E'revenue'] as text[])"
    )


@pytest.mark.parametrize(
    ("value", "sql"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (-150, "(-150)"),
        (Decimal("1.5"), "(1.5)"),
        ([-1, 1], "cast(array[(-1), (1)] as bigint[])"),
        ([], "cast(array[] as text[])"),
        ("it's 12:30 \\", r"E'it\'s 12\x3A30 \\'"),
        (NOW + timedelta(seconds=30), "(now() + interval '30.0 seconds')"),
    ],
)
def test_values_keep_their_kind(value, sql):
    assert literal(value, MARKS) == sql


def test_a_value_that_has_no_literal_is_refused():
    with pytest.raises(TypeError, match="object"):
        literal(object(), MARKS)


def test_an_inserted_row_gives_the_script_its_id():
    tape = Recording(
        [
            (
                Statement("insert into activation (a) values (%(a)s) returning id", {"a": 7}),
                Statement("update t set b = 5 %% 2 where id = %(id)s", {"id": 910000001}),
            ),
            (Statement("select 1", {}),),
        ]
    )
    assert script(tape, MARKS, ["\\set wallet 1"]).splitlines() == [
        "\\set wallet 1",
        "begin;",
        "insert into activation (a) values ((7)) returning id \\gset activation_",
        "\\set activation :activation_id",
        "\\set number 9 + :activation",
        "update t set b = 5 % 2 where id = cast(:activation as bigint);",
        "commit;",
        "select 1;",
    ]


REPORT = """
number of transactions actually processed: 321
number of failed transactions: {failed} (0.000%)
latency average = 3.120 ms
initial connection time = 4.1 ms
tps = 320.512345 (without initial connection time)
"""


def test_the_report_is_read():
    rate = parsed(REPORT.format(failed=0))
    assert (rate.per_second, rate.count, rate.mean_ms) == (320.512345, 321, 3.12)


@pytest.mark.parametrize(
    ("output", "errors"),
    [
        (REPORT.format(failed=3), ""),
        (REPORT.format(failed=0), "client 1 script 0 aborted in command 4"),
        ("", "pgbench: error: connection refused"),
    ],
)
def test_a_run_with_a_failure_is_no_measurement(output, errors):
    with pytest.raises(PgbenchFailed):
        parsed(output, errors)
