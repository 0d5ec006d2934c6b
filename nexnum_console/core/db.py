"""PostgreSQL access: one small pool per process and an explicit unit of work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Connection,
    CursorResult,
    Executable,
    RowMapping,
    TextClause,
    create_engine,
    text,
)
from sqlalchemy.engine import Engine

# A hot wallet row gets slower with more connections (3,130/s at 2, 503/s at 200), so the pool
# stays small and callers queue for it in the process.
POOL_SIZE = 8
POOL_WAIT_SECONDS = 30.0


class UnitOfWork:
    """One open transaction. Whoever opened it commits; services only ``run`` statements."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._after_commit: list[Callable[[], None]] = []

    def run(self, statement: str | Executable, **parameters: Any) -> CursorResult[Any]:
        """Execute SQL text (or a Core statement) with bound parameters."""
        executable = _parsed(statement) if isinstance(statement, str) else statement
        return self.connection.execute(executable, parameters)

    def many(self, statement: str | Executable, rows: list[Mapping[str, Any]]) -> None:
        """Execute one statement for many parameter sets."""
        if rows:
            executable = _parsed(statement) if isinstance(statement, str) else statement
            self.connection.execute(executable, rows)

    def first(self, statement: str | Executable, **parameters: Any) -> RowMapping | None:
        """The first row as a mapping, or None."""
        return self.run(statement, **parameters).mappings().first()

    def all(self, statement: str | Executable, **parameters: Any) -> list[RowMapping]:
        """Every row as a mapping."""
        return list(self.run(statement, **parameters).mappings().all())

    def scalar(self, statement: str | Executable, **parameters: Any) -> Any:
        """The first column of the first row, or None."""
        return self.run(statement, **parameters).scalar()

    def after_commit(self, effect: Callable[[], None]) -> None:
        """Run ``effect`` once the transaction is durable; dropped on rollback."""
        self._after_commit.append(effect)

    def _committed(self) -> None:
        for effect in self._after_commit:
            effect()


class Database:
    """A pool to one PostgreSQL database.

    ``url`` may be written ``postgresql://…``; psycopg 3 is used in any case.
    """

    def __init__(
        self, url: str, *, pool_size: int = POOL_SIZE, statement_timeout_ms: int = 15_000
    ) -> None:
        self.url = url
        self.engine: Engine = create_engine(
            driver_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_WAIT_SECONDS,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": 5,
                "application_name": "nexnum",
                "options": f"-c statement_timeout={statement_timeout_ms} -c timezone=UTC",
            },
        )

    @contextmanager
    def transaction(self) -> Iterator[UnitOfWork]:
        """Commit when the block ends, roll back when it raises; then run after-commit effects."""
        with self.engine.connect() as connection, connection.begin():
            unit = UnitOfWork(connection)
            yield unit
        unit._committed()

    def close(self) -> None:
        """Return every connection to the server."""
        self.engine.dispose()


@lru_cache(maxsize=1024)
def _parsed(statement: str) -> TextClause:
    return text(statement)


def driver_url(url: str) -> str:
    """The URL with the psycopg 3 driver named, as SQLAlchemy wants it."""
    for scheme in ("postgresql+psycopg://", "postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    raise ValueError("DATABASE_URL must begin with postgresql://")
