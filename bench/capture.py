"""What the product sends to PostgreSQL while it does one thing, transaction by transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from psycopg import Cursor
from sqlalchemy import Connection, event

from nexnum_console.core.db import Database, RowFactory, UnitOfWork, driver_text


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with ``%(name)s`` marks, and what was bound to them."""

    sql: str
    parameters: Mapping[str, Any]


@dataclass(slots=True)
class Recording:
    """The committed transactions, in order; one that was rolled back is not kept."""

    transactions: list[tuple[Statement, ...]] = field(default_factory=list)
    _open: dict[int, list[Statement]] = field(default_factory=dict)

    def begin(self, connection: Connection) -> None:
        """A transaction opens."""
        self._open[id(connection)] = []

    def execute(self, connection: Connection, sql: str, parameters: Mapping[str, Any]) -> None:
        """A statement is about to be sent; by itself, where no transaction was begun for it."""
        statement = Statement(sql, dict(parameters))
        if id(connection) in self._open:
            self._open[id(connection)].append(statement)
        else:
            self.transactions.append((statement,))

    def commit(self, connection: Connection) -> None:
        """The transaction became durable."""
        statements = self._open.pop(id(connection))
        if statements:
            self.transactions.append(tuple(statements))

    def rollback(self, connection: Connection) -> None:
        """Nothing of it happened."""
        self._open.pop(id(connection), None)


class _Heard(UnitOfWork):
    """A unit of work whose statements are written down."""

    def __init__(self, connection: Connection, tape: Recording) -> None:
        super().__init__(connection)
        self._tape = tape

    def execute(
        self, statement: str, parameters: Mapping[str, Any], factory: RowFactory
    ) -> Cursor[Any]:
        """As UnitOfWork, heard."""
        self._tape.execute(self.connection, driver_text(statement), parameters)
        return super().execute(statement, parameters, factory)

    def many(self, statement: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Nothing that a script could repeat; raises ValueError."""
        raise ValueError("a script cannot repeat a statement that was sent for many rows")


@contextmanager
def recording(database: Database) -> Iterator[Recording]:
    """Record everything that goes through ``database`` while the block runs."""
    tape, engine, real = Recording(), database.engine, database.unit
    database.unit = lambda connection: _Heard(connection, tape)
    listeners: dict[str, Callable[..., None]] = {
        "begin": tape.begin,
        "commit": tape.commit,
        "rollback": tape.rollback,
    }
    for name, listener in listeners.items():
        event.listen(engine, name, listener)
    try:
        yield tape
    finally:
        database.unit = real
        for name, listener in listeners.items():
            event.remove(engine, name, listener)
