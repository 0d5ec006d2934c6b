"""A provider account as the rest of the product sees it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from nexnum_console.providers.results import (
    ActiveRow,
    Balance,
    Bought,
    Country,
    Message,
    OfferRow,
    Outcome,
    Service,
    StatusReport,
)

if TYPE_CHECKING:
    from nexnum_console.providers.compile import CompiledProvider
    from nexnum_console.providers.transport import ReadTransport, Transport

__all__ = [
    "ActiveRow",
    "AsyncProviderClient",
    "Balance",
    "Bought",
    "Country",
    "Message",
    "OfferRow",
    "Outcome",
    "ProviderClient",
    "Service",
    "StatusReport",
]


class ProviderClient:
    """Synchronous calls; every method raises ProviderError and nothing else."""

    def __init__(
        self,
        compiled: CompiledProvider,
        secret: str,
        transport: Transport,
        base_url: str | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        raise NotImplementedError

    def balance(self) -> Balance:
        """What the provider holds for us."""
        raise NotImplementedError

    def countries(self) -> list[Country]:
        """Countries in the provider's own ids."""
        raise NotImplementedError

    def services(self) -> list[Service]:
        """Services in the provider's own codes."""
        raise NotImplementedError

    def operators(self, country: str | None = None) -> dict[str, list[str]]:
        """Operators by country id."""
        raise NotImplementedError

    def prices(self, country: str | None = None, service: str | None = None) -> list[OfferRow]:
        """Offers, one row for each price."""
        raise NotImplementedError

    def buy(
        self, country: str, service: str, operator: str | None = None, max_price: str | None = None
    ) -> Bought:
        """One attempt, ever. ``max_price``: decimal text, provider's currency."""
        raise NotImplementedError

    def status(self, activation_id: str) -> StatusReport:
        """State of one activation."""
        raise NotImplementedError

    def active(self) -> list[ActiveRow]:
        """Every row of the provider's list, pages followed."""
        raise NotImplementedError

    def cancel(self, activation_id: str) -> Outcome:
        """Give the number back."""
        raise NotImplementedError

    def finish(self, activation_id: str) -> Outcome:
        """Tell the provider that the code arrived."""
        raise NotImplementedError

    def resend(self, activation_id: str) -> Outcome:
        """Ask for one more SMS."""
        raise NotImplementedError

    def ban(self, activation_id: str) -> Outcome:
        """Report a number that does not work."""
        raise NotImplementedError


class AsyncProviderClient:
    """The poller's reads; the transport refuses anything that is not a read."""

    def __init__(
        self,
        compiled: CompiledProvider,
        secret: str,
        transport: ReadTransport,
        base_url: str | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        raise NotImplementedError

    async def status(self, activation_id: str) -> StatusReport:
        """As ProviderClient.status."""
        raise NotImplementedError

    async def active(self) -> list[ActiveRow]:
        """As ProviderClient.active."""
        raise NotImplementedError
