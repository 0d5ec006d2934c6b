"""Carriers of the accounts in the database, compiled once and rebuilt when their row changes."""

from __future__ import annotations

import json
import logging
import random
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.core.egress import EgressPolicy
from nexnum_console.core.errors import NotFound
from nexnum_console.providers import canary, registry
from nexnum_console.providers.carrier import Carrier, Terms
from nexnum_console.providers.client import AsyncProviderClient, ProviderClient
from nexnum_console.providers.compile import CompiledProvider, compile_config
from nexnum_console.providers.exchanges import ExchangeLog, Note
from nexnum_console.providers.forced import decision
from nexnum_console.providers.gate import Gate
from nexnum_console.providers.gates import Gates
from nexnum_console.providers.limiter import LimiterRules, limits_of
from nexnum_console.providers.listed import listing_of
from nexnum_console.providers.loading import ConfigError, load_config
from nexnum_console.providers.registry import ProviderAccountView, host_of
from nexnum_console.providers.script import Force
from nexnum_console.providers.split import SplitClient, SplitReader
from nexnum_console.providers.talk import Exchanged
from nexnum_console.providers.transport import Observer, ReadTransport, Transport

log = logging.getLogger(__name__)

FRESH_SECONDS = 3.0
# While one caller reads a row anew, the others do with what was read not longer ago than this.
STALE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class _Known:
    row: ProviderAccountView
    secret: str = field(repr=False)
    carrier: Carrier
    transport: Transport
    gate: Gate
    read_at: float

    def same(self, row: ProviderAccountView, secret: str) -> bool:
        return self.row == row and self.secret == secret

    def older_than(self, seconds: float) -> bool:
        return time.monotonic() >= self.read_at + seconds


class StoredCarriers:
    """Finds the carrier of an account. A changed config, key or term is seen within 3 seconds.

    Every call of its clients goes through the account's gate. Nobody waits for another's look at
    the database: that may wait for a connection which is held by who waits here.
    """

    def __init__(
        self,
        database: Database,
        box: SecretBox,
        policy: EgressPolicy,
        observe: Observer,
        clock: Callable[[], datetime],
        gates: Gates,
        exchanges: ExchangeLog | None = None,
    ) -> None:
        self.gates = gates
        self._database = database
        self._box = box
        self._policy = policy
        self._observe = observe
        self._clock = clock
        self._exchanges = exchanges
        self._known: dict[int, _Known] = {}
        self._reading: set[int] = set()
        self._lock = threading.Lock()

    def get(self, account_id: int, unit: UnitOfWork | None = None) -> Carrier:
        """The account's carrier, also of a disabled one: open orders run on. NotFound.

        What has to be read is read in the caller's ``unit``, where it holds a connection already.
        """
        known = self._good_enough(account_id)
        if known is not None:
            return known.carrier
        try:
            asked_at = time.monotonic()
            row, secret, force = self._read(account_id, unit)
            return self._taken(row, secret, force, asked_at).carrier
        finally:
            with self._lock:
                self._reading.discard(account_id)

    def _good_enough(self, account_id: int) -> _Known | None:
        """None where the caller has to read the row."""
        with self._lock:
            known = self._known.get(account_id)
            if known is not None and not known.older_than(FRESH_SECONDS):
                return known
            under_way = account_id in self._reading
            self._reading.add(account_id)
            if under_way and known is not None and not known.older_than(STALE_SECONDS):
                return known
            return None

    def _taken(
        self, row: ProviderAccountView, secret: str, force: Force, asked_at: float
    ) -> _Known:
        """What was just read, for everybody; of two readers the one who asked later."""
        with self._lock:
            known = self._known.get(row.account_id)
            if known is not None and known.read_at > asked_at:
                return known
            if known is not None and known.same(row, secret):
                known = self._known[row.account_id] = replace(known, read_at=asked_at)
                known.gate.adopt(known.gate.limits, force)
                return known
        made = self._made(row, secret, force, asked_at)
        with self._lock:
            known = self._known.get(row.account_id)
            if known is not None and (known.read_at > asked_at or known.same(row, secret)):
                made.transport.close()
                return known
            if known is not None:
                # Spends under way hold the old bulkhead; it stays the account's.
                spends = known.carrier.spends
                made = replace(made, carrier=replace(made.carrier, spends=spends))
            self._known[row.account_id] = made
            return made

    def _made(self, row: ProviderAccountView, secret: str, force: Force, asked_at: float) -> _Known:
        transport = Transport(self._policy, self._observe)
        compiled = _compiled(row.config, row.provider)
        limits = limits_of(compiled.config.rate_limit)
        gate = self.gates.gate(row.account_id, row.provider, limits, force)
        made = _Version(row, row.version, compiled, secret, gate, self._clock, self._exchanges)
        return _Known(row, secret, self._build(made, transport), transport, gate, asked_at)

    def close(self) -> None:
        """Write what was noted, and close the connections to every provider."""
        if self._exchanges is not None:
            self._exchanges.flush()
        with self._lock:
            for known in self._known.values():
                known.transport.close()
            self._known.clear()
        self.gates.close()

    def _read(
        self, account_id: int, unit: UnitOfWork | None
    ) -> tuple[ProviderAccountView, str, Force]:
        if unit is None:
            with self._database.transaction() as own:
                return self._read(account_id, own)
        row = next((a for a in registry.accounts(unit) if a.account_id == account_id), None)
        if row is None:
            raise NotFound(f"There is no provider account {account_id}.")
        secret = registry.open_secret(unit, self._box, account_id)
        return row, secret, decision(unit, account_id).force

    def _build(self, made: _Version, transport: Transport) -> Carrier:
        row, draft = made.row, self._draft(made)
        client = made.client(transport)

        @asynccontextmanager
        async def open_reader() -> AsyncIterator[AsyncProviderClient]:
            async with aclosing(ReadTransport(self._policy, self._observe)) as reads:
                reader = made.reader(reads)
                yield SplitReader(reader, draft.reader(reads), takes) if draft else reader

        def takes(variables: Mapping[str, str]) -> bool:
            return canary.takes(row.draft_percent, variables, random.random)

        if draft is not None:
            client = SplitClient(client, draft.client(transport), takes)
        return Carrier(_terms(row, made.compiled), client, open_reader)

    def _draft(self, made: _Version) -> _Version | None:
        """The draft that has a share of the calls; a faulty one must not stop the others."""
        row = made.row
        if row.draft is None:
            return None
        try:
            compiled = _compiled(row.draft, row.provider)
        except ConfigError:
            log.exception("the draft of %s cannot serve its share", row.provider)
            return None
        # The key stays with the host it was given for, whatever a draft says.
        at_home = host_of(row.base_url, row.draft) == row.secret_host
        secret = made.secret if at_home else ""
        return replace(made, number=row.draft_version, compiled=compiled, secret=secret)


