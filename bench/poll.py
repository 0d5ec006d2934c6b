"""Status calls per second of one worker process beside a bare aiohttp loop, how late a code is, and
what the cadence by hazard is worth."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Any, Final

import aiohttp
import uvloop

from bench import cadence, pgbench
from bench.instance import PROVIDER, Instance, gather_crowd, open_shop, throwaway
from bench.purchase import recorded_script
from bench.report import Report
from bench.rounds import Sample, Series, percentile
from bench.shoppers import wishes
from nexnum_console.activations import lanes
from nexnum_console.activations.desk import Desk
from nexnum_console.activations.polling import poll_lane
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.egress import EgressPolicy
from nexnum_console.core.events import listen
from nexnum_console.core.garbage import settle
from nexnum_console.operations.verify import verify
from nexnum_console.providers.carrier import Carrier
from nexnum_console.providers.client import AsyncProviderClient
from nexnum_console.providers.limiter import Budget, Limits
from nexnum_console.providers.script import Force
from nexnum_console.providers.transport import ReadTransport
from nexnum_console.stack.services import free_port
from workers.rooms import work_lanes

NUMBERS: Final = 10_000
DELAY: Final = 0.1
ROUNDS: Final = 3
AT_ONCE: Final = 256
TARGET: Final = 0.5
# For the codes: so many calls a second are asked for, of what one process makes.
CADENCE: Final = 20.0
CODES: Final = 200
LONGEST: Final = 120.0


@dataclass(frozen=True, slots=True)
class Codes:
    """Seconds from the moment an SMS exists at the carrier to the push to its buyer's pages."""

    delays: list[float]

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "cadence_s": CADENCE,
            "codes": len(self.delays),
            "median_s": round(percentile(self.delays, 50), 2),
            "p95_s": round(percentile(self.delays, 95), 2),
            "target_p95_s": CADENCE + 1,
            "ok": self.ok,
        }

    @property
    def ok(self) -> bool:
        """Whether nearly all were seen within their cadence and a second."""
        return percentile(self.delays, 95) < CADENCE + 1


def run(report: Report, seconds: float) -> bool:
    """Measure ROUNDS × ``seconds`` each; False when a target is missed or the ledger breaks."""
    began = time.monotonic()
    report.doing("the cadence in virtual time")
    worth = cadence.table()
    for load, found in worth.items():
        report.tell(measured=f"cadence {load}", **found)
    report.doing("starting a throwaway installation")
    with throwaway() as instance, status_server() as url:
        _buy(instance, report)
        series = _rounds(report, instance, url, seconds)
        report.doing(f"{CODES} codes among {NUMBERS} numbers")
        codes = _codes(instance, url)
        report.tell(measured="codes", **codes.document())
        verified = verify(instance.database, utc_now())
        ratio = series["worker"].ratio(series["bare"])
        ok = verified.ok and codes.ok and ratio >= TARGET
        report.close(
            {
                "bench": "poll",
                "ok": ok,
                "measured": {name: found.document() for name, found in series.items()},
                "ratios": {
                    f"worker/{name}": round(series["worker"].ratio(series[name]), 3)
                    for name in ("bare", "bare_uvloop")
                },
                "target": TARGET,
                "numbers": NUMBERS,
                "codes": codes.document(),
                "cadence": worth,
                "ledger": "verified" if verified.ok else "broken",
                "machine": instance.facts(),
                "elapsed_s": round(time.monotonic() - began, 1),
            }
        )
    return ok


@contextmanager
def status_server() -> Iterator[str]:
    """The carrier in a process of its own; its address."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.status_server", str(port), str(DELAY)])
    url = f"http://127.0.0.1:{port}"
    try:
        _await(url)
        yield url
    finally:
        process.terminate()
        process.wait()


def polling_desk(instance: Instance, url: str, every: float) -> Desk:
    """The desk in front of the status server, with no limit; numbers are asked every so many s."""
    real = instance.services.desk
    account = _account(instance)
    carrier = real.carriers.get(account)
    parts = url.removeprefix("http://").split(":")
    policy = EgressPolicy(allow_http=True, allowed_private=frozenset({(parts[0], int(parts[1]))}))
    gates = instance.services.upkeep.carriers.gates
    gate = gates.gate(account, PROVIDER, Limits(Budget(1_000_000, 1.0), 4 * AT_ONCE), Force())

    @asynccontextmanager
    async def open_reader() -> AsyncIterator[AsyncProviderClient]:
        async with aclosing(ReadTransport(policy, _unheard, connections=2 * AT_ONCE)) as reads:
            yield AsyncProviderClient(compiled, "KEY", reads, url, gate=gate)

    # Each number is asked for by itself, as where no list tells of many.
    operations = dict(carrier.client.compiled.operations)
    del operations["active"]
    compiled = replace(carrier.client.compiled, operations=operations)
    terms = replace(carrier.terms, poll_seconds=every, at_once=AT_ONCE, reads_per_second=1e6)
    found = {account: Carrier(terms, carrier.client, open_reader)}
    return replace(real, carriers=_Only(found))


class _Only:
    """The one account that is polled."""

    def __init__(self, found: dict[int, Carrier]) -> None:
        self._found = found

    def get(self, account_id: int, unit: UnitOfWork | None = None) -> Carrier:
        """The account's carrier."""
        return self._found[account_id]


def _unheard(provider: str, operation: str, outcome: str, seconds: float) -> None:
    return


def _account(instance: Instance) -> int:
    with instance.database.transaction() as unit:
        return int(unit.scalar("select distinct account_id from activation"))


