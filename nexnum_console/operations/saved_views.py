"""Keeping and removing views of lists."""

from __future__ import annotations

from typing import Final

from nexnum_console.core.actor import Actor
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import InvalidInput, NotFound
from nexnum_console.reports.listing import Listing

MOST_VIEWS: Final = 20
MOST_NAME: Final = 40
MOST_QUERY: Final = 2000


def keep(
    unit: UnitOfWork, actor: Actor, listing: Listing, name: str, query: str, *, shared: bool
) -> None:
    """Keep the list's state under a name, over an older one of the same name.

    Only staff may share. InvalidInput for a name that says nothing or too many views.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= MOST_NAME or len(query) > MOST_QUERY:
        raise InvalidInput(f"Give the view a name of 1 to {MOST_NAME} characters.")
    mine = unit.scalar(
        "select count(*) from saved_view where user_id = :user_id and listing = :listing"
        " and name <> :name",
        user_id=actor.user_id,
        listing=listing.name,
        name=name,
    )
    if mine >= MOST_VIEWS:
        raise InvalidInput(f"You keep {MOST_VIEWS} views of this list; remove one first.")
    unit.run(
        "insert into saved_view (user_id, listing, name, query, shared)"
        " values (:user_id, :listing, :name, :query, :shared)"
        " on conflict (user_id, listing, name) do update"
        " set query = excluded.query, shared = excluded.shared",
        user_id=actor.user_id,
        listing=listing.name,
        name=name,
        query=query,
        shared=shared and actor.may("console.view"),
    )


def remove(unit: UnitOfWork, actor: Actor, view_id: int) -> None:
    """Forget a view of one's own; NotFound."""
    gone = unit.scalar(
        "delete from saved_view where id = :id and user_id = :user_id returning id",
        id=view_id,
        user_id=actor.user_id,
    )
    if gone is None:
        raise NotFound("That view is gone already, or it is somebody else's.")
