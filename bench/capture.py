"""What the product sends to PostgreSQL while it does one thing, transaction by transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine


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

    def execute(
        self,
        connection: Connection,
        cursor: Any,
        sql: str,
        parameters: Any,
        context: Any,
        executemany: bool,
    ) -> None:
        """A statement is about to be sent."""
        if executemany:
            raise ValueError("a script cannot repeat a statement that was sent for many rows")
        self._open[id(connection)].append(Statement(sql, dict(parameters)))

    def commit(self, connection: Connection) -> None:
        """The transaction became durable."""
        statements = self._open.pop(id(connection))
        if statements:
            self.transactions.append(tuple(statements))

    def rollback(self, connection: Connection) -> None:
        """Nothing of it happened."""
        self._open.pop(id(connection), None)


@contextmanager
def recording(engine: Engine) -> Iterator[Recording]:
    """Record everything that goes through ``engine`` while the block runs."""
    tape = Recording()
    listeners: dict[str, Callable[..., None]] = {
        "begin": tape.begin,
        "before_cursor_execute": tape.execute,
        "commit": tape.commit,
        "rollback": tape.rollback,
    }
    for name, listener in listeners.items():
        event.listen(engine, name, listener)
    try:
        yield tape
    finally:
        for name, listener in listeners.items():
            event.remove(engine, name, listener)