def _buy(instance: Instance, report: Report) -> None:
    """NUMBERS real purchases: the recorded SQL of one, repeated."""
    report.doing(f"buying {NUMBERS} numbers")
    open_shop(instance)
    gather_crowd(instance)
    script = recorded_script(instance, wishes(instance))
    pgbench.fill(instance.pgbench, instance.env["DATABASE_URL"], script, clients=8, times=NUMBERS)
    with instance.database.transaction() as unit:
        # The one whose purchase was recorded was about to end, so all of them would.
        unit.run("update activation set expires_at = expires_at + interval '1 hour'")
        unit.run("analyze activation")
        bought = unit.scalar("select count(*) from activation where state = 'waiting'")
    # The scheduler would: there is no other process here.
    lanes.claim_for_queue(instance.database, utc_now())
    report.tell(measured="bought", numbers=bought)


def _rounds(report: Report, instance: Instance, url: str, seconds: float) -> dict[str, Series]:
    # Every number is due all the time, as where a worker is late.
    desk = polling_desk(instance, url, every=1.0)
    settle()  # as a worker does
    measures: dict[str, Callable[[float], Sample]] = {
        "bare": lambda length: asyncio.run(bare(url, length)),
        "bare_uvloop": lambda length: uvloop.run(bare(url, length)),
        "worker": lambda length: worker(desk, length),
    }
    series = {name: Series() for name in measures}
    for measure in measures.values():
        measure(1.0)
    for number in range(1, ROUNDS + 1):
        for name, measure in measures.items():
            report.doing(f"round {number} of {ROUNDS}: {name}")
            sample = measure(seconds)
            series[name].samples.append(sample)
            report.tell(round=number, measured=name, per_second=round(sample.per_second, 1))
    return series


async def bare(url: str, seconds: float) -> Sample:
    """aiohttp alone: AT_ONCE loops that ask for a status and read the body."""
    began, spent, calls = time.perf_counter(), time.process_time(), 0
    ends = began + seconds
    numbers = cycle(range(NUMBERS))
    connector = aiohttp.TCPConnector(limit=0)

    async def ask(session: aiohttp.ClientSession) -> None:
        nonlocal calls
        while time.perf_counter() < ends:
            async with session.get(f"{url}/v1/user/check/{next(numbers)}") as answer:
                await answer.read()
            calls += 1

    async with aiohttp.ClientSession(connector=connector) as session:
        await asyncio.gather(*(ask(session) for _ in range(AT_ONCE)))
    elapsed = time.perf_counter() - began
    return Sample(calls / elapsed, calls, (), (time.process_time() - spent) / calls)


def worker(desk: Desk, seconds: float) -> Sample:
    """The product's polling job for ``seconds``: claim, ask through the gate, read, write."""
    began, spent, before = time.perf_counter(), time.process_time(), _looks(desk)
    uvloop.run(work_lanes(desk, "poll", seconds, poll_lane))
    elapsed = time.perf_counter() - began
    calls = _looks(desk) - before
    return Sample(calls / elapsed, calls, (), (time.process_time() - spent) / max(1, calls))


def _looks(desk: Desk) -> int:
    """How many answers were written down so far: each claim raises its row's fence."""
    with desk.database.transaction() as unit:
        return int(unit.scalar("select coalesce(sum(fence), 0) from activation"))


def _codes(instance: Instance, url: str) -> Codes:
    """CODES messages at random moments, while one worker goes round all numbers."""
    desk = polling_desk(instance, url, every=CADENCE)
    with instance.database.transaction() as unit:
        unit.run(
            "update activation set lease_until = null,"
            " next_at = now() + random() * make_interval(secs => :every)",
            every=CADENCE,
        )
        numbers = unit.all(
            "select upstream_id, user_id from activation where state = 'waiting'"
            " order by md5(id::text) limit :codes",
            codes=CODES,
        )
    over = threading.Event()
    polling = threading.Thread(target=_poll_until, args=(desk, over))
    polling.start()
    try:
        return Codes(asyncio.run(_watch(instance, url, numbers)))
    finally:
        over.set()
        polling.join()


def _poll_until(desk: Desk, over: threading.Event) -> None:
    while not over.is_set():
        uvloop.run(work_lanes(desk, "poll", 8.0, poll_lane))


async def _watch(instance: Instance, url: str, numbers: list[Any]) -> list[float]:
    """Send a code to one number after the other, and hear the push of each.

    A push names no code, so what is asked at each is whether the row has it: as a page does.
    """
    sent: dict[str, float] = {}
    delays: list[float] = []
    found = asyncio.Event()

    async def hear() -> None:
        async for channel, topic in listen(instance.services.settings.redis_url):
            if topic != "activation" or not channel.startswith("events:user:"):
                continue
            for one in await asyncio.to_thread(_received, instance, list(sent)):
                delays.append(time.monotonic() - sent.pop(one))
            if len(delays) == len(numbers):
                found.set()

    hearing = asyncio.create_task(hear())
    await asyncio.sleep(1.0)
    async with aiohttp.ClientSession() as session:
        for row in numbers:
            async with session.get(f"{url}/sms/{row['upstream_id']}") as answer:
                await answer.read()
            sent[row["upstream_id"]] = time.monotonic()
            await asyncio.sleep(2 * CADENCE / CODES)
    async with asyncio.timeout(LONGEST):
        await found.wait()
    hearing.cancel()
    return delays


def _received(instance: Instance, ids: list[str]) -> list[str]:
    with instance.database.transaction() as unit:
        rows = unit.all(
            "select upstream_id from activation where upstream_id = any(:ids) and sms_count > 0",
            ids=ids,
        )
    return [row["upstream_id"] for row in rows]


def _await(url: str, seconds: float = 10.0) -> None:
    ends = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(f"{url}/sms/0", timeout=1):
                return
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.05)
