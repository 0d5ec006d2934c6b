"""One honest purchase, from registration to the proof of the ledger."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import Database
from nexnum_console.operations.verify import verify
from nexnum_console.trial.buyer import JSON, Buyer, Refused

Emit = Callable[[JSON], None]

DEPOSIT = "25.00"
PURCHASES_MAX = 5
LOOK_SECONDS = 0.2
SYNC_WAIT_SECONDS = 90.0


class TrialFailed(Exception):
    """A step did not do what the product promises; the message says which and how."""


@dataclass
class Steps:
    """Runs named steps, timing each and telling about it."""

    emit: Emit
    started: float = field(default_factory=time.monotonic)

    @contextmanager
    def step(self, name: str) -> Iterator[JSON]:
        """Time a block; what it puts into the yielded dict is told with it."""
        began = time.monotonic()
        detail: JSON = {}
        try:
            yield detail
        except Refused as refusal:
            raise TrialFailed(f"{name}: {refusal}") from refusal
        self.emit({"step": name, "elapsed_s": _since(began), **detail})

    @property
    def elapsed(self) -> float:
        """Seconds since the first step."""
        return _since(self.started)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the trial buys: a service's code and a country in ISO 3166-1 alpha-2."""

    service: str
    country: str


def run(
    base_url: str,
    admin: Buyer,
    database: Database,
    providers: list[str],
    wish: Wish,
    emit: Emit,
) -> JSON:
    """Register, deposit, sync, buy, wait for the code, verify; returns the closing line.

    A number whose SMS never comes is what a buyer meets now and then: it is cancelled, its refund
    checked, and another one bought, a few times at most. Raises TrialFailed.
    """
    steps = Steps(emit)
    with Buyer(base_url) as buyer:
        with steps.step("register") as told:
            told["user"] = buyer.register()
        with steps.step("deposit") as told:
            told["available"] = buyer.deposit(DEPOSIT)["wallet"]["available"]
        with steps.step("sync") as told:
            told["providers"] = sync_all(admin, providers)
        activation = _buy_until_code(buyer, wish, steps)
        with steps.step("wallet") as told:
            told.update(_check_wallet(buyer, activation))
    with steps.step("ledger") as told:
        report = verify(database, utc_now())
        told["entries"] = report.entries
        if not report.ok:
            broken = [result.name for result in report.results if result.breaks]
            raise TrialFailed(f"the ledger does not verify: {', '.join(broken)}")
    return {
        "ok": True,
        "number": activation["number"],
        "code": activation["code"],
        "provider": activation["provider"],
        "charged": activation["charged"],
        "ledger": "verified",
        "elapsed_s": steps.elapsed,
    }


def sync_all(admin: Buyer, providers: list[str]) -> dict[str, str]:
    """Sync every provider and wait for the ends; returns provider → what came of it."""
    before = {name: (admin.last_sync(name) or {}).get("id") for name in providers}
    for name in providers:
        admin.sync(name)
    ends = time.monotonic() + SYNC_WAIT_SECONDS
    outcome: dict[str, str] = {}
    while len(outcome) < len(providers):
        if time.monotonic() > ends:
            raise TrialFailed(f"sync: not done after {SYNC_WAIT_SECONDS:.0f} s; see the worker log")
        for name in providers:
            run_ = admin.last_sync(name)
            if run_ and run_["id"] != before[name] and run_["state"] != "running":
                outcome[name] = run_["state"]
                if run_["state"] != "done":
                    raise TrialFailed(f"sync of {name}: {run_['error']}")
        time.sleep(LOOK_SECONDS)
    return outcome


def _buy_until_code(buyer: Buyer, wish: Wish, steps: Steps) -> JSON:
    for _ in range(PURCHASES_MAX):
        with steps.step("buy") as told:
            activation = buyer.purchase(wish.service, wish.country)
            told |= {key: activation[key] for key in ("state", "number", "provider", "price_cap")}
        with steps.step("wait for the SMS") as told:
            activation = wait_for_code(buyer, activation["id"])
            told |= {"state": activation["state"], "code": activation["code"]}
        if activation["code"]:
            return activation
    raise TrialFailed(f"{PURCHASES_MAX} numbers in a row got no SMS")


def wait_for_code(buyer: Buyer, activation_id: int) -> JSON:
    """Look until there is a code or the activation has ended.

    A number that is silent for a sixth of its life is given back, as a person would.
    """
    while True:
        activation = buyer.look(activation_id)
        if activation["code"] or activation["state"] in {"failed", "cancelled", "expired"}:
            return activation
        if activation["state"] == "waiting" and _silent_too_long(activation):
            try:
                buyer.cancel(activation_id)
            except Refused as refusal:
                if refusal.code not in {"cancel_too_early", "sms_already_received"}:
                    raise
        time.sleep(LOOK_SECONDS)


def _silent_too_long(activation: JSON) -> bool:
    born, dies, now = (
        _instant(activation[key]) for key in ("created_at", "expires_at", "server_time")
    )
    return now - born > (dies - born) / 6


def _instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _check_wallet(buyer: Buyer, activation: JSON) -> dict[str, Any]:
    wallet = buyer.wallet()
    expected = Decimal(DEPOSIT) - Decimal(activation["charged"])
    if Decimal(wallet["available"]) != expected or Decimal(wallet["reserved"]) != 0:
        raise TrialFailed(
            f"wallet: {wallet['available']} available and {wallet['reserved']} held,"
            f" not {expected} and 0"
        )
    return {"available": wallet["available"], "charged": activation["charged"]}


def _since(began: float) -> float:
    return round(time.monotonic() - began, 3)
