"""Clients of an account while a draft of its config serves a share of the calls.

Each call goes out once, by one of the two versions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nexnum_console.providers.client import AsyncProviderClient, ProviderClient
from nexnum_console.providers.normal import NormalForm
from nexnum_console.providers.results import ActiveRow, StatusReport

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

    def active(self) -> list[ActiveRow]:
        """Every page by the same version."""
        return self._chosen({}).active()

    def _call(self, operation: str, variables: Mapping[str, str]) -> tuple[NormalForm, object]:
        return self._chosen(variables)._call(operation, variables)

    def _chosen(self, variables: Mapping[str, str]) -> ProviderClient:
        return self._draft if self._takes(variables) else self._published


class SplitReader(AsyncProviderClient):
    """As AsyncProviderClient, by the published version or by the draft."""

    def __init__(
        self, published: AsyncProviderClient, draft: AsyncProviderClient, takes: Takes
    ) -> None:
        self.compiled = published.compiled
        self._published, self._draft, self._takes = published, draft, takes

    async def status(self, activation_id: str) -> StatusReport:
        """By the version that serves this activation."""
        return await self._chosen({"id": activation_id}).status(activation_id)

    async def active(self) -> list[ActiveRow]:
        """Every page by the same version."""
        return await self._chosen({}).active()

    def _chosen(self, variables: Mapping[str, str]) -> AsyncProviderClient:
        return self._draft if self._takes(variables) else self._published
