"""What has to be said to a provider for one answer, without saying it: logins, fallbacks, pages,
second questions. The clients drive it, on a thread or on an event loop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final

from nexnum_console.providers.authenticate import Credentials, logs_in, rotates
from nexnum_console.providers.body import Reply
from nexnum_console.providers.breaker import OK, ONE_KEY_BUSY, ONE_KEY_REFUSED
from nexnum_console.providers.compile import CompiledProvider, CompiledRoute
from nexnum_console.providers.convert import moment
from nexnum_console.providers.errors import Code, NotAdmitted, ProviderError
from nexnum_console.providers.fixed import EVERY, first_of_each, for_every
from nexnum_console.providers.keys import KeyPool, spellings
from nexnum_console.providers.listed import row_of
from nexnum_console.providers.normal import NormalForm
from nexnum_console.providers.paging import Pages, at_link
from nexnum_console.providers.redaction import redact, redacted
from nexnum_console.providers.reply import Mask, read, read_offers
from nexnum_console.providers.request import (
    Request,
    build,
    next_route,
    operation_of,
    translated,
)
from nexnum_console.providers.stamps import fresh
from nexnum_console.providers.talk import (
    Exchanged,
    Noted,
    Observe,
    Pause,
    Step,
    Talk,
    ended_by,
    listener,
)

# One key of several says little of the account: another one takes the next call.
_ONE_OF_KEYS: Final = {
    Code.BAD_KEY: ONE_KEY_REFUSED,
    Code.ACCOUNT_BLOCKED: ONE_KEY_REFUSED,
    Code.ACCOUNT_INACTIVE: ONE_KEY_REFUSED,
    Code.RATE_LIMITED: ONE_KEY_BUSY,
}

TOKEN_SECONDS: Final = 600  # of a token whose end the provider does not tell
_LISTING_SECONDS: Final = 1.0
_TOKEN_MARGIN: Final = timedelta(seconds=30)
_KEY_REFUSED: Final = frozenset({Code.BAD_KEY, Code.ACCESS_DENIED, Code.ACCOUNT_BLOCKED})
_KEY_BUSY: Final = frozenset({Code.RATE_LIMITED, Code.LIMIT_CHANNELS})
_SMS: Final = ("code", "text", "sender", "messages")
_OFFERED: Final = ("offer", "phone", "operator")
_OVER: Final = frozenset({"cancelled", "expired", "finished"})


class Conversation:
    """One account with one provider. Threads may share it."""

    def __init__(
        self,
        compiled: CompiledProvider,
        secret: str,
        base_url: str | None,
        now: Callable[[], datetime],
        observe: Observe,
        noted: Noted | None = None,
    ) -> None:
        self.compiled = compiled
        self._guarded = "\n".join(spellings(secret))
        self._base_url = base_url
        self._now = now
        self._observe = observe
        self._noted = noted
        self._keys = KeyPool(secret, rotates(compiled.config))
        self._logs_in = logs_in(compiled.config)
        self._searches = "search" in compiled.operations
        self._tokens: dict[str, tuple[str, datetime]] = {}
        self._listing: tuple[float, NormalForm] = (-_LISTING_SECONDS, {})
        self._lock = threading.Lock()

    def ask(self, operation: str, variables: Mapping[str, str], *, all_pages: bool = True) -> Talk:
        """One operation; of a list all its pages, or the first. Raises ProviderError."""
        known = operation_of(self.compiled, operation)
        if known.fixed:
            return (yield from self._fixed(operation, variables))
        spec = next((route.pagination for route in known.routes if route.pagination), None)
        pages = Pages(operation, spec, self._now())
        result: NormalForm = {}
        while pages.open:
            given = {**variables, **pages.variables()}
            result, reply = yield from self._one(operation, given, pages.link)
            if spec is None or not all_pages:
                return result
            pages.take(result, reply)
        return pages.result(result)

    def _fixed(self, operation: str, variables: Mapping[str, str]) -> Talk:
        """A list of the config itself; a price of every country or service is told for each."""
        given = translated(self.compiled, variables)
        result = read(self.compiled, operation, Reply(HTTPStatus.OK), given)
        if operation != "prices":
            return result
        offers = result["offers"]
        for name, listing, key in EVERY:
            lacking = any(name not in offer for offer in offers)
            if lacking and listing in self.compiled.operations:
                listed = yield from self.ask(listing, {})
                offers = for_every(offers, name, [row[key] for row in listed[listing]])
        return result | {"offers": first_of_each(offers)}

    def buy(self, variables: Mapping[str, str]) -> Talk:
        """A purchase: sent once; a number that comes later is asked for until the deadline."""
        until = time.monotonic() + self.compiled.config.deadlines.spend_seconds
        if self._searches:
            variables = yield from ended_by(self._candidate(variables), until)
        return (yield from self._sale("buy", variables, until))

    def reuse(self, variables: Mapping[str, str]) -> Talk:
        """As ``buy``, of a number that was ours before: ``phone``, and ``id`` of its last order."""
        until = time.monotonic() + self.compiled.config.deadlines.spend_seconds
        digits = variables.get("phone", "").removeprefix("+")
        given = {**variables, "phone_digits": digits} if digits else variables
        return (yield from self._sale("reuse", given, until))

    def _sale(self, operation: str, variables: Mapping[str, str], until: float) -> Talk:
        result = yield from self.ask(operation, variables)
        result = _priced(result, variables)
        follow = operation_of(self.compiled, operation).follow
        if "phone" in result:
            return result
        if follow is None:
            raise self._no_number(result, "the answer holds no phone number")
        while time.monotonic() + follow.every_seconds < until:
            yield Pause(follow.every_seconds)
            about = self._about(follow.operation, result["activation_id"])
            found = yield from ended_by(about, until)
            if "phone" in found:
                return {**found, **result, "phone": found["phone"]}
            if found.get("state") in _OVER:
                message = f"{self.compiled.name}: the order ended before it had a number"
                raise ProviderError(Code.NO_NUMBERS, message)
        raise self._no_number(result, "the number did not come in time")

    def _candidate(self, variables: Mapping[str, str]) -> Talk:
        """The variables of a purchase with the offer that a search found for it: the first that
        costs no more than it may. Raises ProviderError, nothing bought, where there is none."""
        try:
            found = yield from self.ask("search", variables)
        except ProviderError as error:
            error.sent = False  # the purchase itself was never sent
            raise
        most = variables.get("max_price")
        dearest = Decimal(most) if most else None
        for row in found["candidates"]:
            price = row.get("price")
            if dearest is None or price is None or Decimal(price) <= dearest:
                told = {name: row[name] for name in _OFFERED if name in row}
                return {**variables, **told, "offered_price": price or ""}
        code = Code.MAX_PRICE_TOO_LOW if found["candidates"] else Code.NO_NUMBERS
        prices = [row["price"] for row in found["candidates"]]
        message = f"{self.compiled.name}: the search found no number that may be bought"
        least = min(prices, key=Decimal, default=None)
        raise ProviderError(code, message, sent=False, min_price=least)

    def status(self, variables: Mapping[str, str]) -> Talk:
        """State and SMS; where the config says so, the SMS are asked for apart."""
        listing = self.compiled.config.status_from
        if listing is not None:
            result = yield from self._listed(listing.operation, variables)
            return row_of(result, variables["id"], listing.absent)
        result = yield from self.ask("status", variables)
        follow = operation_of(self.compiled, "status").follow
        state = "received" if result.pop("unread", False) else result["state"]
        if follow is None or state not in follow.states:
            return result
        if result.get("code") or result.get("text"):
            return result
        told = yield from self.ask(follow.operation, variables)
        more: NormalForm = {name: told[name] for name in _SMS if name in told}
        return result | more | ({"state": state} if more else {})

    def _listed(self, operation: str, variables: Mapping[str, str]) -> Talk:
        """A list that holds the activation: one just read by another poll will do, but never to
        say that a number is not there."""
        at, result = self._listing
        recent = operation == "active" and time.monotonic() - at < _LISTING_SECONDS
        if recent and any(row["activation_id"] == variables["id"] for row in result["activations"]):
            return result
        result = yield from self.ask(operation, {**variables, "ids": variables["id"]})
        self._listing = (time.monotonic(), result)
        return result

    def _about(self, operation: str, activation_id: str) -> Talk:
        """What is known of an order while its number is awaited; nothing, where that fails."""
        try:
            found = yield from self.ask(operation, {"id": activation_id})
        except ProviderError as error:
            waits = isinstance(error, NotAdmitted) or not error.declined
            if error.code == Code.ACTIVATION_NOT_FOUND or waits:
                return {}
            raise self._no_number({"activation_id": activation_id}, error.message) from None
        rows = found.get("activations")
        if rows is None:
            return found
        return next((row for row in rows if row["activation_id"] == activation_id), {})

    def _no_number(self, result: NormalForm, why: str) -> ProviderError:
        """Bought, perhaps: nobody may sell the same order again before it is known."""
        bought = result["activation_id"]
        message = f"{self.compiled.name}: {why}; the order is {bought}"
        return ProviderError(Code.PARSE_ERROR, message, activation_id=bought)

    def _one(
        self, operation: str, variables: Mapping[str, str], link: str | None
    ) -> Generator[Step, Reply | None, tuple[NormalForm, Reply]]:
        """One page, by the first route and those meant for its refusals."""
        known = operation_of(self.compiled, operation)
        values = translated(self.compiled, variables)
        route = next_route(known, values)
        while True:
            try:
                return (yield from self._sent(operation, variables, route, link))
            except NotAdmitted:
                raise
            except ProviderError as error:
                spends = route is None or route.effect == "spend"
                following = None if spends else next_route(known, values, (route, error.code))  # type: ignore[arg-type]
                if following is None:
                    raise
                route = following

    def _sent(
        self,
        operation: str,
        variables: Mapping[str, str],
        route: CompiledRoute | None,
        link: str | None,
    ) -> Generator[Step, Reply | None, tuple[NormalForm, Reply]]:
        key = self._keys.take()
        for last in (False, True):
            access = yield from self._access(key)
            try:
                return (yield from self._exchange(operation, variables, access, route, link))
            except NotAdmitted:
                raise
            except ProviderError as error:
                again = self._refused(access, error)
                if last or not again or route is None or route.effect == "spend":
                    raise
        raise AssertionError("unreachable")

    def _exchange(
        self,
        operation: str,
        variables: Mapping[str, str],
        access: Credentials,
        route: CompiledRoute | None,
        link: str | None,
    ) -> Generator[Step, Reply | None, tuple[NormalForm, Reply]]:
        began = time.perf_counter()
        request: Request | None = None
        reply: Reply | None = None
        try:
            request = build(
                self.compiled,
                operation,
                variables,
                access,
                self._base_url,
                route=route,
                stamp=lambda: fresh(self._now()),
            )
            request = at_link(request, link) if link else request
            secret = "\n".join([self._all_secret(access), *request.signatures])
            request = replace(request, secret=secret)
            reply = yield request
            if reply is None:
                raise TypeError("a request was answered by nothing")
            values = translated(self.compiled, variables)
            if route is not None and route.name:
                values["route"] = route.name
            result = self._understood(operation, reply, values, _mask(secret))
        except NotAdmitted:
            raise
        except ProviderError as error:
            self._tell(operation, error.code, began, error.retry_after)
            self._note(operation, variables, (request, reply), str(error.code), began, access)
            raise redacted(error, request.secret if request else self._all_secret(access)) from None
        self._tell(operation, OK, began)
        self._note(operation, variables, (request, reply), OK, began, access)
        return result, reply

    def _tell(
        self, operation: str, outcome: str, began: float, retry_after: float | None = None
    ) -> None:
        self._observe(operation, str(outcome), time.perf_counter() - began)
        told = listener()
        if told is not None:
            if len(self._keys) > 1:
                outcome = _ONE_OF_KEYS.get(Code(outcome), outcome) if outcome != OK else OK
            told.done(str(outcome), retry_after)

    def _note(
        self,
        operation: str,
        variables: Mapping[str, str],
        exchange: tuple[Request | None, Reply | None],
        outcome: str,
        began: float,
        access: Credentials,
    ) -> None:
        if self._noted is not None:
            request, _ = exchange
            secret = request.secret if request else self._all_secret(access)
            seconds = time.perf_counter() - began
            self._noted(Exchanged(operation, variables, *exchange, outcome, seconds, secret))

    def _understood(
        self, operation: str, reply: Reply, values: Mapping[str, str], mask: Mask
    ) -> NormalForm:
        """The normal form; a whole price list, which may be long, with its rows typed already."""
        routes = operation_of(self.compiled, operation).routes
        if operation != "prices" or any(route.pagination for route in routes):
            return read(self.compiled, operation, reply, values, mask)
        offers = read_offers(self.compiled, reply, values, mask)
        return {"offers": offers.rows, "skipped": offers.skipped}

    def _all_secret(self, access: Credentials) -> str:
        return f"{self._guarded}\n{access.token}"

    def _access(self, key: str) -> Generator[Step, Reply | None, Credentials]:
        """The key, with a token where calls carry one: the kept one, or that of a new login."""
        if not self._logs_in:
            return Credentials(key)
        with self._lock:
            token, until = self._tokens.get(key, ("", self._now()))
        if token and until > self._now():
            return Credentials(key, token)
        login = next_route(operation_of(self.compiled, "login"), {})
        result, _ = yield from self._exchange("login", {}, Credentials(key), login, None)
        with self._lock:
            self._tokens[key] = (result["token"], self._expiry(result))
        return Credentials(key, result["token"])

    def _expiry(self, result: Mapping[str, Any]) -> datetime:
        told = moment(result.get("expires_at"))
        seconds = result.get("expires_in") or TOKEN_SECONDS
        return (told or self._now() + timedelta(seconds=seconds)) - _TOKEN_MARGIN

    def _refused(self, access: Credentials, error: ProviderError) -> bool:
        """Whether the same call may be made once more: only the token was refused."""
        if access.token and error.code in {Code.BAD_KEY, Code.ACCESS_DENIED}:
            with self._lock:
                if self._tokens.get(access.key, ("",))[0] == access.token:
                    del self._tokens[access.key]
            return True
        if len(self._keys) > 1 and error.code in _KEY_REFUSED | _KEY_BUSY:
            busy = error.retry_after if error.code in _KEY_BUSY else None
            self._keys.rest(access.key, busy)
        return False


def _mask(secret: str) -> Mask:
    return lambda text: redact(text, secret)


def _priced(result: NormalForm, variables: Mapping[str, str]) -> NormalForm:
    """A purchase that does not tell its price costs what the search said."""
    price = variables.get("offered_price")
    return {"cost": price, **result} if price else result