def _compiled(config: dict[str, Any], provider: str) -> CompiledProvider:
    return compile_config(load_config(json.dumps(config), provider))


@dataclass(frozen=True)
class _Version:
    """A version of an account's config, ready to make clients that take notes of it."""

    row: ProviderAccountView
    number: int
    compiled: CompiledProvider
    secret: str
    gate: Gate
    clock: Callable[[], datetime]
    exchanges: ExchangeLog | None

    def client(self, transport: Transport) -> ProviderClient:
        return ProviderClient(
            self.compiled,
            self.secret,
            transport,
            self.row.base_url,
            self.clock,
            noted=self.noted,
            gate=self.gate,
        )

    def reader(self, transport: ReadTransport) -> AsyncProviderClient:
        return AsyncProviderClient(
            self.compiled,
            self.secret,
            transport,
            self.row.base_url,
            self.clock,
            noted=self.noted,
            gate=self.gate,
        )

    def noted(self, exchanged: Exchanged) -> None:
        if self.exchanges is None:
            return
        self.exchanges.take(
            Note(
                self.row.provider_id,
                self.number,
                self.compiled,
                self.row.base_url,
                exchanged,
                self.clock(),
                counted=self.row.draft_percent > 0,
            )
        )


def _terms(row: ProviderAccountView, compiled: CompiledProvider) -> Terms:
    declared = compiled.config.lifetimes
    return Terms(
        account_id=row.account_id,
        provider=row.provider,
        currency=row.currency,
        activation_seconds=row.activation_seconds or declared.activation_seconds,
        cancel_lock_seconds=(
            declared.cancel_lock_seconds
            if row.cancel_lock_seconds is None
            else row.cancel_lock_seconds
        ),
        settle_seconds=row.settle_seconds,
        poll_seconds=row.poll_seconds or declared.poll_seconds,
        exclusive=row.exclusive,
        spend_seconds=compiled.config.deadlines.spend_seconds,
        reads_per_second=_status_calls(compiled),
        at_once=compiled.config.rate_limit.concurrency,
    )


def _status_calls(compiled: CompiledProvider) -> float:
    """Calls a second for the status of numbers: what the config's limits leave to reads."""
    listing = listing_of(compiled)
    asked = compiled.operations.get("status" if listing is None else listing.operation)
    own = [route.rate_limit for route in asked.routes if route.rate_limit] if asked else []
    limits = [compiled.config.rate_limit, *own]
    most = min(limit.requests / limit.per_seconds for limit in limits)
    return most * (1 - LimiterRules().kept_back)
