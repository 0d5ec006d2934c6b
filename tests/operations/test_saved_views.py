"""Kept views: one's own, shared by staff, limited, removable by their maker alone."""

from __future__ import annotations

import pytest

from nexnum_console.core.actor import Actor
from nexnum_console.core.db import Database
from nexnum_console.core.errors import InvalidInput, NotFound
from nexnum_console.operations import saved_views
from nexnum_console.reports import saved_views as kept
from nexnum_console.reports.activations_list import ACTIVATIONS
from nexnum_console.reports.saved_views import ViewLink
from tests.operations.test_exports import staff


def keep(database: Database, who: Actor, name: str, query: str = "", *, shared: bool = False):
    with database.transaction() as unit:
        saved_views.keep(unit, who, ACTIVATIONS, name, query, shared=shared)


def seen(database: Database, who: Actor) -> list[ViewLink]:
    with database.transaction() as unit:
        return kept.views(
            unit, "activations", "/console/activations", who.user_id, who.may("console.view")
        )


def test_a_view_is_a_name_and_an_address(database: Database) -> None:
    who = staff(database)
    keep(database, who, "  Stuck   ones ", "state=confirming")
    keep(database, who, "All")
    assert [(view.name, view.href, view.mine) for view in seen(database, who)] == [
        ("All", "/console/activations", True),
        ("Stuck ones", "/console/activations?state=confirming", True),
    ]


def test_the_same_name_is_the_same_view(database: Database) -> None:
    who = staff(database)
    keep(database, who, "Mine", "state=waiting")
    keep(database, who, "Mine", "state=received")
    assert [view.href for view in seen(database, who)] == ["/console/activations?state=received"]


def test_shared_views_are_seen_by_staff_and_removed_by_their_maker(database: Database) -> None:
    maker, other = staff(database), staff(database, "other@example.org")
    keep(database, maker, "Watch", shared=True)
    keep(database, maker, "Private")
    (view,) = seen(database, other)
    assert (view.name, view.mine, view.shared) == ("Watch", False, True)
    with pytest.raises(NotFound), database.transaction() as unit:
        saved_views.remove(unit, other, view.id)
    with database.transaction() as unit:
        saved_views.remove(unit, maker, view.id)
    assert seen(database, other) == []


def test_buyers_cannot_share(database: Database) -> None:
    buyer = staff(database, "buyer@example.org", "user")
    keep(database, buyer, "Mine", shared=True)
    assert [view.shared for view in seen(database, buyer)] == [False]
    assert seen(database, staff(database)) == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 41])
def test_a_name_says_something(database: Database, name: str) -> None:
    with pytest.raises(InvalidInput, match="1 to 40"):
        keep(database, staff(database), name)


def test_views_are_not_without_end(database: Database) -> None:
    who = staff(database)
    for n in range(saved_views.MOST_VIEWS):
        keep(database, who, f"View {n}")
    keep(database, who, "View 3", "state=waiting")
    with pytest.raises(InvalidInput, match="remove one first"):
        keep(database, who, "One more")
