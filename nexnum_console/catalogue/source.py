"""What a sync reads from: the part of a provider's client that lists things."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Priced(Protocol):
    """One price as the provider lists it; ``price`` is decimal text in its currency."""

    @property
    def country(self) -> str | None: ...
    @property
    def service(self) -> str | None: ...
    @property
    def operator(self) -> str | None: ...
    @property
    def price(self) -> str | None: ...
    @property
    def stock(self) -> int | None: ...


class Source(Protocol):
    """Lists in the provider's own ids; raises ProviderError."""

    def countries(self) -> Sequence[tuple[str, str]]:
        """(id, name) of every country."""
        ...

    def services(self) -> Sequence[tuple[str, str]]:
        """(code, name) of every service."""
        ...

    def prices(self) -> Sequence[Priced]:
        """Every price."""
        ...
