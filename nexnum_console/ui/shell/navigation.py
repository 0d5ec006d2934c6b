"""Where one can go and what one can do from anywhere: the one registry.

Sidebars, tab bars, the way here, guards, keyboard shortcuts and the command palette read it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from nexnum_console.core.actor import Actor


@dataclass(frozen=True, slots=True)
class Place:
    """A page in the navigation and what one must hold to see it and what lies below it.

    ``hotkey`` is the letter that follows ``g``; ``keywords`` are other words for it; ``tab`` puts
    it into the bar of a phone. What is not ``listed`` is guarded, but stands in no menu.
    """

    title: str
    path: str
    icon: str
    capability: str
    group: str = ""
    hotkey: str = ""
    keywords: str = ""
    tab: bool = False
    listed: bool = True


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do from the palette: a path to go to, or the name of what a page presses."""

    title: str
    icon: str
    capability: str
    target: str
    keywords: str = ""


STORE: Final = (
    Place("Buy", "/store", "cart", "store.view", hotkey="b", keywords="shop numbers", tab=True),
    Place(
        "Vault",
        "/store/vault",
        "phone",
        "store.view",
        hotkey="v",
        keywords="active numbers codes waiting",
        tab=True,
    ),
    Place(
        "History",
        "/store/history",
        "clock",
        "store.view",
        hotkey="h",
        keywords="orders past receipts",
        tab=True,
    ),
    Place(
        "Wallet",
        "/store/wallet",
        "wallet",
        "wallet.view",
        hotkey="w",
        keywords="money balance deposit ledger top up",
        tab=True,
    ),
    Place(
        "Settings",
        "/store/settings",
        "gear",
        "account.manage",
        hotkey="m",
        keywords="account password e-mail logins",
        tab=True,
    ),
)
CONSOLE: Final = (
    Place("Overview", "/console", "grid", "console.view", hotkey="o", keywords="home", tab=True),
    Place(
        "Activations",
        "/console/activations",
        "message",
        "orders.view",
        "Operate",
        hotkey="a",
        keywords="numbers orders codes sms",
        tab=True,
    ),
    Place(
        "Providers",
        "/console/providers",
        "plug",
        "providers.view",
        "Operate",
        hotkey="p",
        keywords="carriers margin sync rank balance",
    ),
    Place(
        "Routing",
        "/console/routing",
        "route",
        "providers.view",
        "Operate",
        hotkey="r",
        keywords="policy weights caps canary pin ban simulator learned decisions beliefs",
    ),
    Place(
        "Open questions",
        "/console/questions",
        "eye",
        "orders.view",
        "Operate",
        hotkey="q",
        keywords="unknown orphans strays reconcile confirming cancelling closing",
    ),
    Place(
        "Ledger",
        "/console/ledger",
        "layers",
        "ledger.view",
        "Money",
        hotkey="j",
        keywords="accounts balances journal holds proof verify statement reconciliation frozen",
    ),
    Place(
        "Transactions",
        "/console/transactions",
        "wallet",
        "ledger.view",
        "Money",
        hotkey="t",
        keywords="ledger journals money refunds",
    ),
    Place(
        "Deposits",
        "/console/deposits",
        "download",
        "ledger.view",
        "Money",
        hotkey="k",
        keywords="payments confirm refund suspense dispute approvals coupons penalties stripe",
    ),
    Place(
        "Users",
        "/console/users",
        "users",
        "users.view",
        "People",
        hotkey="u",
        keywords="buyers accounts people ban balance",
        tab=True,
    ),
    Place(
        "Audit log",
        "/console/audit",
        "book",
        "audit.view",
        "People",
        hotkey="l",
        keywords="history changes who did what staff",
    ),
    Place(
        "Alerts",
        "/console/alerts",
        "alert",
        "console.view",
        "System",
        hotkey="n",
        keywords="warnings broken incidents what needs me settle",
    ),
    Place(
        "Mail",
        "/console/mail",
        "mail",
        "users.view",
        "System",
        hotkey="e",
        keywords="letters e-mail delivery failed",
    ),
    Place(
        "Outbox",
        "/console/outbox",
        "box",
        "console.view",
        "System",
        hotkey="d",
        keywords="dead letters redrive messages queue delivery failed",
    ),
    Place(
        "Sandbox",
        "/console/sandbox",
        "server",
        "sandbox.control",
        "System",
        hotkey="x",
        keywords="carriers faults mock sms simulate",
    ),
    Place(
        "Settings",
        "/console/settings",
        "gear",
        "settings.manage",
        "System",
        hotkey="s",
        keywords="rules limits registration pause maintenance",
    ),
    Place("Components", "/console/components", "grid", "settings.manage", listed=False),
)
PLACES: Final = (*STORE, *CONSOLE)
ACTIONS: Final = (
    Action("Top up wallet", "wallet", "wallet.deposit", "/store/wallet", "deposit money balance"),
    Action("Sync every provider", "refresh", "providers.manage", "sync", "catalogue prices"),
    Action("Copy the link to this page", "copy", "store.view", "copy", "share url address"),
    Action("Keyboard shortcuts", "keyboard", "store.view", "keys", "help hotkeys"),
    Action("Log out", "logout", "store.view", "logout", "sign out leave"),
)
GROUPS: Final = ("", "Operate", "Money", "People", "System")


def place_of(path: str) -> Place | None:
    """The place with the longest path that ``path`` is or lies below; None for public pages."""
    asked = path.rstrip("/") + "/"
    found = [place for place in PLACES if asked.startswith(place.path + "/")]
    return max(found, key=lambda place: len(place.path), default=None)


def way_to(path: str, title: str) -> list[tuple[str, str]]:
    """The way here as (words, link): area, place, and the page itself without a link."""
    place = place_of(path)
    area = ("Console", "/console") if path.startswith("/console") else ("Store", "/store")
    way = [area]
    if place is not None and place.title != title and place.path != area[1]:
        way.append((place.title, place.path))
    return [*way, (title, "")]


def open_to(actor: Actor, places: Iterable[Place]) -> list[Place]:
    """The listed places that the actor may see, in the order of their groups."""
    mine = [place for place in places if place.listed and actor.may(place.capability)]
    return sorted(mine, key=lambda place: _rank(place.group))


def _rank(group: str) -> int:
    return GROUPS.index(group) if group in GROUPS else len(GROUPS)
