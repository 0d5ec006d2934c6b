"""Money moves per second beside the same statement by pgbench, and what a full proof takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count
from statistics import median
from typing import Any

from bench import pgbench
from bench.capture import recording
from bench.instance import CROWD, FIRST_WALLET, Instance, gather_crowd, throwaway
from bench.pgbench import Marks
from bench.report import Report
from bench.rounds import Sample, Series, in_threads
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.operations.verify import verify
from nexnum_console.wallet import ledger
from nexnum_console.wallet.verify import CHECKS, run_checks

ROUNDS = 3
MANY = 8
TARGET = 0.6
TARGET_PROOF_SECONDS = 3.0
ENTRIES = 1_000_000
ENTRIES_PER_DEPOSIT = 2
FIRST_ORDER = 910_000_001
RANDOM_ORDERS = 10**15

Move = Callable[[UnitOfWork, int, ledger.Cause], object]


def run(report: Report, seconds: float) -> bool:
    """Measure each figure for ROUNDS × ``seconds``; False when the ledger does not verify, or a
    target is missed."""
    began = time.monotonic()
    report.doing("starting a throwaway installation")
    with throwaway() as instance:
        gather_crowd(instance)
        facts = instance.facts()
        report.doing(f"writing {ENTRIES} entries")
        deposits = recorded_script(instance, _deposit)
        times = ENTRIES // ENTRIES_PER_DEPOSIT
        pgbench.fill(
            instance.pgbench, instance.env["DATABASE_URL"], deposits, clients=MANY, times=times
        )
        proof, proven = _proof(instance, report)
        series = _rounds(report, seconds, _measures(instance))
        report.doing("verifying the ledger")
        broken = _broken(instance)
        sound = proven and not broken
        ratios = {
            f"hold_{n}/pgbench_{n}": round(series[f"hold_{n}"].ratio(series[f"pgbench_{n}"]), 3)
            for n in (1, MANY)
        }
        kept = ratios[f"hold_{MANY}/pgbench_{MANY}"] >= TARGET
        ok = sound and kept and proof["seconds"] <= TARGET_PROOF_SECONDS
        report.close(
            {
                "bench": "ledger",
                "ok": ok,
                "measured": {name: found.document() for name, found in series.items()},
                "ratios": ratios,
                "target": TARGET,
                "verify": proof,
                "ledger": "verified" if sound else f"broken: {', '.join(broken) or 'see verify'}",
                "machine": facts,
                "elapsed_s": round(time.monotonic() - began, 1),
            }
        )
    return ok


def recorded_script(instance: Instance, move: Move) -> str:
    """One move, from the real code, as a pgbench script for any wallet and order."""
    database, now = instance.database, utc_now()
    with recording(database) as tape, database.transaction() as unit:
        move(unit, FIRST_WALLET, ledger.Cause(f"activation:{FIRST_ORDER}", "user", now))
    variables = {FIRST_WALLET: "wallet", FIRST_ORDER: "order"}
    return pgbench.script(tape, Marks(variables, {}, now), opening())


def opening() -> list[str]:
    """A wallet of the crowd and an order that nobody had, drawn anew for each move."""
    return [
        f"\\set wallet random({FIRST_WALLET}, {FIRST_WALLET + CROWD - 1})",
        f"\\set order random(1, {RANDOM_ORDERS})",
    ]


def _deposit(unit: UnitOfWork, wallet_id: int, cause: ledger.Cause) -> object:
    return ledger.deposit(unit, wallet_id, 1_000, "sandbox", cause)


def _hold(unit: UnitOfWork, wallet_id: int, cause: ledger.Cause) -> object:
    return ledger.hold(unit, wallet_id, 1_000, cause)


def _measures(instance: Instance) -> dict[str, Callable[[float], Sample]]:
    script = recorded_script(instance, _hold)
    orders = count(2 * RANDOM_ORDERS)

    def work(thread: int) -> None:
        order = next(orders)
        cause = ledger.Cause(f"activation:{order}", "user", utc_now())
        with instance.database.autocommit() as unit:
            _hold(unit, FIRST_WALLET + order % CROWD, cause)

    def threaded(threads: int) -> Callable[[float], Sample]:
        return lambda seconds: in_threads(work, threads=threads, seconds=seconds)

    return {
        "pgbench_1": instance.played(script, 1),
        "hold_1": threaded(1),
        f"pgbench_{MANY}": instance.played(script, MANY),
        f"hold_{MANY}": threaded(MANY),
    }


def _rounds(
    report: Report, seconds: float, measures: dict[str, Callable[[float], Sample]]
) -> dict[str, Series]:
    series = {name: Series() for name in measures}
    for measure in measures.values():
        measure(0.5)
    for number in range(1, ROUNDS + 1):
        for name, measure in measures.items():
            report.doing(f"round {number} of {ROUNDS}: {name}")
            sample = measure(seconds)
            series[name].samples.append(sample)
            report.tell(round=number, measured=name, per_second=round(sample.per_second, 1))
    return series


def _proof(instance: Instance, report: Report) -> tuple[dict[str, Any], bool]:
    """Every check of the product over everything written so far; the median of ROUNDS."""
    taken: list[float] = []
    for number in range(1, ROUNDS + 1):
        report.doing(f"proving them, {number} of {ROUNDS}")
        started = time.perf_counter()
        found = verify(instance.database, utc_now())
        taken.append(round(time.perf_counter() - started, 2))
    proof = {
        "entries": found.entries,
        "seconds": median(taken),
        "each": taken,
        "target_seconds": TARGET_PROOF_SECONDS,
    }
    report.tell(measured="verify", **proof)
    return proof, found.ok


def _broken(instance: Instance) -> list[str]:
    """The ledger's own checks; those of orders would ask for the orders of these holds."""
    with instance.database.transaction() as unit:
        unit.run("set local statement_timeout = '10min'")
        return [found.name for found in run_checks(unit, CHECKS, utc_now()) if found.breaks]
