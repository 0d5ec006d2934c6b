"""Statements that come often, prepared once and then answered in one call of libpq.

psycopg's cursor lets go of the interpreter several times for each statement; with eight threads on
one process that is half of a statement's processor time. ``docs/performance.md`` has the figures.
Everything that makes and reads values is psycopg's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus

BIND: Final = re.compile(r"(?<![:\w]):(\w+)(?!:)")
# Texts of statements that are counted; those with a list's filters in them are many.
SEEN_MOST: Final = 2_000
_FINE: Final = frozenset({ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK})


class Rows(NamedTuple):
    """What a statement brought: how many rows it found or changed, and those it returned."""

    rowcount: int
    rows: list[Any]


class Prepared:
    """What one connection has prepared; one thread at a time uses it."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver
        self._pgconn = driver.pgconn
        self._transformer = Transformer(driver)
        self._names: dict[tuple[str, tuple[int, ...]], bytes] = {}
        self._columns: dict[bytes, list[str]] = {}
        self._seen: dict[str, int] = {}
        self._count = 0

    def takes(self, statement: str) -> bool:
        """Whether to run it here: it came as often as psycopg waits for."""
        after = self._driver.prepare_threshold
        if after is None or not self._driver.prepared_max:
            return False
        seen = self._seen.get(statement, 0)
        if seen >= after:
            return True
        if len(self._seen) >= SEEN_MOST:
            self._seen.clear()
        self._seen[statement] = seen + 1
        return False

    def run(self, statement: str, parameters: Mapping[str, Any], *, named: bool) -> Rows:
        """Run it; rows are dicts where ``named``, else tuples. psycopg's errors."""
        text, names = numbered(statement)
        transformer = self._transformer
        values = [parameters[name] for name in names]
        sent = transformer.dump_sequence(values, [PyFormat.AUTO] * len(values))
        key = (text, tuple(transformer.types or ()))
        name = self._names.get(key) or self._prepare(key)
        result = called(self._pgconn, "exec_prepared", name, sent, transformer.formats)
        if result.status != ExecStatus.TUPLES_OK:
            return Rows(result.command_tuples or 0, [])
        transformer.set_pgresult(result)
        maker = self._row_maker(name, result) if named else tuple
        return Rows(result.ntuples, transformer.load_rows(0, result.ntuples, maker))

    def _prepare(self, key: tuple[str, tuple[int, ...]]) -> bytes:
        """Prepare a text for values of these types; the server's name of it."""
        while len(self._names) >= self._driver.prepared_max:
            gone = self._names.pop(next(iter(self._names)))
            self._columns.pop(gone, None)
            called(self._pgconn, "exec_", b"deallocate " + gone)
        self._count += 1
        name = b"nexnum_%d" % self._count
        called(self._pgconn, "prepare", name, key[0].encode(), key[1])
        self._names[key] = name
        return name

    def _row_maker(self, name: bytes, result: Any) -> Callable[[Sequence[Any]], dict[str, Any]]:
        columns = self._columns.get(name)
        if columns is None:
            columns = [result.fname(place).decode() for place in range(result.nfields)]
            self._columns[name] = columns
        return lambda values: dict(zip(columns, values, strict=True))


def called(connection: Any, function: str, *arguments: Any) -> Any:
    """What libpq answers to one of its own calls; psycopg's error where it is a failure."""
    try:
        result = getattr(connection, function)(*arguments)
    except MemoryError as error:  # libpq had no connection to send it by
        raise psycopg.OperationalError(connection.get_error_message()) from error
    if result.status in _FINE:
        return result
    if connection.status == ConnStatus.BAD:
        raise psycopg.OperationalError(connection.get_error_message())
    raise error_from_result(result)


@lru_cache(maxsize=1024)
def numbered(statement: str) -> tuple[str, tuple[str, ...]]:
    """``:name`` as the server writes it, ``$1``, and the names in that order."""
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        if found[1] not in names:
            names.append(found[1])
        return f"${names.index(found[1]) + 1}"

    return BIND.sub(number, statement), tuple(names)
