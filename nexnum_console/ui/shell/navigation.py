"""Where one can go: the registry that sidebars, tab bars, breadcrumbs and guards read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Place:
    """A page in the navigation and what one must hold to see it and what lies below it.

    ``hotkey`` is the letter that follows ``g``; ``keywords`` are other words for it. What is not
    ``listed`` is guarded and named in the way here, but stands in no menu.
    """

    title: str
    path: str
    icon: str
    capability: str
    group: str = ""
    hotkey: str = ""
    keywords: str = ""
    listed: bool = True


STORE: Final = (
    Place("Buy", "/store", "cart", "store.view"),
    Place("Settings", "/store/settings", "user", "account.manage"),
)
CONSOLE: Final = (
    Place("Overview", "/console", "grid", "console.view"),
    Place("Activations", "/console/activations", "message", "orders.view", "Operate"),
    Place("Sandbox", "/console/sandbox", "server", "sandbox.control", "System"),
    Place("Settings", "/console/settings", "gear", "settings.manage", "System"),
    Place("Components", "/console/components", "grid", "settings.manage", listed=False),
)
LISTED: Final = tuple(place for place in CONSOLE if place.listed)
PLACES: Final = (*STORE, *CONSOLE)


def place_of(path: str) -> Place | None:
    """The place with the longest path that ``path`` is or lies below; None for public pages."""
    asked = path.rstrip("/") + "/"
    found = [place for place in PLACES if asked.startswith(place.path + "/")]
    return max(found, key=lambda place: len(place.path), default=None)
