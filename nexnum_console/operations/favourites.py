"""Favourites: what a buyer comes back for, and buying it with one click under a cap."""

from __future__ import annotations

from typing import Final

from nexnum_console.activations.desk import Desk
from nexnum_console.activations.purchase import Order
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import InvalidInput, NotFound
from nexnum_console.operations.buying import buy_once

MOST_FAVOURITES: Final = 12


def keep(unit: UnitOfWork, user_id: int, service: str, country: str, cap: int) -> None:
    """Keep a service and country; ``cap``: the most one click may spend, in micro-units.

    Keeping it again sets the new cap. InvalidInput for a thing not in the catalogue, a cap that
    is not positive, or too many favourites.
    """
    if cap <= 0:
        raise InvalidInput("A favourite needs a price to stay under.")
    unit.scalar("select id from app_user where id = :id for update", id=user_id)
    others = unit.scalar(
        "select count(*) from favourite where user_id = :user_id"
        " and (service, country) <> (:service, :country)",
        user_id=user_id,
        service=service,
        country=country,
    )
    if others >= MOST_FAVOURITES:
        raise InvalidInput(f"You keep {MOST_FAVOURITES} favourites; remove one first.")
    kept = unit.scalar(
        "insert into favourite (user_id, service, country, cap)"
        " select :user_id, s.code, c.iso2, :cap from service s, country c"
        " where s.code = :service and c.iso2 = :country"
        " on conflict (user_id, service, country) do update set cap = excluded.cap returning id",
        user_id=user_id,
        service=service,
        country=country,
        cap=cap,
    )
    if kept is None:
        raise InvalidInput("That service or country is not in the catalogue.")


def drop(unit: UnitOfWork, user_id: int, service: str, country: str) -> None:
    """Keep it no longer; nothing happens where it was not kept."""
    unit.run(
        "delete from favourite where user_id = :user_id and service = :service"
        " and country = :country",
        user_id=user_id,
        service=service,
        country=country,
    )


def quick_buy(desk: Desk, who: Actor, service: str, country: str, key: str) -> int:
    """Buy a favourite for at most its cap, once for a key; the activation's id.

    NotFound where it is no favourite; else raises as ``buy_once``, and then nothing was bought.
    """
    with desk.database.transaction() as unit:
        cap = unit.scalar(
            "select cap from favourite where user_id = :user_id and service = :service"
            " and country = :country",
            user_id=who.user_id,
            service=service,
            country=country,
        )
    if cap is None:
        raise NotFound("That is not one of your favourites; nothing was bought.")
    order = Order(
        user_id=who.user_id, service=service, country=country, max_price=cap, actor=who.name
    )
    return buy_once(desk, order, key)
