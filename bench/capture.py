"""What the product sends to PostgreSQL while it does one thing, transaction by transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, PoolProxiedConnection

from nexnum_console.core.db import Database, UnitOfWork, driver_text
from nexnum_console.core.prepared import Rows


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with ``%(name)s`` marks, and what was bound to them."""

    sql: str
    parameters: Mapping[str, Any]


@dataclass(slots=True)
class Recording:
    """The committed transactions, in order; one that was rolled back is not kept."""

    transactions: list[tuple[Statement, ...]] = field(default_factory=list)


class _Heard(UnitOfWork):
    """A unit of work whose statements are written down once they are durable."""

    def __init__(self, engine: Engine, pooled: PoolProxiedConnection, tape: Recording) -> None:
        super().__init__(engine, pooled)
        self._tape = tape
        self._statements: list[Statement] = []

    def execute(self, statement: str, parameters: Mapping[str, Any], *, named: bool) -> Rows:
        """As UnitOfWork, heard."""
        self._statements.append(Statement(driver_text(statement), dict(parameters)))
        return super().execute(statement, parameters, named=named)

    def many(self, statement: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Nothing that a script could repeat; raises ValueError."""
        raise ValueError("a script cannot repeat a statement that was sent for many rows")

    def committed(self) -> None:
        """As UnitOfWork; an empty transaction is none."""
        if self._statements:
            self._tape.transactions.append(tuple(self._statements))
        super().committed()


@contextmanager
def recording(database: Database) -> Iterator[Recording]:
    """Record everything that goes through ``database`` while the block runs."""
    tape, real = Recording(), database.unit
    database.unit = lambda engine, pooled: _Heard(engine, pooled, tape)
    try:
        yield tape
    finally:
        database.unit = real
