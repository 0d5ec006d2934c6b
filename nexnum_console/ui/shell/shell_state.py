"""What stands around a page, for the person who looks at it: places, actions, health.

Pages are the same files for everyone; what a role adds to them arrives only with this state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import reflex as rx

from nexnum_console.bootstrap import services
from nexnum_console.core.actor import Actor
from nexnum_console.ui.shell.gate import actor, requires
from nexnum_console.ui.shell.health import Health, Pulse
from nexnum_console.ui.shell.navigation import ACTIONS, CONSOLE, STORE, open_to
from nexnum_console.ui.shell.page_state import PageState, explained
from nexnum_console.ui.shell.push import HUB

PULSE: Final = Pulse()
# Five fit a phone of 360 px; the console keeps one for its menu.
MOST_TABS: Final = 5


@dataclass(frozen=True, slots=True)
class NavItem:
    """A place in a menu; ``heading`` stands above the first of a group."""

    title: str
    path: str
    icon: str
    heading: str = ""
    hotkey: str = ""
    words: str = ""
    area: str = ""


@dataclass(frozen=True, slots=True)
class ActionItem:
    """An action of the palette: a link, or what ``act`` names."""

    title: str
    icon: str
    href: str
    act: str
    words: str


class ShellState(PageState, rx.State):
    """One for every page of a tab; read when a page opens."""

    email: str = ""
    console: list[NavItem] = []
    store: list[NavItem] = []
    console_tabs: list[NavItem] = []
    store_tabs: list[NavItem] = []
    actions: list[ActionItem] = []
    health: Health = Health()

    @rx.event
    @requires("store.view")
    @explained
    async def enter(self) -> None:
        """A page opened: who looks, and where they may go."""
        who = actor()
        self.email = who.email
        self.console, self.store = _items(who, CONSOLE, "Console"), _items(who, STORE, "Store")
        self.console_tabs = _tabs(who, CONSOLE, MOST_TABS - 1)
        self.store_tabs = _tabs(who, STORE, MOST_TABS)
        self.actions = _actions(who)

    @rx.event
    @requires("console.view")
    @explained
    async def feel(self) -> None:
        """A page of the console is there, and now and then while it is: how all of it is."""
        health = await PULSE.read(services())
        if health != self.health:
            self.health = health

    @rx.event
    @requires("store.view")
    async def tab_hidden(self) -> None:
        """Nobody looks: what staff see is not read again until somebody does."""
        HUB.sleep()

    @rx.event
    @requires("store.view")
    @explained
    async def tab_seen(self) -> None:
        """Somebody looks again: the page and the health chip are read at once."""
        HUB.wake()
        if actor().may("console.view"):
            self.health = await PULSE.read(services())


def _items(who: Actor, places: tuple, area: str) -> list[NavItem]:
    items: list[NavItem] = []
    group = ""
    for place in open_to(who, places):
        heading = place.group if place.group != group else ""
        group = place.group
        words = f"{place.title} {place.keywords} {place.group}".lower()
        items.append(
            NavItem(place.title, place.path, place.icon, heading, place.hotkey, words, area)
        )
    return items


def _tabs(who: Actor, places: tuple, most: int) -> list[NavItem]:
    tabs = [place for place in open_to(who, places) if place.tab][:most]
    return [NavItem(place.title, place.path, place.icon) for place in tabs]


def _actions(who: Actor) -> list[ActionItem]:
    found = []
    for one in ACTIONS:
        if who.may(one.capability):
            href, act = (one.target, "") if one.target.startswith("/") else ("", one.target)
            words = f"{one.title} {one.keywords}".lower()
            found.append(ActionItem(one.title, one.icon, href, act, words))
    return found
