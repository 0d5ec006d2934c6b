"""Hours of faults in one run: every failpoint again and again, random kills, the simulation.

``NEXNUM_TORTURE_ROUNDS``, ``NEXNUM_TORTURE_KILLS``, ``NEXNUM_SIM_ACTIVATIONS`` and
``NEXNUM_SIM_SEED`` (the first seed) make it shorter or longer.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

from bench.databases import TEMPLATE, create, drop, make_template, with_name
from bench.falls import all_falls
from bench.harness import CARRIERS, Console
from bench.kills import FAULTS, kill_at_random
from bench.report import Report
from bench.simulation.run import MOODS, UNFAIR, SimulationFailed, run_seed
from nexnum_console.core.failpoints import POINTS

SEED: Final = 20260801
SEED_SIZE: Final = 2_000
NOT_TESTED: Final = (
    "several PostgreSQL servers and their failover",
    "a disk that lies",
    "real carriers and real payment gateways",
    "in the simulation: HTTP, Redis and the web process; those fall at the failpoints and kills",
    "in the simulation: a wall clock that stays wrong; it jumps by ten minutes and back",
)


def run(report: Report, seconds: float) -> bool:
    """Everything, whatever breaks on the way; False when any promise broke."""
    began = time.monotonic()
    rounds, kills = _wanted("ROUNDS", 20), _wanted("KILLS", 200)
    activations = int(os.environ.get("NEXNUM_SIM_ACTIVATIONS", "100000"))
    folder = Path(tempfile.mkdtemp(prefix="nexnum-torture-"))
    folder.chmod(0o755)
    report.doing("starting a throwaway console")
    console = Console(folder)
    try:
        console.open_shop()
        fallen = _falls(report, console, rounds)
        killed = _kills(report, console, kills)
        simulated = _simulate(report, console, activations)
    finally:
        console.close()
        shutil.rmtree(folder, ignore_errors=True)
    ok = not (fallen["problems"] or killed["problems"] or simulated["problems"])
    report.close(
        {
            "bench": "torture",
            "ok": ok,
            "measured": {},
            "failpoints": fallen,
            "kills": killed,
            "simulation": simulated,
            "not_tested": list(NOT_TESTED),
            "elapsed_s": round(time.monotonic() - began, 1),
        }
    )
    return ok


def _falls(report: Report, console: Console, rounds: int) -> dict[str, Any]:
    """kill -9 at each failpoint, ``rounds`` times."""
    problems, slowest = [], 0.0
    for number in range(1, rounds + 1):
        report.doing(f"failpoints, round {number} of {rounds}")
        seen = all_falls(console)
        console.end()
        slowest = max(slowest, *(one["recovery_s"] for one in seen.values()))
        problems += [f"{point}: {one['problem']}" for point, one in seen.items() if one["problem"]]
        report.tell(failpoints=len(POINTS), round=number, problems=len(problems))
    return {
        "points": len(POINTS),
        "rounds": rounds,
        "slowest_recovery_s": round(slowest, 1),
        "problems": problems,
    }


def _kills(report: Report, console: Console, kills: int) -> dict[str, Any]:
    """SIGKILL at random moments under faults of the carriers."""
    report.doing(f"{kills} random kills")
    problems, killed = [], Counter[str]()
    try:
        kill_at_random(console, kills, SEED, killed)
    except AssertionError as error:
        problems.append(str(error)[:2_000])
    console.end()
    report.tell(kills=killed.total(), problems=len(problems))
    return {"seed": SEED, "killed": dict(killed), "faults": FAULTS, "problems": problems}


def _simulate(report: Report, console: Console, wanted: int) -> dict[str, Any]:
    """Seeds of SEED_SIZE buyers until enough activations were played."""
    for carrier in CARRIERS:
        console.control.clear_faults(carrier)
    owner, app = console.owner_url, console.env["DATABASE_URL"]
    make_template(owner, app)
    first = seed = int(os.environ.get("NEXNUM_SIM_SEED", "0"))
    played, problems, began = 0, [], time.monotonic()
    deaths, faults, states = Counter[str](), Counter[str](), Counter[str]()
    while played < wanted:
        report.doing(f"simulation: seed {seed}, {played} of {wanted} activations")
        name = f"simulated_{seed}"
        create(owner, name, TEMPLATE)
        try:
            size = min(SEED_SIZE, wanted - played + 100)
            outcome = run_seed(with_name(app, name), with_name(owner, name), seed, size)
            played += outcome.activations
            deaths.update(outcome.deaths)
            faults.update({k: n for k, n in outcome.counts.items() if k in {*MOODS, *UNFAIR}})
            states.update(outcome.states)
            report.tell(seed=seed, activations=outcome.activations, digest=outcome.digest)
        except SimulationFailed as failure:
            played += SEED_SIZE
            problems.append(str(failure)[:4_000])
            report.tell(seed=seed, problem=problems[-1].splitlines()[0])
        drop(owner, name)
        seed += 1
    took = time.monotonic() - began
    return {
        "seeds": [first, seed - 1],
        "activations": played,
        "per_second": round(played / took, 1),
        "deaths": dict(deaths),
        "faults": dict(faults),
        "outcomes": dict(states),
        "problems": problems,
    }


def _wanted(what: str, usual: int) -> int:
    return int(os.environ.get(f"NEXNUM_TORTURE_{what}", usual))
