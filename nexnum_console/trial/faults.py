"""A hundred purchases while every fault strikes; then the books, ours and the carriers', agree."""

from __future__ import annotations

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import Database
from nexnum_console.operations.sandbox_control import SandboxControl
from nexnum_console.operations.verify import verify
from nexnum_console.trial.books import compare, unowned
from nexnum_console.trial.buyer import JSON, Buyer, Refused
from nexnum_console.trial.single import Emit, Steps, TrialFailed

# Each strikes a share of the calls it applies to; together about half of all purchases.
MIX = {
    "refuse": 0.03,
    "timeout_before": 0.04,
    "timeout_after": 0.06,
    "error500_before": 0.04,
    "error500_after": 0.06,
    "html": 0.04,
    "truncated": 0.05,
    "rate429": 0.04,
    "slow_drip": 0.02,
    "price_jump": 0.05,
    "no_stock": 0.05,
    "no_balance": 0.03,
    "late_sms": 0.1,
    "double_sms": 0.1,
    "early_cancel_denied": 0.2,
}
# A price jump stays until it is cleared, so the purchases are spread over countries.
COUNTRIES = ("GB", "DE", "PL", "NL", "ID", "IN", "BR", "US", "FR", "ES", "IT", "CA")
PURCHASES = 100
AT_ONCE = 10
BUYERS = 10
CANCEL_SHARE = 0.2
SETTLE_WAIT_SECONDS = 200.0
OPEN_STATES = ("buying", "confirming", "waiting", "cancelling", "received")


def run(
    base_url: str,
    control: SandboxControl,
    database: Database,
    service: str,
    emit: Emit,
    seed: int,
) -> JSON:
    """Buy PURCHASES numbers under MIX, let everything end, compare; returns the closing line.

    Raises TrialFailed when a promise broke: a number bought twice, one without an owner, money
    that does not add up.
    """
    steps = Steps(emit)
    rng = random.Random(seed)
    carriers = control.carriers()
    emit({"step": "declared", "lifetimes": {c["name"]: c["lifetimes"] for c in carriers}})
    before = {order["id"] for order in control.orders()}
    with database.transaction() as unit:
        newest = unit.scalar("select coalesce(max(id), 0) from activation")
    for carrier in carriers:
        for fault, rate in MIX.items():
            control.set_fault(carrier["name"], fault, rate=rate)
    try:
        with steps.step("purchases") as told:
            buyers = _buyers(base_url)
            outcomes = _buy_all(buyers, service, rng)
            told["outcomes"] = dict(Counter(outcomes))
    finally:
        for carrier in carriers:
            control.clear_faults(carrier["name"])
    struck = Counter[str]()
    for carrier in control.carriers():
        struck.update(carrier["struck"])
    emit({"step": "faults", "struck": dict(struck)})
    with steps.step("settle") as told:
        told["states"] = _wait_until_over(database, control, before, newest)
    with steps.step("compare") as told:
        orders = [order for order in control.orders() if order["id"] not in before]
        told.update(compare(database, orders))
    with steps.step("ledger") as told:
        report = verify(database, utc_now())
        told["entries"] = report.entries
        if not report.ok:
            broken = {r.name: r.findings[:3] for r in report.results if r.breaks}
            raise TrialFailed(f"the ledger does not verify: {broken}")
    return {
        "ok": True,
        "purchases": PURCHASES,
        "bought_twice": 0,
        "orphaned": 0,
        "ledger": "verified",
        "elapsed_s": steps.elapsed,
    }


def _buyers(base_url: str) -> list[Buyer]:
    buyers = [Buyer(base_url) for _ in range(BUYERS)]
    for buyer in buyers:
        buyer.register()
        buyer.deposit("100.00")
    return buyers


@dataclass(frozen=True, slots=True)
class _Job:
    buyer: Buyer
    country: str
    cancels: bool


def _buy_all(buyers: list[Buyer], service: str, rng: random.Random) -> list[str]:
    jobs = [
        _Job(buyers[n % BUYERS], rng.choice(COUNTRIES), rng.random() < CANCEL_SHARE)
        for n in range(PURCHASES)
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda job: _one(job, service), jobs))


def _one(job: _Job, service: str) -> str:
    """One purchase as a person behaves: some change their mind after a moment."""
    buyer = job.buyer
    try:
        activation = buyer.purchase(service, job.country, max_price="5.00")
    except Refused as refusal:
        return refusal.code
    except httpx.HTTPError as error:
        raise TrialFailed(f"the product did not answer: {type(error).__name__}") from error
    if job.cancels and activation["state"] == "waiting":
        time.sleep(1.2)
        try:
            return str(buyer.cancel(activation["id"])["state"])
        except Refused as refusal:
            return f"cancel refused: {refusal.code}"
    return str(activation["state"])


def _wait_until_over(
    database: Database, control: SandboxControl, before: set[str], newest: int
) -> dict[str, int]:
    """Until every activation after ``newest`` has ended and every stray was dealt with."""
    ends = time.monotonic() + SETTLE_WAIT_SECONDS
    while True:
        with database.transaction() as unit:
            states = Counter(
                unit.run("select state from activation where id > :id", id=newest).scalars()
            )
            pending = unit.scalar(
                "select count(*) from sighting where state in ('seen','orphan')"
            ) + unit.scalar("select count(*) from activation where upstream = 'closing'")
        unfinished = sum(states[state] for state in OPEN_STATES) + pending
        orders = [order for order in control.orders() if order["id"] not in before]
        missing = unowned(database, orders)
        if unfinished == 0 and not missing:
            return dict(states)
        if time.monotonic() > ends:
            raise TrialFailed(
                f"not settled after {SETTLE_WAIT_SECONDS:.0f} s: {dict(states)},"
                f" {pending} to close, {len(missing)} numbers without an owner"
            )
        time.sleep(1.0)
