"""What the provider engine takes to understand answers, beside a JSON decoder or one regex.

Bytes go in, typed rows come out, through the functions that a sync and a poll call; only the gate
before a call needs a service, a Redis of its own. Yardstick and engine take turns on the same
bytes; a ratio is taken within each turn.
"""

from __future__ import annotations

import gc
import json
import os
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

import orjson

from bench import gate, price_lists
from bench.report import Report
from bench.rounds import milliseconds, percentile
from nexnum_console.catalogue.listing import Listing, read_listing
from nexnum_console.catalogue.normalise import Normaliser, load_facts
from nexnum_console.providers.body import Reply
from nexnum_console.providers.compile import CompiledProvider, compile_config
from nexnum_console.providers.loading import load_config
from nexnum_console.providers.patterns import pattern
from nexnum_console.providers.reply import Offers, read, read_offers
from nexnum_console.providers.request import build
from nexnum_console.providers.trace import trace
from nexnum_console.stack.layout import CHECKOUT

ROUNDS: Final = 5
CALLS: Final = 2_000  # of a small exchange in one round
TRACES: Final = 60
TRACED_BYTES: Final = 64_000
CONFIGS: Final = CHECKOUT / "provider_configs"
HEADERS: Final = {"content-type": "application/json"}
STATUS_BODY: Final = b"STATUS_OK:4821"
STATUS_REGEX: Final = r"(?s)^STATUS_OK:\s*(?:'(?<quoted>.*)'|(?<code>.+))$"
BAD_ROWS: Final = price_lists.OFFERS // price_lists.BAD_EACH

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Target:
    """A promise: ``value`` (a ratio to a yardstick, or ms) is at most ``limit``; without one, a
    figure beside the promises."""

    name: str
    value: float
    limit: float | None
    unit: str
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether it is kept."""
        return self.limit is None or self.value <= self.limit

    def document(self) -> dict[str, Any]:
        """As JSON."""
        ratio = round(self.value, 2)
        told = {"ratio": ratio} if self.unit == "ratio" else {}
        return {"target": self.limit, "value": ratio, "unit": self.unit, "ok": self.ok} | (
            told | self.detail
        )


class WrongRows(Exception):
    """The engine did not read what the list holds: no figure would mean anything."""


def run(report: Report, seconds: float) -> bool:
    """Measure every target ROUNDS times; True when all are kept. ``seconds`` is not used."""
    began = time.monotonic()
    targets = []
    for target in _targets(report):
        report.tell(measured=target.name, **target.document())
        targets.append(target)
    ok = all(target.ok for target in targets)
    report.close(
        {
            "bench": "engine",
            "ok": ok,
            "measured": {},
            "targets": {target.name: target.document() for target in targets},
            "machine": {
                "cores": len(os.sched_getaffinity(0)),
                "load_1m": round(os.getloadavg()[0], 2),
                "machine": platform.machine(),
                "python": platform.python_version(),
            },
            "elapsed_s": round(time.monotonic() - began, 1),
        }
    )
    return ok


def _targets(report: Report) -> Iterator[Target]:
    lists = (
        ("dictionary_5sim", price_lists.fivesim(), shipped("fivesim"), 4.0),
        ("map_v3", price_lists.v3(), shipped("smsbower_v3"), 2.5),
        ("array_fallbacks", price_lists.flat(), flat_provider(), 3.5),
    )
    for name, body, compiled, limit in lists:
        report.doing(f"{name}, {len(body) / 1e6:.1f} MB")
        yield price_list(name, body, compiled, limit)
    report.doing("one text reply")
    yield status_reply(shipped("sms_activate"), 2.0)
    report.doing("traces")
    yield traced(shipped("fivesim"), price_lists.fivesim(), 50.0)
    report.doing("the gate before a call")
    looks = gate.measured()
    yield Target("gate_look_p95", looks["look_p95_ms"], None, "ms", looks)
    report.doing("what a sync makes of a price list")
    name, body, compiled, _ = lists[0]
    yield synced(f"sync_{name}", body, compiled)


def shipped(name: str) -> CompiledProvider:
    """A config that comes with the product."""
    file = CONFIGS / f"{name}.json"
    return compile_config(load_config(file.read_text("utf-8"), file.name))


def flat_provider() -> CompiledProvider:
    """The config of the list whose members have several spellings; no shipped one has."""
    return compile_config(load_config(json.dumps(price_lists.FLAT_CONFIG), "flat_list"))


def price_list(name: str, body: bytes, compiled: CompiledProvider, limit: float) -> Target:
    """Bytes to typed rows, to ``orjson.loads``; beside it bytes to the normal form."""
    checked(body, compiled)
    turns = in_turns(
        {
            "orjson": lambda: orjson.loads(body),
            "typed": lambda: read_offers(compiled, Reply(200, HEADERS, body), {}),
            "normal": lambda: read(compiled, "prices", Reply(200, HEADERS, body), {}),
        }
    )
    detail = {
        "seconds": round(median(turns["typed"]), 4),
        "orjson_seconds": round(median(turns["orjson"]), 4),
        "normal_form_ratio": round(ratio(turns["normal"], turns["orjson"]), 2),
        "megabytes": round(len(body) / 1e6, 2),
        "offers": price_lists.OFFERS,
        "skipped": BAD_ROWS,
    }
    return Target(name, ratio(turns["typed"], turns["orjson"]), limit, "ratio", detail)


def checked(body: bytes, compiled: CompiledProvider) -> Offers:
    """The rows of a list; raises WrongRows unless all good ones and no bad one were read."""
    offers = read_offers(compiled, Reply(200, HEADERS, body), {})
    if (len(offers.rows), offers.skipped) != (price_lists.OFFERS, BAD_ROWS):
        raise WrongRows(f"{len(offers.rows)} rows read and {offers.skipped} skipped")
    return offers


def status_reply(compiled: CompiledProvider, limit: float) -> Target:
    """Request built and reply read, to one bare RE2 search with its group read, call by call."""
    search, text = pattern(STATUS_REGEX).search, STATUS_BODY.decode()
    headers = {"content-type": "text/html; charset=UTF-8"}
    variables = {"id": "635468024"}

    def bare() -> object:
        return search(text).group("code")

    def whole() -> object:
        build(compiled, "status", variables, "0123456789abcdef0123456789abcdef")
        return read(compiled, "status", Reply(200, headers, STATUS_BODY), variables)

    if whole() != {"state": "received", "code": "4821"}:
        raise WrongRows("the status was not read")
    bares, wholes = [], []
    for _ in range(ROUNDS):
        one, other = alternating(bare, whole)
        bares.append(one)
        wholes.append(other)
    detail = {
        "microseconds": round(median(wholes) * 1e6, 2),
        "re2_microseconds": round(median(bares) * 1e6, 2),
        "calls": ROUNDS * CALLS,
    }
    return Target("status_text", ratio(wholes, bares), limit, "ratio", detail)


def traced(compiled: CompiledProvider, body: bytes, limit: float) -> Target:
    """One exchange of 64 kB replayed with its full trace: 95th percentile in ms of processor."""
    reply = Reply(200, HEADERS, shortened(body))
    spent, passed = [], []
    for _ in range(TRACES):
        started, began = time.thread_time(), time.perf_counter()
        trace(compiled, "prices", reply, {})
        spent.append(time.thread_time() - started)
        passed.append(time.perf_counter() - began)
    detail = {
        "median": milliseconds(median(spent)),
        "wall_p95": milliseconds(percentile(passed, 95)),
        "bytes": len(reply.body),
        "samples": TRACES,
    }
    return Target("trace_64k_p95", milliseconds(percentile(spent, 95)), limit, "ms", detail)


def shortened(body: bytes) -> bytes:
    """As many whole countries and services of a dictionary as fit into TRACED_BYTES."""
    kept: dict[str, dict[str, Any]] = {}
    size = 0
    for country, services in orjson.loads(body).items():
        for service, rows in services.items():
            size += len(orjson.dumps(rows)) + len(service) + len(country) + 8
            if size > TRACED_BYTES:
                return orjson.dumps(kept)
            kept.setdefault(country, {})[service] = rows
    return body


def synced(name: str, body: bytes, compiled: CompiledProvider) -> Target:
    """Bytes to the rows that a sync copies into the database: no promise, but worth knowing."""

    def whole() -> Listing:
        offers = read_offers(compiled, Reply(200, HEADERS, body), {})
        return read_listing(offers.rows, Normaliser(load_facts(), compiled.name, None, [], []))

    rows = checked(body, compiled).rows
    turns = in_turns(
        {
            "orjson": lambda: orjson.loads(body),
            "whole": whole,
            "listing": lambda: read_listing(
                rows, Normaliser(load_facts(), compiled.name, None, [], [])
            ),
        }
    )
    detail = {
        "seconds": round(median(turns["whole"]), 4),
        "listing_seconds": round(median(turns["listing"]), 4),
        "rows": len(whole().rows),
    }
    return Target(name, ratio(turns["whole"], turns["orjson"]), None, "ratio", detail)


def in_turns(works: dict[str, Work]) -> dict[str, list[float]]:
    """Seconds of this thread's processor time of each work in each round, by name."""
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            gc.collect()
            started = time.thread_time()
            result = work()
            found[name].append(time.thread_time() - started)
            del result
    return found


def alternating(one: Work, other: Work) -> tuple[float, float]:
    """Median seconds of a call of each, called in turn: neither has the caches to itself."""
    ones, others = [], []
    clock = time.perf_counter
    for _ in range(CALLS):
        started = clock()
        one()
        between = clock()
        other()
        others.append(clock() - between)
        ones.append(between - started)
    return median(ones), median(others)


def ratio(mine: list[float], yardstick: list[float]) -> float:
    """The median of the ratios within the rounds."""
    return median(each / other for each, other in zip(mine, yardstick, strict=True))
