"""A provider account as the rest of the product sees it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import wraps
from typing import ParamSpec, TypeVar

from nexnum_console.core.clock import utc_now
from nexnum_console.providers import convert
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.providers.conversation import Conversation
from nexnum_console.providers.errors import Code, ProviderError
from nexnum_console.providers.gate import Gate
from nexnum_console.providers.gated import AsyncEntry, Entry, handed_over
from nexnum_console.providers.listed import Listing, listing_of
from nexnum_console.providers.normal import NormalForm
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
from nexnum_console.providers.talk import Noted
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

log = logging.getLogger(__name__)

# What else is known of an activation, where a provider asks for more than its id: country,
# service, phone, state.
About = Mapping[str, str | None]


P = ParamSpec("P")
T = TypeVar("T")


def unsent_is_told(spend: Callable[P, T]) -> Callable[P, T]:
    """A fault of ours before any request left becomes a ProviderError with ``sent`` false, so that
    nothing stays held for it; once one has left, nobody can say, and the fault goes on as it is."""

    @wraps(spend)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        before = handed_over()
        try:
            return spend(*args, **kwargs)
        except ProviderError:
            raise
        except Exception as error:
            if handed_over() != before:
                raise
            log.exception("%s failed before anything was sent", spend.__qualname__)
            what = f"a fault of ours, nothing was sent ({type(error).__name__})"
            raise ProviderError(Code.PROVIDER_ERROR, what, sent=False) from error

    return run


class _Account:
    """What both clients know: the provider, its key, and where it answers.

    ``noted`` hears of every call; it must not wait and must not raise.
    """

    def __init__(
        self,
        compiled: CompiledProvider,
        secret: str,
        exchanges: Exchanges,
        base_url: str | None = None,
        now: Callable[[], datetime] = utc_now,
        noted: Noted | None = None,
    ) -> None:
        self.compiled = compiled
        self._now = now
        self._talk = Conversation(
            compiled,
            secret,
            base_url,
            now,
            lambda operation, outcome, seconds: exchanges.report(
                compiled.name, operation, outcome, seconds
            ),
            noted,
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.compiled.name})"

    def supports(self, operation: str) -> bool:
        """Whether the config says how to ask for it."""
        known = self.compiled.operations.get(operation)
        return bool(known and (known.routes or known.fixed))

    def listing(self) -> Listing | None:
        """The call that tells of many numbers at once, where the config has one."""
        return listing_of(self.compiled)


class ProviderClient(_Account):
    """Synchronous calls. A spend is sent at most once; they raise ProviderError and nothing else.

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
        pause: Callable[[float], None] = time.sleep,
        noted: Noted | None = None,
        gate: Gate | None = None,
    ) -> None:
        super().__init__(compiled, secret, transport, base_url, now, noted)
        self._entry = Entry(gate, transport, pause)

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

    @unsent_is_told
    def buy(
        self,
        country: str,
        service: str,
        operator: str | None = None,
        max_price: str | None = None,
        reference: str | None = None,
    ) -> Bought:
        """Buy one number: one attempt, ever. ``max_price``: decimal text, provider's currency.

        ``reference`` is ours, for providers that refuse the same order twice.
        A provider that tells the number later is asked for it until the purchase's deadline.
        On ProviderError, ``declined`` tells a certain no from an unknown outcome.
        """
        given = _given(
            country=country,
            service=service,
            operator=operator,
            max_price=max_price,
            reference=reference,
        )
        return convert.bought(self._entry.run(self._talk.buy(given)), self._now())

    @unsent_is_told
    def reuse(
        self,
        activation_id: str,
        about: About,
        max_price: str | None = None,
        reference: str | None = None,
    ) -> Bought:
        """Take the number of a closed order once more, by a new order: as ``buy``, sent once."""
        wish = {"max_price": max_price, "reference": reference}
        given = _given(**{**about, **wish, "id": activation_id})
        return convert.bought(self._entry.run(self._talk.reuse(given)), self._now())

    def status(self, activation_id: str, about: About | None = None) -> StatusReport:
        """State and newest SMS of one activation."""
        given = _given(**(about or {}), id=activation_id)
        return convert.status_report(self._entry.run(self._talk.status(given)))

    def active(self) -> list[ActiveRow]:
        """Every row of the provider's own list, all pages; it may hold closed ones (``state``)."""
        return convert.active_rows(self._ask("active"))

    def statuses(self, activation_ids: Iterable[str]) -> list[ActiveRow]:
        """Many activations by one call, where the provider has one."""
        return convert.active_rows(self._ask("statuses", ids=",".join(activation_ids)))

    def cancel(self, activation_id: str, about: About | None = None) -> Outcome:
        """Give a number back unused."""
        return self._change("cancel", activation_id, about)

    def finish(self, activation_id: str, about: About | None = None) -> Outcome:
        """Tell the provider that the code arrived."""
        return self._change("finish", activation_id, about)

    def resend(self, activation_id: str, about: About | None = None) -> Outcome:
        """Ask for one more SMS on the same number; the order may get another id by it."""
        return self._change("resend", activation_id, about)

    def ban(self, activation_id: str, about: About | None = None) -> Outcome:
        """Report a number that does not work."""
        return self._change("ban", activation_id, about)

    def _change(self, operation: str, activation_id: str, about: About | None) -> Outcome:
        result = self._ask(operation, **{**(about or {}), "id": activation_id})
        return convert.outcome(result, activation_id)

    def _ask(self, operation: str, **variables: str | None) -> NormalForm:
        return self._entry.run(self._talk.ask(operation, _given(**variables)))


class AsyncProviderClient(_Account):
    """The poller's reads, as ProviderClient gives them, on the running event loop."""

    def __init__(
        self,
        compiled: CompiledProvider,
        secret: str,
        transport: ReadTransport,
        base_url: str | None = None,
        now: Callable[[], datetime] = utc_now,
        noted: Noted | None = None,
        gate: Gate | None = None,
    ) -> None:
        super().__init__(compiled, secret, transport, base_url, now, noted)
        self._entry = AsyncEntry(gate, transport)

    async def status(self, activation_id: str, about: About | None = None) -> StatusReport:
        """As ProviderClient.status."""
        given = _given(**(about or {}), id=activation_id)
        return convert.status_report(await self._entry.run(self._talk.status(given)))

    async def active(self) -> list[ActiveRow]:
        """As ProviderClient.active."""
        return convert.active_rows(await self._entry.run(self._talk.ask("active", {})))

    async def statuses(self, activation_ids: Iterable[str]) -> list[ActiveRow]:
        """As ProviderClient.statuses."""
        given = {"ids": ",".join(activation_ids)}
        return convert.active_rows(await self._entry.run(self._talk.ask("statuses", given)))


def _given(**variables: str | None) -> dict[str, str]:
    return {name: value for name, value in variables.items() if value}
