"""What happened last: orders and codes, money that came in, catalogues that were read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports.words import count, millis, money

MOST: Final = 12
SYNC_KIND: Final = "catalogue.sync"

_EVENTS: Final = {
    "ordered": ("cart", "mid", "Number ordered"),
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
    "report_asked": ("alert", "low", "Number reported as used"),
    "resend_asked": ("refresh", "low", "Another code asked for"),
    "resend_refused": ("ban", "low", "Another code refused"),
    "resend_unknown": ("alert", "warn", "Another code not answered"),
    "cancel_refused": ("ban", "low", "Cancellation refused"),
    "cancel_unknown": ("alert", "warn", "Cancellation not answered"),
}
_MONEY: Final = {
    "deposit": ("wallet", "ok", "Deposit booked"),
    "adjustment": ("wallet", "warn", "Balance adjusted"),
    "penalty": ("wallet", "warn", "Penalty booked"),
    "coupon": ("wallet", "ok", "Coupon redeemed"),
}


@dataclass(frozen=True, slots=True)
class EventLine:
    """One thing that happened; ``key`` tells it from every other one."""

    key: str
    icon: str
    tone: str
    title: str
    detail: str
    at_ms: int
    href: str = ""


def newest_events(unit: UnitOfWork) -> list[EventLine]:
    """The newest over all users; no phone numbers, no codes and no addresses of people."""
    found: list[tuple[datetime, EventLine]] = []
    found += [(row["at"], _order(row)) for row in unit.all(_ORDERS, limit=MOST)]
    found += [(row["at"], _booked(row)) for row in unit.all(_BOOKED, kinds=[*_MONEY], limit=MOST)]
    found += [(row["at"], _sync(row)) for row in unit.all(_SYNCS, kind=SYNC_KIND, limit=MOST)]
    found.sort(key=lambda one: one[0], reverse=True)
    return [line for _, line in found[:MOST]]


def _order(row: Any) -> EventLine:
    unknown = ("info", "mid", row["kind"].replace("_", " ").capitalize())
    icon, tone, title = _EVENTS.get(row["kind"], unknown)
    return EventLine(
        key=f"order-{row['id']}",
        icon=icon,
        tone=tone,
        title=f"{title}, {row['service']}",
        detail=f"{row['country']} · no. {row['activation_id']}",
        at_ms=millis(row["at"]),
        href=f"/console/activations/{row['activation_id']}",
    )


def _booked(row: Any) -> EventLine:
    icon, tone, title = _MONEY[row["kind"]]
    return EventLine(
        key=f"journal-{row['id']}",
        icon=icon,
        tone=tone,
        title=f"{title}, {money(abs(int(row['amount'])), row['currency'])}",
        detail=f"wallet {row['wallet_id']}",
        at_ms=millis(row["at"]),
    )


def _sync(row: Any) -> EventLine:
    failed = row["state"] == "failed"
    offers = (row["result"] or {}).get("offers")
    known = f"{count(offers)} offers" if isinstance(offers, int) else "done"
    return EventLine(
        key=f"run-{row['id']}",
        icon="alert" if failed else "refresh",
        tone="danger" if failed else "mid",
        title=f"{'Sync failed' if failed else 'Catalogue synced'}, {row['subject']}",
        detail=(row["error"] or "")[:120] if failed else known,
        at_ms=millis(row["at"]),
        href=f"/console/providers/{row['subject']}",
    )


_ORDERS: Final = """
select e.id, e.kind, e.at, e.activation_id, s.name as service, c.name as country
from activation_event e join activation a on a.id = e.activation_id
  join service s on s.code = a.service join country c on c.iso2 = a.country
where e.kind <> 'asked' order by e.id desc limit :limit
"""
# Looks at the newest journals only: a deposit older than all of them is no news.
_BOOKED: Final = """
select j.id, j.kind, j.occurred_at as at, j.currency, j.wallet_id,
  (select sum(e.amount) from entry e where e.journal_id = j.id and e.after is not null) as amount
from (select * from journal order by id desc limit 500) j
where j.kind = any(:kinds) order by j.id desc limit :limit
"""
_SYNCS: Final = """
select id, subject, state, error, result, finished_at as at from job_run
where kind = :kind and finished_at is not null order by id desc limit :limit
"""
