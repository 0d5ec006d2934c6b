"""The production database with deaths at its transactions' ends, and rules taken out of its SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg
from psycopg import sql
from sqlalchemy import Engine, PoolProxiedConnection

from bench.simulation.stage import Broken, Stage
from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.core.prepared import Rows
from nexnum_console.stack.postgres import libpq_url

# Rows that are due at one moment come as they lie on the disk, which other databases of the same
# server have a part in.
_TIE: Final = re.compile(r"(order by [\w.]*(?:_at|coalesce\([\w., ]+\))) limit")
_BUSY: Final = "activation, attempt, sighting, inbound_delivery, hold, wallet, lane"


@dataclass
class Edits:
    """Texts replaced in statements: how a rule is taken out. ``met`` are those that occurred."""

    texts: tuple[tuple[str, str], ...] = ()
    met: set[str] = field(default_factory=set)
    _known: dict[str, str] = field(default_factory=dict)

    def of(self, statement: str) -> str:
        """The statement as it is to run."""
        found = self._known.get(statement)
        if found is None:
            found = _TIE.sub(r"\1, id limit", statement)
            for old, new in self.texts:
                if old in found:
                    self.met.add(old)
                    found = found.replace(old, new)
            self._known[statement] = found
        return found


class PlayedUnit(UnitOfWork):
    """A unit of work whose rows come in one order, whatever plan PostgreSQL chose."""

    edits: Edits = Edits()

    def __init__(self, engine: Engine, pooled: PoolProxiedConnection) -> None:
        super().__init__(engine, pooled)
        self.interruptible = False

    def execute(self, statement: str, parameters: Mapping[str, Any], *, named: bool) -> Rows:
        """As UnitOfWork, after the edits; rows that are promised no order are given one."""
        found = super().execute(self.edits.of(statement), parameters, named=named)
        if len(found.rows) > 1 and ("returning" in statement or "order by" not in statement):
            found.rows.sort(key=_place)
        return found


def _place(row: Any) -> tuple[int, str]:
    """By id, else by all that the row tells."""
    named = isinstance(row, Mapping)
    number = row.get("id") if named else None
    return (number, "") if isinstance(number, int) else (0, str(row.values() if named else row))


class PlayedDatabase(Database):
    """One connection, since one actor acts at a time; a process may die around each commit."""

    def __init__(self, url: str, stage: Stage, edits: Edits) -> None:
        super().__init__(url, pool_size=2)
        self._stage = stage
        self._edits = edits
        self._held = self.engine.raw_connection()
        unit = PlayedUnit(self.engine, self._held)
        # What a crash of PostgreSQL would lose is not played here; the torture tests kill it.
        unit.run("set synchronous_commit = off")
        # Plans are made once: tables are small and their statistics none.
        unit.run("set plan_cache_mode = force_generic_plan")
        unit.run("set jit = off")
        unit.commit()
        unit.driver.prepare_threshold, unit.driver.prepared_max = 0, 500
        self.open = False

    @contextmanager
    def transaction(self) -> Iterator[UnitOfWork]:
        """As Database; the death comes before anything, before the commit, or just after it."""
        stage = self._stage
        stage.may_die("before a transaction")
        if self.open:
            raise Broken("a transaction is opened inside another, or kept open over a wait")
        unit = PlayedUnit(self.engine, self._held)
        unit.edits = self._edits
        self.open = True
        try:
            yield unit
            stage.may_die("before a commit")
        except BaseException:
            unit.roll_back()
            raise
        finally:
            self.open = False
        unit.commit()
        stage.may_die("after a commit")
        unit.committed()

    @contextmanager
    def autocommit(self) -> Iterator[UnitOfWork]:
        """As Database, with the deaths of any transaction."""
        with self.transaction() as unit:
            yield unit

    def close(self) -> None:
        """Return the connection."""
        self._held.close()
        super().close()


class Statistics:
    """What PostgreSQL knows of the sizes of its tables, and so its plans and the order of rows.

    By itself it would look after them by the real clock, and no seed would be played twice alike.
    """

    def __init__(self, owner_url: str) -> None:
        self._owner = psycopg.connect(libpq_url(owner_url), autocommit=True)
        tables = self._owner.execute("select tablename from pg_tables where schemaname = 'public'")
        for (table,) in tables.fetchall():
            off = sql.SQL("alter table {} set (autovacuum_enabled = off)")
            self._owner.execute(off.format(sql.Identifier(table)))

    def renew(self) -> None:
        """As autovacuum does."""
        self._owner.execute(f"vacuum (analyze) {_BUSY}")

    def close(self) -> None:
        """Return the connection."""
        self._owner.close()
