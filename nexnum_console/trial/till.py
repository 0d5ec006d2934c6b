"""Something on every page of the till: what waits for somebody, and what was done."""

from __future__ import annotations

from typing import Final

from nexnum_console.accounts.capabilities import capabilities_of
from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import Database
from nexnum_console.core.runtime_settings import change
from nexnum_console.operations import people
from nexnum_console.trial.buyer import Buyer
from nexnum_console.wallet import penalties
from nexnum_console.wallet.penalties import Charge
from nexnum_console.wallet.reading import balance_of

TRANSFERS: Final = "IBAN DE89 3704 0044 0532 0130 00, NexNum Ltd. Write the ticket on it."
# What somebody wants to pay in by hand, and what an admin saw of it: booked, in suspense, above
# the limit of one person, not there yet.
DEPOSITS: Final = (("25.00", "25.00"), ("40.00", "39.50"), ("400.00", "400.00"), ("60.00", ""))
_WHY: Final = "Seen on the bank's statement"
_MISUSE: Final = {"numbers": 20, "cancelled": 18, "percent": 80}


def open_to_transfers(database: Database) -> None:
    """Deposits by hand; every process follows within seconds."""
    with database.transaction() as unit:
        change(unit, "manual_deposits", TRANSFERS, utc_now())


def fill(database: Database, buyer: Buyer, boss: Buyer, buyer_id: int, boss_id: int) -> None:
    """Deposits and coupons by HTTP, as their people do; a correction and a penalty as the console
    does, which has both without an address of their own."""
    for amount, arrived in DEPOSITS:
        asked = buyer.ask_deposit("manual", amount)["id"]
        if arrived:
            seen = {"amount": arrived, "reference": f"SEPA 2026-11-{asked:04}", "reason": _WHY}
            boss.rule(f"deposits/{asked}/confirm", seen)
    gift = {"amount": "5.00", "most_uses": 100, "reason": "For the first hundred"}
    buyer.redeem(boss.rule("coupons", gift)["code"])
    share = {"percent": "10", "most_credit": "20.00", "least_deposit": "25.00", "most_uses": 500}
    boss.rule("coupons", share | {"code": "AUTUMN-TEN", "reason": "Autumn campaign"})
    now = utc_now()
    actor = Actor(boss_id, boss.email, "admin", capabilities_of("admin"))
    with database.transaction() as unit:
        people.adjust_balance(
            unit, actor, buyer_id, "320", "Lost in the move of our bank", "gallery", now
        )
        wallet = balance_of(unit, buyer_id).wallet_id
        day = now.date().isoformat()
        charge = Charge(wallet, "cancel_share", day, 1_000_000, _MISUSE)
        number = penalties.book(unit, charge, "system", now)
        penalties.appeal(unit, buyer_id, number, "None of them ever received an SMS.", now)
