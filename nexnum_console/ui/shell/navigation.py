"""Where one can go: the registry that sidebars, tab bars and guards read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Place:
    """A page in the navigation and what one must hold to see it."""

    title: str
    path: str
    icon: str
    capability: str


STORE: Final = (Place("Buy", "/store", "cart", "store.view"),)
CONSOLE: Final = (Place("Overview", "/console", "grid", "console.view"),)
