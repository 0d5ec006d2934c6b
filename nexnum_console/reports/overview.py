"""What the console's first page shows: every provider with how it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.money import CENT
from nexnum_console.reports.words import count, initials, millis, money, tile

SYNC_KIND: Final = "catalogue.sync"
_LOW_BALANCE: Final = 10_000_000
_SILENT: Final = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A provider with what is known of it; moments in milliseconds since 1970, 0 for never.

    ``sync_run`` is the number of its newest sync, whatever became of it; 0 before the first.
    """

    name: str
    title: str
    initials: str
    tile: int
    enabled: bool
    balance: str
    balance_low: bool
    offers: str
    success: str
    success_note: str
    synced_ms: int
    syncing: bool
    sync_step: str
    sync_percent: int
    sync_error: str
    chip: str
    chip_icon: str
    chip_word: str
    sync_run: int = 0

    def answers(self, before: int) -> bool:
        """Whether a sync that was asked for after run ``before`` runs, or is over already: a quick
        one is before anybody looks."""
        return self.syncing or self.sync_run != before


def providers(unit: UnitOfWork, now: datetime) -> list[ProviderRow]:
    """Every provider, the enabled ones first."""
    return [_provider(row, now) for row in unit.all(_PROVIDERS, kind=SYNC_KIND)]


_PROVIDERS: Final = """
select p.id, p.name, p.title, p.enabled, p.currency, pa.balance_micro,
  coalesce(o.offers, 0) as offers, coalesce(a.had_time, 0) as had_time,
  coalesce(a.coded, 0) as coded,
  r.id as run, r.state as run_state, r.done, r.total, r.step, r.error, r.beat_at,
  (select max(finished_at) from job_run where kind = :kind and subject = p.name
    and state = 'done') as synced_at
from provider p
left join lateral (select * from provider_account where provider_id = p.id order by id limit 1) pa
  on true
left join lateral (select count(*) as offers from offer where provider_id = p.id and available) o
  on true
left join lateral (
  select count(*) filter (where sms_count > 0 or state = 'expired') as had_time,
    count(*) filter (where sms_count > 0) as coded
  from activation where account_id = pa.id and acquired_at > now() - interval '24 hours') a on true
left join lateral (
  select * from job_run where kind = :kind and subject = p.name order by id desc limit 1) r on true
order by p.enabled desc, p.priority, p.name
"""


def _provider(row: Any, now: datetime) -> ProviderRow:
    syncing = row["run_state"] == "running" and row["beat_at"] > now - _SILENT
    failed = row["run_state"] == "failed"
    balance = row["balance_micro"]
    low = balance is not None and balance < _LOW_BALANCE
    chip, icon, word = _health(row["enabled"], syncing, failed, low)
    asked = row["had_time"]
    return ProviderRow(
        name=row["name"],
        title=row["title"],
        initials=initials(row["title"]),
        tile=tile(row["name"]),
        enabled=row["enabled"],
        balance="unknown" if balance is None else money(balance - balance % CENT, row["currency"]),
        balance_low=low,
        offers=count(row["offers"]),
        success=f"{100 * row['coded'] / asked:.1f} %" if asked else "–",
        success_note=f"n = {count(asked)}, 24 h",
        synced_ms=millis(row["synced_at"]),
        syncing=syncing,
        sync_step=row["step"] or "starting" if syncing else "",
        sync_percent=100 * row["done"] // row["total"] if syncing and row["total"] else 0,
        sync_error=(row["error"] or "")[:160] if failed else "",
        chip=chip,
        chip_icon=icon,
        chip_word=word,
        sync_run=row["run"] or 0,
    )


def _health(enabled: bool, syncing: bool, failed: bool, low: bool) -> tuple[str, str, str]:
    if not enabled:
        return "", "ban", "Off"
    if syncing:
        return "info", "refresh", "Syncing"
    if failed:
        return "danger", "alert", "Sync failed"
    if low:
        return "warn", "wallet", "Low balance"
    return "ok", "check", "Ready"
