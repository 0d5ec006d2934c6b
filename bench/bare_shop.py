"""The least that could sell a number over HTTP: FastAPI, psycopg and the three transactions of a
real purchase, recorded, with one call to the carrier between them. No login, no checks, no choice.
What it sells is real, so that the same pollers have the same numbers to look after.

``python -m bench.bare_shop --port 8000 --workers 2 --script FILE``; the database's URL is in
DATABASE_URL.
"""

from __future__ import annotations

import argparse
import os
import pickle
import re
from collections.abc import Callable, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

import httpx
import psycopg
from fastapi import FastAPI

from bench.capture import Statement
from bench.instance import FIRST_USER, FIRST_WALLET
from nexnum_console.core.clock import utc_now

CONNECTIONS: Final = 8
SCRIPT: Final = "BENCH_BARE_SCRIPT"

Ids = dict[str, int]


@dataclass(frozen=True)
class Script:
    """A recorded purchase: its transactions, the numbers in them that are ids, and by which
    statement (as it begins) a new id comes; ``carrier_url`` is asked after the second."""

    transactions: list[tuple[Statement, ...]]
    variables: Mapping[int, str]
    returned: Mapping[str, str]
    recorded_at: datetime
    carrier_url: str
    headers: Mapping[str, str]


class Shop:
    """Plays the script for one buyer after the other. Threads share it."""

    def __init__(self, script: Script, database_url: str) -> None:
        self._script = script
        self._client = httpx.Client(headers=dict(script.headers), timeout=10)
        self._free: SimpleQueue[psycopg.Connection[Any]] = SimpleQueue()
        for _ in range(CONNECTIONS):
            self._free.put(psycopg.connect(database_url, autocommit=True))
        marks = "|".join(str(number) for number in script.variables)
        self._mark = re.compile(f"({marks})")
        self._plays = [[self._ready(each) for each in one] for one in script.transactions]

    def sell(self, buyer: int) -> str:
        """One purchase; the number."""
        ids = {"user": FIRST_USER + buyer, "wallet": FIRST_WALLET + buyer}
        self._play(0, ids)
        self._play(1, ids)
        answer = self._client.get(self._script.carrier_url).raise_for_status()
        ids["number"] = int(answer.json()["id"])
        self._play(2, ids)
        return f"+{ids['number']}"

    def _play(self, place: int, ids: Ids) -> None:
        late = utc_now() - self._script.recorded_at
        plays = self._plays[place]
        with self._connection() as connection, _transaction(connection, len(plays)):
            for sql, fill, returns in plays:
                cursor = connection.execute(sql, fill(ids, late))
                if returns:
                    row = cursor.fetchone()
                    assert row is not None
                    ids[returns] = row[0]

    @contextmanager
    def _connection(self) -> Any:
        connection = self._free.get()
        try:
            yield connection
        finally:
            self._free.put(connection)

    def _ready(self, statement: Statement) -> tuple[str, Callable[..., dict[str, Any]], str]:
        begins = statement.sql.lstrip()
        found = (id_ for start, id_ in self._script.returned.items() if begins.startswith(start))
        returns = next(found, "")
        filled = {name: self._filler(value) for name, value in statement.parameters.items()}

        def fill(ids: Ids, late: Any) -> dict[str, Any]:
            return {name: each(ids, late) for name, each in filled.items()}

        return statement.sql, fill, returns

    def _filler(self, value: Any) -> Callable[[Ids, Any], Any]:
        known = self._script.variables
        if isinstance(value, int) and value in known:
            return lambda ids, late: ids[known[value]]
        if isinstance(value, datetime):
            return lambda ids, late: value + late
        if isinstance(value, list):
            parts = [self._filler(each) for each in value]
            return lambda ids, late: [part(ids, late) for part in parts]
        if isinstance(value, str) and self._mark.search(value):
            return lambda ids, late: self._mark.sub(lambda m: str(ids[known[int(m[1])]]), value)
        return lambda ids, late: value


def _transaction(connection: psycopg.Connection[Any], statements: int) -> Any:
    """One statement is a transaction by itself."""
    return connection.transaction() if statements > 1 else nullcontext()


def create() -> FastAPI:
    """The app of one process."""
    with Path(os.environ[SCRIPT]).open("rb") as file:
        shop = Shop(pickle.load(file), os.environ["DATABASE_URL"])
    app = FastAPI()

    @app.get("/ping")
    def ping() -> str:
        return "pong"

    @app.post("/buy/{buyer}", status_code=201)
    def buy(buyer: int) -> dict[str, str]:
        return {"phone": shop.sell(buyer)}

    return app


def main() -> None:
    """Serve until a signal."""
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.server import Server  # noqa: PLC0415

    parser = argparse.ArgumentParser(prog="bare_shop", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--script", required=True)
    options = parser.parse_args()
    os.environ[SCRIPT] = options.script
    Server(
        target="bench.bare_shop:create",
        factory=True,
        address="127.0.0.1",
        port=options.port,
        interface=Interfaces.ASGI,
        workers=options.workers,
    ).serve()


if __name__ == "__main__":
    main()
