"""One story for each failpoint: a process dies there, another comes, nothing is lost.

A story returns what it saw; the stories of web processes run side by side, so do those of the
two kinds of workers. Numbers live long here (the demo profile), so that what is recovered is
seen to work on.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

import httpx

from bench.harness import (
    RECOVERY,
    SERVICE,
    UNSOLD,
    Console,
    Shopper,
    until,
)
from nexnum_console.activations.purchase import Order, place, purchase
from nexnum_console.activations.settle import give_back
from nexnum_console.core.clock import utc_now
from nexnum_console.core.failpoints import POINTS
from nexnum_console.stack.services import free_port

# A country for each story: purchases of one kind are fungible, and one's number may become
# another's.
COUNTRIES = ("GB", "DE", "PL", "NL", "ID", "IN", "BR", "US", "FR", "ES", "IT", "CA")
SOLD = {"waiting", "received", "finished", "cancelling", "cancelled", "expired"}
FELL = 40.0
LOCK = 3.5


@dataclass
class Seen:
    """What a story saw: where it ended, after how many seconds; ``problem`` if a promise broke."""

    point: str
    state: str = ""
    recovery_s: float = 0.0
    problem: str = ""


@dataclass(frozen=True)
class WebStory:
    """A web process dies at ``point``; ``fault`` strikes both carriers meanwhile."""

    point: str
    ends: frozenset[str]
    fault: str = ""

    @property
    def is_cancel(self) -> bool:
        return self.point.startswith("cancel.")


_BOUND = frozenset({"waiting", "received"})
_FAILED = frozenset({"failed"})
WEB = (
    WebStory("purchase.placed", _FAILED),
    WebStory("purchase.attempt_written", _FAILED),
    WebStory("purchase.answered", _BOUND),
    WebStory("purchase.bound", _BOUND),
    WebStory("cancel.asked", frozenset({"cancelled"})),
    WebStory("cancel.answered", frozenset({"cancelled"})),
    WebStory("cancel.settled", frozenset({"cancelled"})),
    WebStory("purchase.declined", _FAILED, fault="no_stock"),
    WebStory("purchase.failed", _FAILED, fault="no_stock"),
    WebStory("purchase.unknown", _FAILED, fault="error500_before"),
)


def _country(point: str) -> str:
    return COUNTRIES[POINTS.index(point) % len(COUNTRIES)]


def web_falls(console: Console) -> list[Seen]:
    """Every story of a web process. The workers run all the time."""
    for carrier in ("fivesim", "sms_activate"):
        console.control.adjust(carrier, never_share=1.0)
    console.web()
    console.workers()
    ports = {story.point: console.web(story.point, free_port(), story.point) for story in WEB}
    for name in ("web", *ports):
        console.await_ready(name)
    with ThreadPoolExecutor(len(WEB)) as pool:
        told = []
        for fault in ("", "no_stock", "error500_before"):
            chosen = [story for story in WEB if story.fault == fault]
            with _struck(console, fault):
                falls = [pool.submit(_fall, console, s, ports[s.point]) for s in chosen]
                fallen = [fall.result() for fall in falls]
            again = f"{chosen[0].point} again"
            address = console.web(again, int(ports[chosen[0].point].rpartition(":")[2]))
            told += [pool.submit(_recovers, console, *one, again, address) for one in fallen]
        return [story.result() for story in told]


@contextmanager
def _struck(console: Console, fault: str) -> Iterator[None]:
    if fault:
        for carrier in ("fivesim", "sms_activate"):
            console.control.set_fault(carrier, fault)
    yield
    for carrier in ("fivesim", "sms_activate"):
        console.control.clear_faults(carrier)


@dataclass(frozen=True)
class Fallen:
    """Who lost their web process, when, and under which key they had asked."""

    shopper: Shopper
    key: str
    at: float


def _fall(console: Console, story: WebStory, address: str) -> tuple[WebStory, Fallen | str]:
    shopper = console.shopper()
    key = secrets.token_hex(8)
    bought = None
    if story.is_cancel:
        bought = shopper.bought(country=_country(story.point))
        time.sleep(LOCK)
    doomed = console.at(shopper, address)
    at = time.monotonic()
    try:
        if bought is None:
            answer = doomed.buy(key, country=_country(story.point))
        else:
            answer = doomed.cancel(bought)
        return story, f"it answered {answer.status_code} instead of dying: {answer.text[:200]}"
    except httpx.TransportError:
        until(lambda: console.fell_at(story.point, story.point), FELL, f"{story.point} lives")
    return story, Fallen(shopper, key, at)


def _recovers(
    console: Console, story: WebStory, fallen: Fallen | str, again: str, address: str
) -> Seen:
    """Settled or visibly held within RECOVERY, settled for good within UNSOLD of sending."""
    seen = Seen(story.point)
    if isinstance(fallen, str):
        return replace(seen, problem=fallen)
    try:
        limit = UNSOLD if story.ends == _FAILED else RECOVERY
        left = limit - (time.monotonic() - fallen.at)
        (row,) = console.orders_of(fallen.shopper)
        until(lambda: _settled(console, row["id"]), left, lambda: _row(console, row["id"]))
        seen.recovery_s = time.monotonic() - fallen.at
        seen.state = _row(console, row["id"])["state"]
        seen.problem = seen.problem or _money(console, fallen.shopper, row["id"])
        if seen.state not in story.ends:
            seen.problem = seen.problem or f"it ended {seen.state}, not {sorted(story.ends)}"
        console.await_ready(again)
        returned = console.at(fallen.shopper, address)
        seen.problem = seen.problem or _retry_learns(console, story, returned, fallen.key)
    except AssertionError as error:
        seen.problem = str(error)
    return seen


def _retry_learns(console: Console, story: WebStory, shopper: Shopper, key: str) -> str:
    """The same key at the restarted process names the order and buys nothing."""
    if story.is_cancel:
        return ""
    (row,) = console.orders_of(shopper)
    answer = shopper.buy(key, country=_country(story.point))
    told = answer.json()
    named = told.get("id") or told["error"]["details"].get("activation_id")
    if named != row["id"]:
        return f"the retry got {answer.status_code} {answer.text[:200]}"
    shown = shopper.client.get(f"/api/numbers/{row['id']}")
    if shown.status_code != 200:
        return f"its owner cannot see it: {shown.status_code}"
    return "" if len(console.orders_of(shopper)) == 1 else "the retry made another order"


def _settled(console: Console, activation_id: int) -> bool:
    return _row(console, activation_id)["state"] not in {"buying", "confirming", "cancelling"}


def _row(console: Console, activation_id: int) -> dict[str, Any]:
    return console.activation(activation_id)


def _money(console: Console, shopper: Shopper, activation_id: int) -> str:
    """Nothing held, and paid for exactly what is owned."""
    row = _row(console, activation_id)
    available, reserved = console.wallet_of(shopper)
    owed = row["charged"] if row["state"] in {"waiting", "received", "finished"} else 0
    expected = (20_000_000 - owed, 0)
    if (available, reserved) != expected:
        return f"{row['state']} with {(available, reserved)} in the wallet, not {expected}"
    return ""


# --- workers ------------------------------------------------------------------------------


@dataclass(frozen=True)
class WorkerStory:
    """A worker dies at ``point`` over an order that ``prepare`` made; the next one ends it."""

    point: str
    prepare: Callable[[Console, Shopper, str], int]
    done: Callable[[Mapping[str, Any]], bool]


def _buy(console: Console, shopper: Shopper, country: str, provider: str) -> int:
    return purchase(console.desk, Order(shopper.user_id, SERVICE, country, provider=provider))


def _number_at_fivesim(console: Console, shopper: Shopper, country: str) -> int:
    return _buy(console, shopper, country, "fivesim")


def _placed_and_left(console: Console, shopper: Shopper, country: str) -> int:
    """As a process leaves it that dies after the order was placed, its lease nearly over."""
    hasty = replace(console.desk, buy_deadline=-4.0)
    with console.database.transaction() as unit:
        return place(unit, hasty, Order(shopper.user_id, SERVICE, country)).activation_id


def _sold_without_answer(console: Console, shopper: Shopper, country: str) -> int:
    console.control.set_fault("sms_activate", "error500_after")
    bought = _buy(console, shopper, country, "sms_activate")
    console.control.clear_faults("sms_activate")
    return bought


def _expired_here_alone(console: Console, shopper: Shopper, country: str) -> int:
    """A number whose life ended by our clock while the carrier says that it waits."""
    bought = _buy(console, shopper, country, "sms_activate")
    time.sleep(LOCK)
    with console.database.transaction() as unit:
        give_back(unit, console.desk, bought, "expired", upstream="closing", now=utc_now())
    return bought


def _has_code(row: Mapping[str, Any]) -> bool:
    return bool(row["state"] == "received" and row["sms_count"] == 1)


def _is_failed(row: Mapping[str, Any]) -> bool:
    return bool(row["state"] == "failed")


def _is_bound(row: Mapping[str, Any]) -> bool:
    return row["state"] in SOLD and row["upstream_id"] is not None


def _is_refunded(row: Mapping[str, Any]) -> bool:
    return bool(row["upstream"] == "refunded")


POLLING = (
    WorkerStory("poll.claimed", _number_at_fivesim, _has_code),
    WorkerStory("poll.answered", _number_at_fivesim, _has_code),
    WorkerStory("poll.stored", _number_at_fivesim, _has_code),
)
SETTLING = (
    WorkerStory("sweep.swept", _placed_and_left, _is_failed),
    WorkerStory("reconcile.listed", _sold_without_answer, _is_bound),
    WorkerStory("reconcile.settled", _sold_without_answer, _is_bound),
    WorkerStory("close.answered", _expired_here_alone, _is_refunded),
    WorkerStory("close.settled", _expired_here_alone, _is_refunded),
)


def worker_falls(console: Console) -> list[Seen]:
    """Every story of a worker. No other worker runs when one dies."""
    console.control.adjust("fivesim", never_share=0.0)
    console.control.adjust("sms_activate", never_share=1.0)
    console.scheduler()
    with ThreadPoolExecutor(2) as pool:
        chains = [
            pool.submit(_chain, console, "polling", POLLING),
            pool.submit(_chain, console, "settling", SETTLING),
        ]
        return [seen for chain in chains for seen in chain.result()]


def _chain(console: Console, queue: str, stories: tuple[WorkerStory, ...]) -> list[Seen]:
    return [_told(console, queue, story) for story in stories]


def _told(console: Console, queue: str, story: WorkerStory) -> Seen:
    seen = Seen(story.point)
    heir = f"{queue}-after-{story.point}"
    shopper = console.shopper()
    try:
        order = story.prepare(console, shopper, _country(story.point))
        console.worker(story.point, queue, story.point)
        until(lambda: console.fell_at(story.point, story.point), FELL, f"{story.point} lives")
        began = time.monotonic()
        console.worker(heir, queue)
        until(lambda: story.done(_row(console, order)), RECOVERY, lambda: _row(console, order))
        seen.recovery_s = time.monotonic() - began
        seen.state = _row(console, order)["state"]
        seen.problem = _money(console, shopper, order) or _once(console, order)
    except AssertionError as error:
        seen.problem = str(error)
    finally:
        for name in (story.point, heir):
            if console.alive(name):
                console.stop(name)
    return seen


def _once(console: Console, activation_id: int) -> str:
    """No message twice, no money move twice."""
    messages = console.rows(
        "select content_key from message where activation_id = :id", id=activation_id
    )
    moves = console.rows(
        "select kind from journal where ref = :ref", ref=f"activation:{activation_id}"
    )
    kinds = [move["kind"] for move in moves]
    if len(messages) > 1:
        return f"{len(messages)} messages instead of one"
    return f"booked twice: {sorted(kinds)}" if len(kinds) != len(set(kinds)) else ""


def all_falls(console: Console) -> dict[str, dict[str, Any]]:
    """Every story, by point; the last entry is the audit of the books."""
    console.begin("demo")
    seen = web_falls(console)
    console.end()
    seen += worker_falls(console)
    audit = Seen("audit")
    try:
        console.audit()
    except AssertionError as error:
        audit.problem = str(error)
    return {one.point: asdict(one) for one in (*seen, audit)}
