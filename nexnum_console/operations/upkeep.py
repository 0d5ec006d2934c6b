"""Keeping what we know of providers fresh: their catalogues and our balances with them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from nexnum_console.activations import inbound
from nexnum_console.catalogue.sync import KIND, sync
from nexnum_console.core import dead_letters
from nexnum_console.core.db import Database
from nexnum_console.core.errors import BusinessError, NotFound
from nexnum_console.core.events import ADMIN_CHANNEL, Events
from nexnum_console.core.money import to_micro_up
from nexnum_console.notifications import mail
from nexnum_console.providers import registry
from nexnum_console.providers.carriers import StoredCarriers
from nexnum_console.providers.errors import ProviderError

log = logging.getLogger(__name__)

SYNC_EVERY = timedelta(minutes=15)
BALANCE_EVERY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What these jobs work with."""

    database: Database
    carriers: StoredCarriers
    events: Events
    clock: Callable[[], datetime]
    wallet_currency: str


def sync_provider(parts: Upkeep, name: str) -> None:
    """Sync one provider's catalogue through its first enabled account.

    Raises the sync's own errors; the job run keeps them for the console.
    """
    account_id = _account_of(parts, name)
    sync(
        parts.database,
        name,
        parts.carriers.get(account_id).client,
        wallet_currency=parts.wallet_currency,
        clock=parts.clock,
        events=parts.events,
    )
    refresh_balance(parts, account_id)


def sync_due(parts: Upkeep) -> None:
    """Sync every enabled provider not synced for SYNC_EVERY, refresh old balances, and forget
    what is old: deliveries of webhooks, delivered messages, texts of letters."""
    now = parts.clock()
    with parts.database.transaction() as unit:
        inbound.forget(unit, now)
        dead_letters.forget(unit, now)
        mail.forget_texts(unit, now)
        accounts = registry.accounts(unit, enabled_only=True)
        fresh = set(
            unit.run(
                "select subject from job_run where kind = :kind and started_at > :since",
                kind=KIND,
                since=now - SYNC_EVERY,
            ).scalars()
        )
        known = set(
            unit.run(
                "select id from provider_account where balance_at > :since",
                since=now - BALANCE_EVERY,
            ).scalars()
        )
    for account in accounts:
        if account.account_id not in known:
            refresh_balance(parts, account.account_id)
    for name in sorted({account.provider for account in accounts} - fresh):
        try:
            sync_provider(parts, name)
        except (BusinessError, ProviderError) as error:
            # One provider's trouble keeps no other from being synced; its job run says why.
            log.warning("sync of %s: %s", name, error)


def refresh_balance(parts: Upkeep, account_id: int) -> None:
    """Ask the provider what it holds for us; an old balance stays where it does not answer."""
    carrier = parts.carriers.get(account_id)
    try:
        balance = carrier.client.balance()
    except ProviderError as error:
        log.warning("balance at %s: %s", carrier.terms.provider, error.code)
        return
    with parts.database.transaction() as unit:
        unit.run(
            "update provider_account set balance_micro = :balance, balance_at = :now"
            " where id = :id",
            id=account_id,
            balance=to_micro_up(balance.amount),
            now=parts.clock(),
        )
        unit.after_commit(lambda: parts.events.publish(ADMIN_CHANNEL, "balance", id=account_id))


def _account_of(parts: Upkeep, name: str) -> int:
    with parts.database.transaction() as unit:
        found = [a for a in registry.accounts(unit, enabled_only=True) if a.provider == name]
    if not found:
        raise NotFound(f"There is no enabled provider {name}.")
    return found[0].account_id
