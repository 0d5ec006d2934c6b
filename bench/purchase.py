"""Purchases per second and the time we add to the carrier's, beside the same SQL by pgbench."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Any

from bench import over_http, pgbench
from bench.capture import Recording, recording
from bench.instance import (
    CROWD,
    FIRST_USER,
    FIRST_WALLET,
    PROVIDER,
    Instance,
    gather_crowd,
    open_shop,
    start_api,
    throwaway,
)
from bench.pgbench import Marks
from bench.report import Report
from bench.rounds import Sample, Series, alternating, in_threads, milliseconds, percentile
from bench.shoppers import Caller, NotSold, Wish, in_process, through_api, wishes
from bench.stub_carrier import instant_desk
from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.core.clock import utc_now
from nexnum_console.operations.verify import verify

ROUNDS = 3
MANY = 8
TARGET = 0.4
FIRST_ACTIVATION = 910_000_001
FIRST_ATTEMPT = 920_000_001
RECORDED_NUMBER = 950_000_001
PLAYED_NUMBERS = 951_000_000
PGBENCH_NUMBERS = 90_000_000_000

Work = Callable[[int], None]
Measure = Callable[[float], Sample]


@dataclass(slots=True)
class Times:
    """Seconds of single purchases by one client, in turns: at the carrier and through us."""

    carrier: list[float] = field(default_factory=list)
    http: list[float] = field(default_factory=list)
    in_process: list[float] = field(default_factory=list)


def run(report: Report, seconds: float) -> bool:
    """Measure each figure for ROUNDS × ``seconds``; False when the ledger does not verify."""
    began = time.monotonic()
    report.doing("starting a throwaway installation")
    with throwaway() as instance:
        open_shop(instance)
        crowd = gather_crowd(instance)
        wanted = wishes(instance)
        report.doing("recording the SQL of one purchase")
        tape = recorded(instance, wanted)
        script = pgbench.script(*tape, opening())
        report.doing("starting the API")
        base_url = start_api(instance, over_http.WEB_WORKERS)
        facts = instance.facts()
        with_http, close = through_api(base_url, crowd, wanted, MANY)
        measures = _measures(instance, script, crowd, wanted, with_http)
        _warm_up(measures)
        series, times = _rounds(report, seconds, measures, _clients(instance, base_url, crowd))
        close()
        _check_states(instance)
        served = over_http.measure(report, instance, tape, crowd, wanted, base_url, seconds)
        return _conclude(instance, report, series, times, served, facts, began)


def recorded_script(instance: Instance, wanted: Sequence[Wish]) -> str:
    """What a purchase sends to PostgreSQL, from the real code, as a pgbench script."""
    return pgbench.script(*recorded(instance, wanted), opening())


def recorded(instance: Instance, wanted: Sequence[Wish]) -> tuple[Recording, Marks]:
    """One purchase, and which of its numbers are ids."""
    desk = instant_desk(instance.services.desk, RECORDED_NUMBER)
    wish = wanted[0]
    order = Order(FIRST_USER, wish.service, wish.country, provider=PROVIDER)
    # The first one opens accounts and fills caches; every later one looks like the second.
    purchase(instant_desk(instance.services.desk, PLAYED_NUMBERS - 1), order)
    desk.carriers.get(_account(instance))
    instance.start_at(activation=FIRST_ACTIVATION, attempt=FIRST_ATTEMPT)
    started = utc_now()
    with recording(instance.database) as tape:
        purchase(desk, order)
    return tape, marks(started)


def marks(recorded_at: datetime) -> Marks:
    """Which numbers of the recording are ids, and where the script gets its own."""
    variables = {
        FIRST_USER: "user",
        FIRST_WALLET: "wallet",
        FIRST_ACTIVATION: "activation",
        FIRST_ATTEMPT: "attempt",
        RECORDED_NUMBER: "number",
    }
    number = f"\\set number {PGBENCH_NUMBERS} + :activation"
    returned: dict[str, tuple[str, ...]] = {
        "with placed as (": ("activation", number),
        "with mine as (": ("attempt",),
    }
    return Marks(variables, returned, recorded_at)


def opening() -> list[str]:
    """A buyer of the crowd, drawn anew for each purchase."""
    return [
        f"\\set buyer random(0, {CROWD - 1})",
        f"\\set user {FIRST_USER} + :buyer",
        f"\\set wallet {FIRST_WALLET} + :buyer",
    ]


def _account(instance: Instance) -> int:
    with instance.database.transaction() as unit:
        return int(
            unit.scalar(
                "select a.id from provider_account a join provider p on p.id = a.provider_id"
                " where p.name = :name",
                name=PROVIDER,
            )
        )


def _measures(
    instance: Instance,
    script: str,
    crowd: Sequence[tuple[int, str]],
    wanted: Sequence[Wish],
    with_http: Work,
) -> dict[str, Measure]:
    real = instance.services.desk
    stub = in_process(instant_desk(real, PLAYED_NUMBERS), crowd, wanted)
    sandbox = in_process(real, crowd, wanted)

    def threaded(work: Work, threads: int) -> Measure:
        here = work is not with_http
        return lambda seconds: in_threads(work, threads=threads, seconds=seconds, count_cpu=here)

    return {
        "pgbench_1": instance.played(script, 1),
        "in_process_1": threaded(stub, 1),
        "http_1": threaded(with_http, 1),
        f"pgbench_{MANY}": instance.played(script, MANY),
        f"in_process_{MANY}": threaded(stub, MANY),
        f"in_process_sandbox_{MANY}": threaded(sandbox, MANY),
        f"http_{MANY}": threaded(with_http, MANY),
    }


def _warm_up(measures: dict[str, Measure]) -> None:
    for measure in measures.values():
        measure(0.5)


def _clients(
    instance: Instance, base_url: str, crowd: Sequence[tuple[int, str]]
) -> list[Callable[[], None]]:
    """One purchase each: at the carrier, over HTTP, in this process; never of the same buyer."""
    settings = instance.services.settings
    wanted = wishes(instance)
    at_carrier, at_api = Caller(settings.sandbox_urls[PROVIDER]), Caller(base_url)
    here = in_process(instance.services.desk, crowd, wanted)
    turn = iter(range(10**9))

    def carrier() -> None:
        at_carrier.buy_at_carrier(
            settings.sandbox_carrier_key or "", wanted[next(turn) % len(wanted)]
        )

    def api() -> None:
        at_api.buy(crowd[next(turn) % len(crowd)][1], wanted[next(turn) % len(wanted)])

    return [carrier, api, lambda: here(0)]


def _rounds(
    report: Report,
    seconds: float,
    measures: dict[str, Measure],
    clients: Sequence[Callable[[], None]],
) -> tuple[dict[str, Series], Times]:
    series = {name: Series() for name in measures}
    times = Times()
    for number in range(1, ROUNDS + 1):
        for name, measure in measures.items():
            report.doing(f"round {number} of {ROUNDS}: {name}")
            sample = measure(seconds)
            series[name].samples.append(sample)
            report.tell(round=number, measured=name, per_second=round(sample.per_second, 1))
        report.doing(f"round {number} of {ROUNDS}: added latency")
        found = alternating(clients, seconds=seconds)
        for known, new in zip((times.carrier, times.http, times.in_process), found, strict=True):
            known.extend(new)
    return series, times


def _conclude(
    instance: Instance,
    report: Report,
    series: dict[str, Series],
    times: Times,
    served: dict[str, Any],
    facts: dict[str, Any],
    began: float,
) -> bool:
    report.doing("verifying the ledger")
    started = time.perf_counter()
    verified = verify(instance.database, utc_now())
    verify_s = time.perf_counter() - started
    found = ratios(series)
    ok = verified.ok and served["ok"] and found[f"in_process_{MANY}/pgbench_{MANY}"] >= TARGET
    report.close(
        {
            "bench": "purchase",
            "ok": ok,
            "measured": {name: found.document() for name, found in series.items()},
            "ratios": found,
            "target": TARGET,
            "over_http": served,
            "latency": latency(times),
            "ledger": "verified" if verified.ok else "broken",
            "entries": verified.entries,
            "verify_s": round(verify_s, 2),
            "machine": facts,
            "elapsed_s": round(time.monotonic() - began, 1),
        }
    )
    return ok


def ratios(series: dict[str, Series]) -> dict[str, float]:
    """Ours against the same SQL run by pgbench with as many clients."""
    return {
        f"{name}/pgbench_{clients}": round(series[name].ratio(series[f"pgbench_{clients}"]), 3)
        for name, clients in ((name, name.rpartition("_")[2]) for name in series)
        if not name.startswith("pgbench")
    }


def latency(times: Times) -> dict[str, float | int]:
    """Single purchases in ms; ``added`` is the time beyond the carrier's own median answer."""
    carrier = median(times.carrier)
    found: dict[str, float | int] = {
        "samples": len(times.carrier),
        "carrier_median_ms": milliseconds(carrier),
        "carrier_p95_ms": milliseconds(percentile(times.carrier, 95)),
    }
    for name, ours in (("http", times.http), ("in_process", times.in_process)):
        found[f"{name}_added_median_ms"] = milliseconds(median(ours) - carrier)
        found[f"{name}_added_p95_ms"] = milliseconds(percentile(ours, 95) - carrier)
    return found


def _check_states(instance: Instance) -> None:
    """Only sales were measured; anything else would have been cheaper or dearer."""
    with instance.database.transaction() as unit:
        others = unit.all(
            "select state, count(*) as n from activation where state <> 'waiting' group by state"
        )
    if others:
        raise NotSold(f"not every purchase got a number: {[dict(row) for row in others]}")
