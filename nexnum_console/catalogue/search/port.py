"""What any search over the catalogue answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Hit:
    """A service (our code) or country (ISO code) and how well it fits, 0 to 100."""

    code: str
    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Meant:
    """What a free text asks for: services, countries, or both; empty lists where it says none."""

    services: tuple[str, ...]
    countries: tuple[str, ...]


class CatalogueSearch(Protocol):
    """Names with typing errors in, codes out, best first."""

    def services(self, text: str, limit: int) -> list[Hit]:
        """Services whose name fits; with an empty text the best known first."""
        ...

    def countries(self, text: str, limit: int) -> list[Hit]:
        """Countries whose name, ISO code or calling code fits; all by name with an empty text."""
        ...

    def understand(self, text: str) -> Meant | None:
        """What ``whatsap brazil`` asks for; None when nothing fits."""
        ...
