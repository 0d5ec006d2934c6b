"""Keeping a service in a country at hand."""

from __future__ import annotations

from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import InvalidInput

MOST: Final = 20


def toggle(unit: UnitOfWork, user_id: int, service: str, country: str) -> bool:
    """Keep the pair, or let it go again; returns whether it is kept now.

    InvalidInput for a pair that does not exist or one too many.
    """
    gone = unit.run(
        "delete from favourite where user_id = :user_id and service = :service"
        " and country = :country",
        user_id=user_id,
        service=service,
        country=country,
    )
    if gone.rowcount:
        return False
    kept = unit.scalar("select count(*) from favourite where user_id = :id", id=user_id)
    if kept >= MOST:
        raise InvalidInput(f"You keep {MOST} favourites already; let one go first.")
    made = unit.run(
        "insert into favourite (user_id, service, country)"
        " select :user_id, s.code, c.iso2 from service s, country c"
        " where s.code = :service and c.iso2 = :country on conflict do nothing",
        user_id=user_id,
        service=service,
        country=country,
    )
    if not made.rowcount:
        raise InvalidInput("There is no such service in such a country.")
    return True
