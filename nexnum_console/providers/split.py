"""Clients of an account while a draft of its config serves a share of the calls.

Each call goes out once, by one of the two versions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from nexnum_console.providers.client import (
    About,
    AsyncProviderClient,
    ProviderClient,
    unsent_is_told,
)
from nexnum_console.providers.listed import Listing
from nexnum_console.providers.normal import NormalForm
from nexnum_console.providers.results import ActiveRow, Bought, StatusReport

# Whether the draft serves a call with these variables.
Takes = Callable[[Mapping[str, str]], bool]


class SplitClient(ProviderClient):
    """As ProviderClient, by the published version or by the draft."""

    def __init__(self, published: ProviderClient, draft: ProviderClient, takes: Takes) -> None:
        self.compiled = published.compiled
        self._published, self._draft, self._takes = published, draft, takes

    def supports(self, operation: str) -> bool:
        """Only what both versions can do may be asked."""
        return self._published.supports(operation) and self._draft.supports(operation)

    def listing(self) -> Listing | None:
        """Only a call that both versions make alike."""
        meant = self._published.listing()
        return meant if meant == self._draft.listing() else None

    @unsent_is_told
    def buy(
        self,
        country: str,
        service: str,
        operator: str | None = None,
        max_price: str | None = None,
        reference: str | None = None,
    ) -> Bought:
        """One attempt, by one version."""
        return self._chosen({}).buy(country, service, operator, max_price, reference)

    @unsent_is_told
    def reuse(
        self,
        activation_id: str,
        about: About,
        max_price: str | None = None,
        reference: str | None = None,
    ) -> Bought:
        """One attempt, by the version that serves the former order."""
        chosen = self._chosen({"id": activation_id})
        return chosen.reuse(activation_id, about, max_price, reference)

    def status(self, activation_id: str, about: About | None = None) -> StatusReport:
        """By the version that serves this activation."""
        return self._chosen({"id": activation_id}).status(activation_id, about)

    def _ask(self, operation: str, **variables: str | None) -> NormalForm:
        given = {name: value for name, value in variables.items() if value}
        return self._chosen(given)._ask(operation, **variables)

    def _chosen(self, variables: Mapping[str, str]) -> ProviderClient:
        return self._draft if self._takes(variables) else self._published


class SplitReader(AsyncProviderClient):
    """As AsyncProviderClient, by the published version or by the draft."""

    def __init__(
        self, published: AsyncProviderClient, draft: AsyncProviderClient, takes: Takes
    ) -> None:
        self.compiled = published.compiled
        self._published, self._draft, self._takes = published, draft, takes

    def supports(self, operation: str) -> bool:
        """Only what both versions can do may be asked."""
        return self._published.supports(operation) and self._draft.supports(operation)

    def listing(self) -> Listing | None:
        """Only a call that both versions make alike."""
        meant = self._published.listing()
        return meant if meant == self._draft.listing() else None

    async def status(self, activation_id: str, about: About | None = None) -> StatusReport:
        """By the version that serves this activation."""
        return await self._chosen({"id": activation_id}).status(activation_id, about)

    async def active(self) -> list[ActiveRow]:
        """Every page by the same version."""
        return await self._chosen({}).active()

    async def statuses(self, activation_ids: Iterable[str]) -> list[ActiveRow]:
        """All of them by the same version."""
        return await self._chosen({}).statuses(activation_ids)

    def _chosen(self, variables: Mapping[str, str]) -> AsyncProviderClient:
        return self._draft if self._takes(variables) else self._published
