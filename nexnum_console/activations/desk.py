"""What every use case on activations needs, composed once per process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random, SystemRandom
from threading import BoundedSemaphore
from typing import Any, Final, Protocol

from nexnum_console.catalogue.service import sellers
from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.core.events import ADMIN_CHANNEL, ORDER_TOPIC, Events, user_channel
from nexnum_console.providers.carrier import Carrier
from nexnum_console.routing.choose import Shut


class Carriers(Protocol):
    """Finds the carrier of a provider account; the sandbox's and the real ones look alike."""

    def get(self, account_id: int, unit: UnitOfWork | None = None) -> Carrier:
        """The account's carrier; raises NotFound for an unknown or disabled account.

        Whoever holds a connection gives its ``unit``: what has to be read is read there, for a
        second one may be what everybody waits for.
        """
        ...


def nobody_shut(account_ids: Iterable[int]) -> Mapping[int, str]:
    """Every account may be asked."""
    return {}


RELEASES_AT_ONCE: Final = 8


class Releases:
    """For each account, how many of its numbers' owners may wait for the carrier at once."""

    def __init__(self) -> None:
        self._places: dict[int, BoundedSemaphore] = {}

    def of(self, account_id: int) -> BoundedSemaphore:
        """The account's places."""
        return self._places.setdefault(account_id, BoundedSemaphore(RELEASES_AT_ONCE))


@dataclass(frozen=True, slots=True)
class Desk:
    """Database, carriers, events and clock. ``buy_deadline``: seconds an order may
    take until its first carrier is asked; a dead process's order is released after it.
    ``rng`` is the chance that routing draws with, ``releases`` the bulkhead of what owners ask of
    their numbers."""

    database: Database
    carriers: Carriers
    events: Events
    clock: Callable[[], datetime]
    buy_deadline: float
    wallet_currency: str
    shut: Shut = nobody_shut
    rng: Random = field(default_factory=SystemRandom)
    releases: Releases = field(default_factory=Releases)

    def shut_now(self, unit: UnitOfWork) -> list[int]:
        """Every account that must not be asked to sell now; its prices are no prices."""
        return sorted(self.shut(sellers(unit)))

    def announce(self, unit: UnitOfWork, user_id: int, activation_id: int) -> None:
        """Tell the owner's pages and the console, once the transaction is durable."""
        unit.after_commit(lambda: self._publish(user_id, activation_id))

    def _publish(self, user_id: int, activation_id: int) -> None:
        channels = (user_channel(user_id), ADMIN_CHANNEL)
        self.events.publish(channels, ORDER_TOPIC, id=activation_id)


def note(unit: UnitOfWork, activation_id: int, kind: str, now: datetime, **detail: Any) -> None:
    """Append one line to the activation's timeline; ``detail`` as of ``told``."""
    unit.run(
        "insert into activation_event (activation_id, kind, detail, at)"
        " values (:activation_id, :kind, cast(:detail as jsonb), :now)",
        activation_id=activation_id,
        kind=kind,
        detail=told(**detail),
        now=now,
    )


def told(**detail: Any) -> str:
    """The detail of a line in the timeline; it must be safe to show."""
    return json.dumps(detail, default=str)


def order_ref(activation_id: int) -> str:
    """How the ledger names an activation."""
    return f"activation:{activation_id}"


# The same in SQL, of an activation that is about to be placed.
NEW_ORDER_REF: Final = "'activation:' || nextval(pg_get_serial_sequence('activation', 'id'))"


def activation_of(ref: str) -> int:
    """The activation that ``order_ref`` named."""
    return int(ref.removeprefix("activation:"))
