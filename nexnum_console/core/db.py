"""PostgreSQL access: one small pool per process and an explicit unit of work."""

from __future__ import annotations

import select
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

import psycopg
from psycopg.errors import FeatureNotSupported, InFailedSqlTransaction
from psycopg.pq import TransactionStatus
from psycopg.rows import dict_row, tuple_row
from sqlalchemy import PoolProxiedConnection, create_engine, event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, DisconnectionError, InvalidRequestError

from nexnum_console.core.prepared import BIND, Prepared, Rows, called

# A hot wallet row gets slower with more connections (3,130/s at 2, 503/s at 200), so the pool
# stays small and callers queue for it in the process.
POOL_SIZE = 8
POOL_WAIT_SECONDS = 30.0
_PREPARED: Final = "nexnum.prepared"


Row = Mapping[str, Any]


class Result:
    """What one statement brought: ``rowcount`` rows found or changed."""

    __slots__ = ("_rows", "rowcount")

    def __init__(self, brought: Rows) -> None:
        self._rows = brought.rows
        self.rowcount = brought.rowcount

    def scalars(self) -> list[Any]:
        """The first column of every row."""
        return [row[0] for row in self._rows]


class UnitOfWork:
    """One open transaction. Whoever opened it commits; services only ``run`` statements.

    SQL text has ``:name`` marks and goes to psycopg as it is: SQLAlchemy keeps the pool, and its
    own way of running text would cost as much as the server does. Errors are SQLAlchemy's.
    With ``autocommit`` every statement is a transaction by itself.
    """

    # Whoever hears of what was committed; nobody, until the process has events.
    spread: Callable[..., None] | None = None

    def __init__(self, engine: Engine, pooled: PoolProxiedConnection) -> None:
        self.engine = engine
        self.driver: Any = pooled.driver_connection
        self.autocommit = False
        # Only there somebody's Ctrl-C or a job's time limit arrives, and one call would not notice.
        self.interruptible = threading.current_thread() is threading.main_thread()
        self._pooled = pooled
        self._prepared: Prepared = pooled.info.get(_PREPARED) or self._prepare()
        self._begun = False
        self._after_commit: list[Callable[[], None]] = []

    def _prepare(self) -> Prepared:
        prepared = self._pooled.info[_PREPARED] = Prepared(self.driver)
        return prepared

    def run(self, statement: str, **parameters: Any) -> Result:
        """Execute SQL text with bound parameters."""
        return Result(self.execute(statement, parameters, named=False))

    def many(self, statement: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute one statement for many parameter sets."""
        if rows:
            with self._telling(statement):
                self.driver.cursor().executemany(driver_text(statement), rows)

    def copy(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Send rows by ``copy … from stdin``."""
        with (
            self._telling(statement),
            self.driver.cursor() as cursor,
            cursor.copy(statement) as copy,
        ):
            for row in rows:
                copy.write_row(row)

    def first(self, statement: str, **parameters: Any) -> Row | None:
        """The first row, or None."""
        return next(iter(self.execute(statement, parameters, named=True).rows), None)

    def all(self, statement: str, **parameters: Any) -> list[Row]:
        """Every row."""
        return self.execute(statement, parameters, named=True).rows

    def scalar(self, statement: str, **parameters: Any) -> Any:
        """The first column of the first row, or None."""
        rows = self.execute(statement, parameters, named=False).rows
        return rows[0][0] if rows else None

    def execute(self, statement: str, parameters: Mapping[str, Any], *, named: bool) -> Rows:
        """Run it: what all of the above stand on. Rows are dicts where ``named``, else tuples."""
        with self._telling(statement):
            if not self.interruptible and self._prepared.takes(statement):
                return self._prepared.run(statement, parameters, named=named)
            with self.driver.cursor(row_factory=dict_row if named else tuple_row) as cursor:
                cursor.execute(driver_text(statement), parameters)
                return Rows(cursor.rowcount, cursor.fetchall() if cursor.description else [])

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What is done in the block is undone alone where the block raises."""
        with self._telling("savepoint"):
            self._say(b"savepoint part")
        try:
            yield
        except BaseException:
            with self._telling("rollback to savepoint"):
                self._say(b"rollback to savepoint part")
                self._say(b"release savepoint part")
            raise
        with self._telling("release savepoint"):
            self._say(b"release savepoint part")

    def commit(self) -> None:
        """Make it durable; whoever opened the transaction does."""
        if not self._begun:
            return
        with self._telling("commit"):
            self._begun = False
            if self._say(b"commit") == b"ROLLBACK":
                raise InFailedSqlTransaction(
                    "a statement failed and was not undone by a savepoint: nothing was committed"
                )

    def roll_back(self) -> None:
        """Undo everything. A connection that cannot is given up: its server does the same."""
        if not self._begun:
            return
        self._begun = False
        try:
            # Not the driver's: that forgets every prepared statement.
            self._say(b"rollback")
        except psycopg.Error as error:
            self._give_up(error)

    @contextmanager
    def _telling(self, statement: str) -> Iterator[None]:
        """Inside the transaction, which begins with its first statement; errors become ours."""
        try:
            if not (self._begun or self.autocommit):
                self._begun = True
                self._say(b"begin")
            yield
        except psycopg.Error as error:
            raise self._told(error, statement) from error

    def _say(self, command: bytes) -> bytes | None:
        """Begin or end by libpq's own call, at a third of what a cursor costs; its tag."""
        tag: bytes | None = called(self.driver.pgconn, "exec_", command).command_status
        return tag

    def _told(self, error: Any, statement: str) -> BaseException:
        """SQLAlchemy's error of a driver's; a connection that broke is given up."""
        gone = self.engine.dialect.is_disconnect(error, self.driver, None)
        # A prepared statement whose tables are others now would fail for ever.
        if gone or isinstance(error, FeatureNotSupported):
            self._give_up(error)
        return _ours(error, self.engine, statement, gone)

    def _give_up(self, error: BaseException) -> None:
        if self._pooled.is_valid:
            self._pooled.invalidate(error)

    def after_commit(self, effect: Callable[[], None]) -> None:
        """Run ``effect`` once the transaction is durable; dropped on rollback."""
        self._after_commit.append(effect)

    def publish(self, channel: str, topic: str, **ids: Any) -> None:
        """As ``Events.publish``, once the transaction is durable."""
        if (spread := self.spread) is not None:
            self.after_commit(lambda: spread(channel, topic, **ids))

    def committed(self) -> None:
        """It is durable: what waited for that happens."""
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
        self.unit: Callable[[Engine, PoolProxiedConnection], UnitOfWork] = UnitOfWork
        self.spread: Callable[..., None] | None = None
        self.engine: Engine = create_engine(
            driver_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_WAIT_SECONDS,
            # A unit of work says itself where its transaction begins and ends.
            isolation_level="AUTOCOMMIT",
            pool_reset_on_return=None,
            connect_args={
                "connect_timeout": 5,
                "application_name": "nexnum",
                "options": f"-c statement_timeout={statement_timeout_ms} -c timezone=UTC",
            },
        )
        event.listen(self.engine, "checkout", _look_alive)

    @contextmanager
    def transaction(self) -> Iterator[UnitOfWork]:
        """Commit when the block ends, roll back when it raises; then run after-commit effects."""
        with self._connected() as unit:
            try:
                yield unit
            except BaseException:
                unit.roll_back()
                raise
            unit.commit()
        unit.committed()

    @contextmanager
    def snapshot(self) -> Iterator[UnitOfWork]:
        """A transaction that only reads, and all of it from the moment of its first statement:
        figures of several statements agree with each other however busy the tables are."""
        with self.transaction() as unit:
            unit.run("set transaction isolation level repeatable read, read only")
            yield unit

    @contextmanager
    def autocommit(self) -> Iterator[UnitOfWork]:
        """Each statement in the block is a transaction by itself, without the two round trips
        around it."""
        with self._connected() as unit:
            unit.autocommit = True
            yield unit
        unit.committed()

    @contextmanager
    def _connected(self) -> Iterator[UnitOfWork]:
        try:
            pooled = self.engine.raw_connection()
        except psycopg.Error as error:  # the pool tells a server that is away in the driver's words
            raise _ours(error, self.engine, None, gone=False) from error
        except InvalidRequestError as error:  # and so that each new connection was cut at once
            away = psycopg.OperationalError(str(error))
            raise _ours(away, self.engine, None, gone=False) from error
        try:
            unit = self.unit(self.engine, pooled)
            unit.spread = self.spread
            yield unit
        finally:
            _give_back(pooled)

    def close(self) -> None:
        """Return every connection to the server."""
        self.engine.dispose()


def _give_back(pooled: PoolProxiedConnection) -> None:
    """To the pool, unless something is half done on it."""
    if pooled.is_valid:
        driver: Any = pooled.driver_connection
        if driver.pgconn.transaction_status != TransactionStatus.IDLE:
            pooled.invalidate()
    pooled.close()


def _ours(error: Any, engine: Engine, statement: str | None, gone: bool) -> BaseException:
    """SQLAlchemy's error of the driver's; what was bound is left out, for it may be a secret."""
    told: BaseException = DBAPIError.instance(
        statement,
        None,
        error,
        psycopg.Error,
        hide_parameters=True,
        connection_invalidated=gone,
        dialect=engine.dialect,
    )
    return told


def _look_alive(connection: Any, record: Any, proxy: Any) -> None:
    """Replace a connection that its server has left, without asking the server.

    A server says good-bye or hangs up, so an idle connection with something to read is asked
    whether it still works; nearly all have nothing, which costs no round trip.
    """
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if not waiting.poll(0):
        return
    try:
        connection.execute("select 1")
        connection.rollback()
    except psycopg.Error as error:
        raise DisconnectionError("the server closed an idle connection") from error


@lru_cache(maxsize=1024)
def driver_text(statement: str) -> str:
    """``:name`` as psycopg writes it."""
    return BIND.sub(r"%(\1)s", statement.replace("%", "%%"))


def driver_url(url: str) -> str:
    """The URL with the psycopg 3 driver named, as SQLAlchemy wants it."""
    for scheme in ("postgresql+psycopg://", "postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    raise ValueError("DATABASE_URL must begin with postgresql://")
