"""All carriers of one sandbox, and what survives its restart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nexnum_console.sandbox.carriers import Carrier
from nexnum_console.sandbox.clock import Clock
from nexnum_console.sandbox.phones import PhoneBook
from nexnum_console.sandbox.profiles import PROFILES, Profile
from nexnum_console.sandbox.seed import Assortment
from nexnum_console.sandbox.trade import CarrierTerms, Refusal

FIVESIM = CarrierTerms("fivesim", 1, Assortment("fivesim", 100, True, True))
SMS_ACTIVATE = CarrierTerms("sms_activate", 2, Assortment("sms_activate", 10_000, False, False))
CARRIERS = (FIVESIM, SMS_ACTIVATE)
STATE_VERSION = 1
ADJUSTABLE = ("sms_median_seconds", "sms_spread", "never_share", "answer_seconds", "hang_seconds")


class World:
    """Carriers by name, under one seed and one profile."""

    def __init__(self, seed: int, profile: str, clock: Clock) -> None:
        self.clock = clock
        self.phones = PhoneBook()
        self.seed = seed
        self.profile_name = profile
        self.carriers = self._build()

    def _build(self) -> dict[str, Carrier]:
        profile = PROFILES[self.profile_name]
        return {
            terms.name: Carrier(terms, self.seed, profile, self.clock, self.phones)
            for terms in CARRIERS
        }

    def reset(self, seed: int) -> None:
        """Forget orders, faults and balances; a new catalogue. Ids and ports go on."""
        before = self.carriers
        self.phones = PhoneBook()
        self.seed = seed
        self.carriers = self._build()
        for name, carrier in self.carriers.items():
            carrier.continue_after(before[name])

    def use_profile(self, name: str) -> None:
        """New orders follow it; running ones keep their times."""
        self.profile_name = name
        for carrier in self.carriers.values():
            carrier.profile = PROFILES[name]

    def adjust(self, carrier: Carrier, changes: dict[str, float]) -> Profile:
        """Change single delays or shares of one carrier."""
        carrier.profile = replace(carrier.profile, **changes)  # type: ignore[arg-type]
        return carrier.profile

    def carrier_of(self, order_id: int) -> Carrier:
        """The carrier that gave this id; ``Refusal("not_found")`` when none did."""
        for carrier in self.carriers.values():
            if order_id in carrier.orders:
                return carrier
        raise Refusal("not_found")

    def mark(self) -> object:
        """Equal as long as nothing changed that a snapshot would keep."""
        rows = [
            (row.revision, row.balance, row.buy_requests, row.profile, repr(row.faults.as_json()))
            for row in self.carriers.values()
        ]
        return self.seed, self.profile_name, rows

    def snapshot(self) -> dict[str, Any]:
        return {
            "version": STATE_VERSION,
            "seed": self.seed,
            "profile": self.profile_name,
            "carriers": {name: carrier.snapshot() for name, carrier in self.carriers.items()},
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """Take over a snapshot, seed and profile included; ``ValueError`` when it is not one."""
        if saved.get("version") != STATE_VERSION or saved.get("profile") not in PROFILES:
            raise ValueError("it was not written by this version of the sandbox")
        self.reset(saved["seed"])
        self.use_profile(saved["profile"])
        for name, state in saved["carriers"].items():
            if name in self.carriers:
                self.carriers[name].restore(state)
