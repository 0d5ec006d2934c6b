"""A provider account as the rest of the product sees it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from nexnum_console.core.clock import utc_now
from nexnum_console.providers import convert
from nexnum_console.providers.body import Reply
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.providers.errors import NotAdmitted, ProviderError
from nexnum_console.providers.gate import AsyncEntrance, Gate, Permit, telling
from nexnum_console.providers.normal import NormalForm
from nexnum_console.providers.paging import Pages
from nexnum_console.providers.redaction import redact, redacted
from nexnum_console.providers.reply import read
from nexnum_console.providers.request import Request, build, operation_of, translated
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
from nexnum_console.providers.script import Call
from nexnum_console.providers.transport import Exchanges, ReadTransport, Transport

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


# Nobody waits for these, so they wait for their turn rather than fail a whole sync.
_UNHURRIED = frozenset({"prices", "countries", "services", "operators"})
_UNHURRIED_SECONDS = 60.0


class _Account:
    """What both clients know: the provider, its key, and where it answers."""

    def __init__(
        self,
        compiled: CompiledProvider,
        secret: str,
        base_url: str | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.compiled = compiled
        self._secret = secret
        self._base_url = base_url
        self._now = now

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.compiled.name})"

    def supports(self, operation: str) -> bool:
        """Whether the config says how to ask for it."""
        known = self.compiled.operations.get(operation)
        return bool(known and known.routes)

    def _request(self, operation: str, variables: Mapping[str, str]) -> Request:
        return build(self.compiled, operation, variables, self._secret, self._base_url)

    def _understood(self, operation: str, reply: Reply, variables: Mapping[str, str]) -> NormalForm:
        values = translated(self.compiled, variables)
        return read(self.compiled, operation, reply, values, self._masked)

    def _masked(self, text: str) -> str:
        return redact(text, self._secret)

    def _pages(self) -> Pages:
        known = operation_of(self.compiled, "active")
        spec = next((route.pagination for route in known.routes if route.pagination), None)
        return Pages(spec, self._now())

    def _failed(
        self, transport: Exchanges, operation: str, error: ProviderError, began: float
    ) -> ProviderError:
        if isinstance(error, NotAdmitted):
            return error
        transport.report(
            self.compiled.name, operation, str(error.code), time.perf_counter() - began
        )
        return redacted(error, self._secret)

    def _done(self, transport: Exchanges, operation: str, began: float) -> None:
        transport.report(self.compiled.name, operation, "ok", time.perf_counter() - began)


class ProviderClient(_Account):
    """Synchronous calls. Each sends at most once and raises ProviderError and nothing else.

    ``base_url`` replaces the config's (a sandbox). Ids, codes and countries are the provider's.
    Without a ``gate`` no limit holds and nothing is learned: for trials by hand.
    """

    def __init__(
        self,
        compiled: CompiledProvider,
        secret: str,
        transport: Transport,
        base_url: str | None = None,
        now: Callable[[], datetime] = utc_now,
        gate: Gate | None = None,
    ) -> None:
        super().__init__(compiled, secret, base_url, now)
        self._transport = transport
        self._gate = gate

    def balance(self) -> Balance:
        """What the provider holds for us."""
        result = self._ask("balance")
        return Balance(result["balance"], result["currency"])

    def countries(self) -> list[Country]:
        """Countries the provider sells, by its own ids."""
        rows = self._ask("countries")["countries"]
        return [Country(row["id"], row["name"]) for row in rows]

    def services(self) -> list[Service]:
        """Services the provider sells, by its own codes."""
        rows = self._ask("services")["services"]
        return [Service(row["code"], row["name"]) for row in rows]

    def operators(self, country: str | None = None) -> dict[str, list[str]]:
        """Operators by country id."""
        found: dict[str, list[str]] = self._ask("operators", country=country)["operators"]
        return found

    def prices(self, country: str | None = None, service: str | None = None) -> list[OfferRow]:
        """Offers, one row for each price at the finest level of the answer."""
        return convert.offer_rows(self._ask("prices", country=country, service=service))

    def buy(
        self, country: str, service: str, operator: str | None = None, max_price: str | None = None
    ) -> Bought:
        """Buy one number: one attempt, ever. ``max_price``: decimal text, provider's currency.

        On ProviderError, ``declined`` tells a certain no from an unknown outcome.
        """
        result = self._ask(
            "buy", country=country, service=service, operator=operator, max_price=max_price
        )
        return convert.bought(result)

    def status(self, activation_id: str) -> StatusReport:
        """State and newest SMS of one activation."""
        return convert.status_report(self._ask("status", id=activation_id))

    def active(self) -> list[ActiveRow]:
        """Every row of the provider's own list, all pages; it may hold closed ones (``state``)."""
        pages = self._pages()
        while pages.open:
            result, document = self._call("active", pages.variables())
            pages.take(convert.active_rows(result), result["skipped"], document)
        return pages.rows

    def cancel(self, activation_id: str) -> Outcome:
        """Give a number back unused."""
        return self._change("cancel", activation_id)

    def finish(self, activation_id: str) -> Outcome:
        """Tell the provider that the code arrived."""
        return self._change("finish", activation_id)

    def resend(self, activation_id: str) -> Outcome:
        """Ask for one more SMS on the same number."""
        return self._change("resend", activation_id)

    def ban(self, activation_id: str) -> Outcome:
        """Report a number that does not work."""
        return self._change("ban", activation_id)

    def _change(self, operation: str, activation_id: str) -> Outcome:
        return convert.outcome(self._ask(operation, id=activation_id), activation_id)

    def _ask(self, operation: str, **variables: str | None) -> NormalForm:
        result, _ = self._call(
            operation, {name: value for name, value in variables.items() if value}
        )
        return result

    def _call(self, operation: str, variables: Mapping[str, str]) -> tuple[NormalForm, object]:
        began = time.perf_counter()
        try:
            request = self._request(operation, variables)
            permit = self._gate.enter(_call(request)) if self._gate else None
            with telling(permit):
                reply = self._transport.send(_hurried(request, permit))
                result = self._understood(operation, reply, variables)
        except ProviderError as error:
            raise self._failed(self._transport, operation, error, began) from None
        self._done(self._transport, operation, began)
        return result, reply.document


