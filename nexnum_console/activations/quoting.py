"""A price first: what a purchase would do and cost at most, kept for a minute."""

from __future__ import annotations

from dataclasses import dataclass

from nexnum_console.activations.desk import Desk
from nexnum_console.activations.purchase import refusal
from nexnum_console.routing import quotes
from nexnum_console.routing.choose import Wanted, choose
from nexnum_console.routing.plan import Plan
from nexnum_console.routing.quotes import Held


@dataclass(frozen=True, slots=True)
class Quoted:
    """What was kept, and the plan it holds."""

    held: Held
    plan: Plan


def give_quote(desk: Desk, user_id: int, wanted: Wanted) -> Quoted:
    """A quote for ``user_id``; NothingForSale or InvalidInput, then nothing was kept.

    Without a maximum price the cap is the price of the provider that would be asked first.
    """
    now = desk.clock()
    with desk.database.transaction() as unit:
        chosen = choose(
            unit,
            wanted,
            shut=desk.shut,
            rng=desk.rng,
            now=now,
            open_cap=wanted.max_price is None,
        )
        if not chosen.candidates:
            raise refusal(wanted, chosen, desk.wallet_currency)
        return Quoted(quotes.quote(unit, user_id, wanted, chosen, now), chosen)
