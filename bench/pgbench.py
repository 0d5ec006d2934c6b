"""The product's own SQL as a pgbench script, and the shipped pgbench to run it.

Recorded ids are recognisable numbers (``marks``). Wherever one occurs, alone or inside a text, the
script has a variable in its place, so that every run of it concerns another order.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from bench.capture import Recording, Statement

_MARK = re.compile(r"%\((\w+)\)s|%%")
_RATE = re.compile(r"^tps = ([\d.]+)", re.M)
_DONE = re.compile(r"^number of transactions actually processed: (\d+)", re.M)
_FAILED = re.compile(r"^number of failed transactions: (\d+)", re.M)
_LATENCY = re.compile(r"^latency average = ([\d.]+) ms", re.M)


class PgbenchFailed(Exception):
    """pgbench did not run the script to its end; the message is its own."""


@dataclass(frozen=True, slots=True)
class Marks:
    """``variables``: recorded number → variable. ``returned``: start of a statement → the
    variable that takes the id it returns, and lines of pgbench that follow from it."""

    variables: Mapping[int, str]
    returned: Mapping[str, tuple[str, ...]]
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Rate:
    """Script runs per second, how many ran, and the mean time of one in ms."""

    per_second: float
    count: int
    mean_ms: float


def script(recording: Recording, marks: Marks, opening: Sequence[str]) -> str:
    """The recorded transactions as a pgbench script; ``opening`` sets its first variables."""
    lines = list(opening)
    for statements in recording.transactions:
        several = len(statements) > 1
        lines += ["begin;"] * several
        for statement in statements:
            lines += _lines(statement, marks)
        lines += ["commit;"] * several
    return "\n".join(lines) + "\n"


def literal(value: Any, marks: Marks) -> str:
    """``value`` as SQL, with variables for marked numbers. Moments are told from now on."""
    match value:
        case int() if value in marks.variables:
            sql = f"cast(:{marks.variables[value]} as bigint)"
        case None | bool():
            sql = {None: "null", True: "true", False: "false"}[value]
        case int() | Decimal():
            sql = f"({value})"
        case str():
            sql = _text(value, marks)
        case datetime():
            seconds = (value - marks.recorded_at).total_seconds()
            sql = f"(now() + interval '{seconds} seconds')"
        case list():
            kind = "bigint" if value and isinstance(value[0], int) else "text"
            sql = f"cast(array[{', '.join(literal(each, marks) for each in value)}] as {kind}[])"
        case _:
            raise TypeError(f"no SQL literal for {type(value).__name__}")
    return sql


def run(binary: Path, url: str, text: str, *, clients: int, seconds: float) -> Rate:
    """Run a script with prepared statements for about ``seconds``. Raises PgbenchFailed."""
    return _run(binary, url, text, clients, [f"--time={max(1, round(seconds))}"])


def fill(binary: Path, url: str, text: str, *, clients: int, times: int) -> Rate:
    """Run a script ``times`` times, without waiting for the disk: to make data, not to measure."""
    often = f"--transactions={-(-times // clients)}"
    return _run(binary, url, text, clients, [often], {"PGOPTIONS": "-c synchronous_commit=off"})


def _run(
    binary: Path,
    url: str,
    text: str,
    clients: int,
    options: Sequence[str],
    extra: Mapping[str, str] | None = None,
) -> Rate:
    parts = make_url(url)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(text)
        file.flush()
        argv = [str(binary), "--no-vacuum", "--protocol=prepared", f"--file={file.name}"]
        argv += [f"--client={clients}", f"--jobs={min(clients, 2)}", *options]
        argv += [f"--host={parts.host}", f"--port={parts.port}", f"--username={parts.username}"]
        done = subprocess.run(
            [*argv, str(parts.database)],
            env={"PGPASSWORD": str(parts.password), "LC_ALL": "C", **(extra or {})},
            capture_output=True,
            text=True,
            check=False,
        )
    return parsed(done.stdout, done.stderr)


def parsed(output: str, errors: str = "") -> Rate:
    """pgbench's report. Raises PgbenchFailed when it is none, or when a transaction failed."""
    found = [expression.search(output) for expression in (_RATE, _DONE, _LATENCY, _FAILED)]
    rate, done, latency, failed = found
    if rate is None or done is None or latency is None or "aborted" in errors:
        raise PgbenchFailed((errors or output).strip()[:600])
    if failed and int(failed[1]):
        raise PgbenchFailed(f"{failed[1]} of the transactions failed")
    return Rate(float(rate[1]), int(done[1]), float(latency[1]))


def _lines(statement: Statement, marks: Marks) -> list[str]:
    sql = _MARK.sub(
        lambda found: literal(statement.parameters[found[1]], marks) if found[1] else "%",
        statement.sql.strip(),
    )
    for start, (variable, *following) in marks.returned.items():
        if statement.sql.lstrip().startswith(start):
            return [f"{sql} \\gset {variable}_", f"\\set {variable} :{variable}_id", *following]
    return [f"{sql};"]


def _text(value: str, marks: Marks) -> str:
    if not marks.variables:
        return _quoted(value)
    numbers = "|".join(str(number) for number in marks.variables)
    parts = re.split(f"({numbers})", value)
    if len(parts) == 1:
        return _quoted(value)
    shown = [
        f"cast(:{marks.variables[int(part)]} as text)" if place % 2 else _quoted(part)
        for place, part in enumerate(parts)
        if part
    ]
    return f"({' || '.join(shown)})"


def _quoted(value: str) -> str:
    # pgbench looks for `:name` inside quotes too, so a colon is written as its code.
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace(":", "\\x3A")
    return f"E'{escaped}'"