class AsyncProviderClient(_Account):
    """The poller's reads, as ProviderClient gives them, on the running event loop."""

    def __init__(
        self,
        compiled: CompiledProvider,
        secret: str,
        transport: ReadTransport,
        base_url: str | None = None,
        now: Callable[[], datetime] = utc_now,
        gate: Gate | None = None,
    ) -> None:
        super().__init__(compiled, secret, base_url, now)
        self._transport = transport
        self._entrance = AsyncEntrance(gate) if gate else None

    async def status(self, activation_id: str) -> StatusReport:
        """As ProviderClient.status."""
        result, _ = await self._call("status", {"id": activation_id})
        return convert.status_report(result)

    async def active(self) -> list[ActiveRow]:
        """As ProviderClient.active."""
        pages = self._pages()
        while pages.open:
            result, document = await self._call("active", pages.variables())
            pages.take(convert.active_rows(result), result["skipped"], document)
        return pages.rows

    async def _call(
        self, operation: str, variables: Mapping[str, str]
    ) -> tuple[NormalForm, object]:
        began = time.perf_counter()
        try:
            request = self._request(operation, variables)
            permit = await self._entrance.enter(_call(request)) if self._entrance else None
            with telling(permit):
                reply = await self._transport.send(_hurried(request, permit))
                result = self._understood(operation, reply, variables)
        except ProviderError as error:
            raise self._failed(self._transport, operation, error, began) from None
        self._done(self._transport, operation, began)
        return result, reply.document


def _call(request: Request) -> Call:
    unhurried = request.operation in _UNHURRIED
    patience = _UNHURRIED_SECONDS if unhurried else request.deadline / 2
    return Call(request.operation, request.effect, request.deadline, patience)


def _hurried(request: Request, permit: Permit | None) -> Request:
    """Waiting for the turn is part of the call's deadline, which its caller's lease relies on."""
    if permit is None or request.operation in _UNHURRIED:
        return request
    return replace(request, deadline=request.deadline - permit.waited)
