"""Carriers of the accounts in the database, compiled once and rebuilt when their row changes."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import Database
from nexnum_console.core.egress import EgressPolicy
from nexnum_console.core.errors import NotFound
from nexnum_console.providers import registry
from nexnum_console.providers.carrier import Carrier, Terms
from nexnum_console.providers.client import AsyncProviderClient, ProviderClient
from nexnum_console.providers.compile import CompiledProvider, compile_config
from nexnum_console.providers.forced import decision
from nexnum_console.providers.gate import Gate
from nexnum_console.providers.gates import Gates
from nexnum_console.providers.limiter import limits_of
from nexnum_console.providers.loading import load_config
from nexnum_console.providers.registry import ProviderAccountView
from nexnum_console.providers.script import Force
from nexnum_console.providers.transport import Observer, ReadTransport, Transport

FRESH_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class _Known:
    row: ProviderAccountView
    carrier: Carrier
    transport: Transport
    gate: Gate
    until: float


class StoredCarriers:
    """Finds the carrier of an account. A changed config, key or term is seen within 3 seconds.

    Every call of its clients goes through the account's gate.
    """

    def __init__(
        self,
        database: Database,
        box: SecretBox,
        policy: EgressPolicy,
        observe: Observer,
        clock: Callable[[], datetime],
        gates: Gates,
    ) -> None:
        self.gates = gates
        self._database = database
        self._box = box
        self._policy = policy
        self._observe = observe
        self._clock = clock
        self._known: dict[int, _Known] = {}
        self._lock = threading.Lock()

    def get(self, account_id: int) -> Carrier:
        """The account's carrier, also of a disabled one: open orders run on. NotFound."""
        with self._lock:
            known = self._known.get(account_id)
            if known is not None and known.until > time.monotonic():
                return known.carrier
            row, secret, force = self._read(account_id)
            until = time.monotonic() + FRESH_SECONDS
            if known is not None and known.row == row:
                known = replace(known, until=until)
                known.gate.adopt(known.gate.limits, force)
            else:
                transport = Transport(self._policy, self._observe)
                compiled = compile_config(load_config(json.dumps(row.config), row.provider))
                gate = self.gates.gate(
                    account_id, row.provider, limits_of(compiled.config.rate_limit), force
                )
                carrier = self._build(row, compiled, secret, gate, transport, known)
                known = _Known(row, carrier, transport, gate, until)
            self._known[account_id] = known
            return known.carrier

    def close(self) -> None:
        """Close the connections to every provider."""
        with self._lock:
            for known in self._known.values():
                known.transport.close()
            self._known.clear()
        self.gates.close()

    def _read(self, account_id: int) -> tuple[ProviderAccountView, str, Force]:
        with self._database.transaction() as unit:
            row = next((a for a in registry.accounts(unit) if a.account_id == account_id), None)
            if row is None:
                raise NotFound(f"There is no provider account {account_id}.")
            secret = registry.open_secret(unit, self._box, account_id)
            return row, secret, decision(unit, account_id).force

    def _build(
        self,
        row: ProviderAccountView,
        compiled: CompiledProvider,
        secret: str,
        gate: Gate,
        transport: Transport,
        known: _Known | None,
    ) -> Carrier:
        client = ProviderClient(compiled, secret, transport, row.base_url, self._clock, gate=gate)

        @asynccontextmanager
        async def open_reader() -> AsyncIterator[AsyncProviderClient]:
            async with aclosing(ReadTransport(self._policy, self._observe)) as reads:
                yield AsyncProviderClient(
                    compiled, secret, reads, row.base_url, self._clock, gate=gate
                )

        terms = _terms(row, compiled)
        if known is not None:
            # Spends under way hold the old bulkhead; it stays the account's.
            return Carrier(terms, client, open_reader, known.carrier.spends)
        return Carrier(terms, client, open_reader)


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
    )
