"""Where one can go: the registry that sidebars, tab bars, breadcrumbs and guards read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Place:
    """A page in the navigation and what one must hold to see it and what lies below it."""

    title: str
    path: str
    icon: str
    capability: str
    group: str = ""


STORE: Final = (Place("Buy", "/store", "cart", "store.view"),)
CONSOLE: Final = (
    Place("Overview", "/console", "grid", "console.view"),
    Place("Activations", "/console/activations", "message", "orders.view", "Operate"),
)
PLACES: Final = (*STORE, *CONSOLE)


def place_of(path: str) -> Place | None:
    """The place with the longest path that ``path`` is or lies below; None for public pages."""
    asked = path.rstrip("/") + "/"
    found = [place for place in PLACES if asked.startswith(place.path + "/")]
    return max(found, key=lambda place: len(place.path), default=None)
