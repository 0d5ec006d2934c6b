"""The registry: places, their guards, the way here, and keys that do not collide."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from nexnum_console.accounts.capabilities import EVERY, capabilities_of
from nexnum_console.core.actor import Actor
from nexnum_console.reports.finder import Found
from nexnum_console.ui.shell.navigation import (
    ACTIONS,
    CONSOLE,
    GROUPS,
    PLACES,
    open_to,
    place_of,
    way_to,
)
from nexnum_console.ui.shell.palette_state import link_of
from nexnum_console.ui.site import PAGES, PUBLIC

SPRITE = (Path(__file__).parents[2] / "assets/icons.svg").read_text()
# Keys that mean something by themselves; a place's letter follows g and may not be g again.
TAKEN = {"g", "?", "/"}


def person(role: str) -> Actor:
    return Actor(7, f"{role}@example.org", role, capabilities_of(role))


def test_no_two_places_share_a_key() -> None:
    letters = Counter(place.hotkey for place in PLACES if place.hotkey)
    assert [letter for letter, times in letters.items() if times > 1] == []
    assert all(re.fullmatch("[a-z]", letter) for letter in letters)
    assert not set(letters) & TAKEN


def test_every_place_is_a_page_with_a_picture_and_a_real_capability() -> None:
    routes = {page.route for page in PAGES}
    for place in PLACES:
        assert place.path in routes, place.path
        assert place.capability in EVERY
        assert place.group in GROUPS
    for symbol in {one.icon for one in (*PLACES, *ACTIONS)}:
        assert f'id="{symbol}"' in SPRITE, symbol
    assert {action.capability for action in ACTIONS} <= EVERY


def test_every_page_behind_the_door_is_guarded() -> None:
    for page in PAGES:
        if page not in PUBLIC:
            assert place_of(page.route) is not None, page.route


def test_menus_show_what_the_role_may_see() -> None:
    assert open_to(person("user"), CONSOLE) == []
    support, admin = (open_to(person(role), CONSOLE) for role in ("support", "admin"))
    assert {place.path for place in support} <= {place.path for place in admin}
    assert all(place.listed for place in admin)
    assert [GROUPS.index(p.group) for p in admin] == sorted(GROUPS.index(p.group) for p in admin)


def test_the_way_here_ends_without_a_link() -> None:
    assert way_to("/console", "Overview") == [("Console", "/console"), ("Overview", "")]
    assert way_to("/console/activations", "No. 7") == [
        ("Console", "/console"),
        ("Activations", "/console/activations"),
        ("No. 7", ""),
    ]
    assert way_to("/store", "Buy") == [("Store", "/store"), ("Buy", "")]


@pytest.mark.parametrize(
    ("role", "owner", "target"),
    [
        ("admin", 8, "/console/activations/5"),
        ("support", 8, "/console/activations/5"),
        ("user", 7, "/store"),
        ("user", 8, None),
    ],
)
def test_a_record_leads_where_the_finder_may_go(role: str, owner: int, target: str | None) -> None:
    row = Found("number", 5, "5", "phone", "+44 7", "Telegram", owner)
    link = link_of(person(role), row)
    found = link.href if link else None
    assert found == target or (target == "/store" and found is not None and "q=5" in found)


def test_records_without_a_page_are_not_offered() -> None:
    assert link_of(person("admin"), Found("unheard", 1, "1", "x", "x", "x")) is None
