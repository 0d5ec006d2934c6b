"""Buyers as the measurements need them: in this process, over HTTP, and at the carrier itself."""

from __future__ import annotations

import http.client
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlsplit

from bench.instance import PROVIDER, Instance
from nexnum_console.activations.desk import Desk
from nexnum_console.activations.purchase import Order, purchase

WISHES = 40
CALL_SECONDS = 60


class NotSold(Exception):
    """A measured purchase did not end with a number; the figures would be worth nothing."""


@dataclass(frozen=True, slots=True)
class Wish:
    """An offer with plenty in stock, in our codes and in the carrier's."""

    service: str
    country: str
    external_service: str
    external_country: str


def wishes(instance: Instance) -> list[Wish]:
    """What PROVIDER has most of: the same on every run, as its catalogue comes from a seed."""
    with instance.database.transaction() as unit:
        rows = unit.all(
            "select o.service, o.country, o.external_service, o.external_country"
            " from offer o join provider p on p.id = o.provider_id and p.name = :provider"
            " where o.available group by 1, 2, 3, 4"
            " order by sum(o.stock) desc, 1, 2 limit :limit",
            provider=PROVIDER,
            limit=WISHES,
        )
    return [Wish(**row) for row in rows]


def in_process(
    desk: Desk, crowd: Sequence[tuple[int, str]], wanted: Sequence[Wish]
) -> Callable[[int], None]:
    """``work(thread)``: one purchase by the next buyer through ``desk``."""
    turns = count()

    def work(thread: int) -> None:
        turn = next(turns)
        wish = wanted[turn % len(wanted)]
        user_id = crowd[turn % len(crowd)][0]
        order = Order(user_id, wish.service, wish.country, provider=PROVIDER)
        purchase(desk, order)

    return work


class Caller:
    """One kept-alive HTTP connection; a measurement has one for each thread."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._prefix = parts.path
        self._connection = http.client.HTTPConnection(
            parts.hostname or "", parts.port, timeout=CALL_SECONDS
        )

    def buy(self, token: str, wish: Wish) -> None:
        """A purchase through the product; NotSold unless it answers with a number."""
        body = {"service": wish.service, "country": wish.country, "provider": PROVIDER}
        headers = {
            "Origin": self._origin,
            "Cookie": f"nexnum_session={token}",
            "Content-Type": "application/json",
            "Idempotency-Key": secrets.token_hex(8),
        }
        path = "/api/numbers/purchase"
        self._call("POST", path, json.dumps(body), headers, http.client.CREATED)

    def buy_at_carrier(self, key: str, wish: Wish) -> None:
        """The same purchase at the carrier; NotSold."""
        path = f"/v1/user/buy/activation/{wish.external_country}/any/{wish.external_service}"
        headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
        self._call("GET", self._prefix + path, None, headers, http.client.OK)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _call(
        self, method: str, path: str, body: str | None, headers: dict[str, str], expected: int
    ) -> None:
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        sold = answer.status == expected and (b'"phone"' in content or b'"number":"+' in content)
        if not sold:
            raise NotSold(f"{method} {path}: {answer.status} {content[:300]!r}")


def through_api(
    base_url: str, crowd: Sequence[tuple[int, str]], wanted: Sequence[Wish], threads: int
) -> tuple[Callable[[int], None], Callable[[], None]]:
    """``work(thread)`` that buys through the API, and what closes its connections."""
    callers = [Caller(base_url) for _ in range(threads)]
    turns = count()

    def work(thread: int) -> None:
        turn = next(turns)
        callers[thread].buy(crowd[turn % len(crowd)][1], wanted[turn % len(wanted)])

    def close() -> None:
        for caller in callers:
            caller.close()

    return work, close
