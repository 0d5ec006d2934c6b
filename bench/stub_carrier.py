"""A carrier that sells at once, in this process: what is left is our own time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count

from nexnum_console.activations.desk import Desk
from nexnum_console.core.db import UnitOfWork
from nexnum_console.providers.carrier import Carrier
from nexnum_console.providers.client import AsyncProviderClient, ProviderClient
from nexnum_console.providers.results import Bought


class InstantClient(ProviderClient):
    """Sells numbers that follow each other, at the most that is allowed."""

    def __init__(self, first: int, currency: str) -> None:
        self._numbers = count(first)
        self._currency = currency

    def buy(
        self,
        country: str,
        service: str,
        operator: str | None = None,
        max_price: str | None = None,
        reference: str | None = None,
    ) -> Bought:
        """The next number, without leaving the process."""
        number = str(next(self._numbers))
        return Bought(number, f"+{number}", max_price, self._currency, operator, None)


class InstantCarriers:
    """Every account sells at once, on the terms of the real one."""

    def __init__(self, desk: Desk, first: int) -> None:
        self._real = desk.carriers
        self._first = first
        self._known: dict[int, Carrier] = {}

    def get(self, account_id: int, unit: UnitOfWork | None = None) -> Carrier:
        """The account with its client replaced; NotFound."""
        if account_id not in self._known:
            terms = self._real.get(account_id, unit).terms
            client = InstantClient(self._first, terms.currency)
            self._known[account_id] = Carrier(terms, client, _nobody_reads)
        return self._known[account_id]


def instant_desk(desk: Desk, first: int) -> Desk:
    """The same desk in front of instant carriers; their numbers begin at ``first``."""
    return replace(desk, carriers=InstantCarriers(desk, first))


@asynccontextmanager
async def _nobody_reads() -> AsyncIterator[AsyncProviderClient]:
    raise NotImplementedError("a purchase asks for nothing but a number")
    yield
