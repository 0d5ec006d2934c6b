"""What the console's first page shows: today's figures, providers, events, queues. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.money import CENT
from nexnum_console.reports.words import count, initials, millis, money, tile

EVENTS: Final = 12
SYNC_KIND: Final = "catalogue.sync"
_LOW_BALANCE: Final = 10_000_000
_SILENT: Final = timedelta(minutes=3)

_EVENT_WORDS: Final = {
    "ordered": ("cart", "mid", "Number ordered"),
    "asked": ("server", "low", "Carrier asked"),
    "acquired": ("check", "ok", "Number sold"),
    "declined": ("x", "warn", "Carrier declined"),
    "unknown": ("alert", "warn", "Answer unknown, money held"),
    "sms": ("message", "ok", "Code delivered"),
    "late_sms": ("message", "warn", "Late SMS, refund stands"),
    "cancelled": ("undo", "warn", "Cancelled, refunded"),
    "expired": ("undo", "warn", "No SMS, refunded"),
    "finished": ("check", "mid", "Activation finished"),
    "failed": ("x", "danger", "Nothing bought, hold released"),
    "cancel_asked": ("undo", "low", "Cancellation asked"),
    "cancel_refused": ("ban", "low", "Cancellation refused"),
    "cancel_unknown": ("alert", "warn", "Cancellation not answered"),
}


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure of the row; ``live`` marks the one that is about now."""

    key: str
    label: str
    value: str
    note: str
    live: bool = False


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A provider with what is known of it; moments in milliseconds since 1970, 0 for never."""

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


@dataclass(frozen=True, slots=True)
class EventLine:
    """One thing that happened to an activation."""

    id: int
    icon: str
    tone: str
    title: str
    detail: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """Work that waits in the database."""

    label: str
    value: str
    tone: str


def kpis(unit: UnitOfWork, now: datetime, currency: str) -> list[Kpi]:
    """Figures of now and of the day so far (UTC)."""
    row = unit.first(_FIGURES, today=now.astimezone(UTC).replace(hour=0, minute=0, second=0))
    assert row is not None, "a select without from has one row"
    asked, coded = row["had_time"], row["coded"]
    share = f"{100 * coded / asked:.1f} %" if asked else "–"
    return [
        Kpi(
            "active",
            "Active numbers",
            count(row["active"]),
            f"{row['with_code']} with a code",
            True,
        ),
        Kpi("sold", "Sold today", count(row["sold"]), "numbers acquired"),
        Kpi("revenue", "Revenue today", money(int(row["revenue"]), currency), "after refunds"),
        Kpi(
            "refunded",
            "Refunded today",
            money(int(row["refunded"]), currency),
            "no SMS, or cancelled",
        ),
        Kpi("codes", "Codes delivered", share, f"{count(coded)} of {count(asked)} that had time"),
        Kpi(
            "held",
            "Held, not known",
            money(int(row["held"]), currency),
            f"{row['confirming']} being confirmed",
        ),
    ]


def providers(unit: UnitOfWork, now: datetime) -> list[ProviderRow]:
    """Every provider, the enabled ones first."""
    return [_provider(row, now) for row in unit.all(_PROVIDERS, kind=SYNC_KIND)]


def newest_events(unit: UnitOfWork) -> list[EventLine]:
    """What happened last, over all users; no phone numbers and no codes."""
    rows = unit.all(
        "select e.id, e.kind, e.at, e.activation_id, s.name as service, c.name as country"
        " from activation_event e join activation a on a.id = e.activation_id"
        " join service s on s.code = a.service join country c on c.iso2 = a.country"
        " where e.kind <> 'asked' order by e.id desc limit :limit",
        limit=EVENTS,
    )
    return [_event(row) for row in rows]


def backlog(unit: UnitOfWork, now: datetime) -> list[Backlog]:
    """How far the workers are behind, from the rows that wait for them."""
    row = unit.first(_BACKLOG, now=now)
    assert row is not None, "a select without from has one row"
    overdue = row["overdue"]
    return [
        Backlog("Status checks due", count(row["due"]), "hi"),
        Backlog("Due for more than 15 s", count(overdue), "warn" if overdue else "ok"),
        Backlog("Numbers being given back", count(row["closing"]), "hi"),
        Backlog("Orphans to settle", count(row["orphans"]), "warn" if row["orphans"] else "ok"),
        Backlog("Open holds", count(row["holds"]), "hi"),
    ]


_FIGURES: Final = """
select
  (select count(*) from activation where state in ('waiting','received','cancelling')) as active,
  (select count(*) from activation where state = 'received') as with_code,
  (select count(*) from activation where acquired_at >= :today) as sold,
  (select coalesce(sum(e.amount), 0) from entry e join account ac on ac.id = e.account_id
     join journal j on j.id = e.journal_id
    where ac.code = 'revenue' and j.occurred_at >= :today) as revenue,
  (select coalesce(-sum(e.amount), 0) from entry e join account ac on ac.id = e.account_id
     join journal j on j.id = e.journal_id
    where ac.code = 'revenue' and j.kind = 'refund' and j.occurred_at >= :today) as refunded,
  (select count(*) from activation where acquired_at >= :today
      and (sms_count > 0 or state = 'expired')) as had_time,
  (select count(*) from activation where acquired_at >= :today and sms_count > 0) as coded,
  (select count(*) from activation where state in ('buying','confirming')) as confirming,
  (select coalesce(sum(price_cap), 0) from activation
    where state in ('buying','confirming')) as held
"""

_PROVIDERS: Final = """
select p.id, p.name, p.title, p.enabled, p.currency, pa.balance_micro,
  coalesce(o.offers, 0) as offers, coalesce(a.had_time, 0) as had_time,
  coalesce(a.coded, 0) as coded,
  r.state as run_state, r.done, r.total, r.step, r.error, r.beat_at,
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

_BACKLOG: Final = """
select
  (select count(*) from activation where state in ('waiting','received','cancelling')
     and next_at <= :now) as due,
  (select count(*) from activation where state in ('waiting','received','cancelling')
     and next_at <= :now - interval '15 seconds') as overdue,
  (select count(*) from activation where upstream = 'closing') as closing,
  (select count(*) from sighting where state = 'orphan') as orphans,
  (select count(*) from hold where state = 'open') as holds
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


def _event(row: Any) -> EventLine:
    known = _EVENT_WORDS.get(
        row["kind"], ("info", "mid", row["kind"].replace("_", " ").capitalize())
    )
    return EventLine(
        id=row["id"],
        icon=known[0],
        tone=known[1],
        title=known[2],
        detail=f"{row['service']} · {row['country']} · no. {row['activation_id']}",
        at_ms=millis(row["at"]),
    )
