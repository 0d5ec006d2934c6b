"""A provider account ready to use: its clients, its terms, its spend bulkhead."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from math import inf
from threading import BoundedSemaphore

from nexnum_console.providers.client import AsyncProviderClient, ProviderClient

SPENDS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Terms:
    """What an account declares, in seconds: a number's life, its cancel lock, and how long an
    unanswered purchase may still turn up (``settle``). A purchase call ends in ``spend``.

    ``reads_per_second``: status calls that the provider's limits allow; ``at_once`` of them.
    """

    account_id: int
    provider: str
    currency: str
    activation_seconds: int
    cancel_lock_seconds: int
    settle_seconds: int
    poll_seconds: float
    exclusive: bool
    spend_seconds: float = 20.0
    reads_per_second: float = inf
    at_once: int = 20


@dataclass(frozen=True, slots=True)
class Carrier:
    """One account's clients. ``spends`` keeps a slow carrier from eating every thread.

    ``open_reader`` makes the poller's client, whose connections live in one event loop.
    """

    terms: Terms
    client: ProviderClient
    open_reader: Callable[[], AbstractAsyncContextManager[AsyncProviderClient]]
    spends: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(SPENDS_AT_ONCE))
