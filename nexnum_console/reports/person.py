"""One user as staff see them: who, money, orders, ledger, logins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from nexnum_console.accounts import sessions
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import NotFound
from nexnum_console.reports import deeds
from nexnum_console.reports.account import device
from nexnum_console.reports.activation_story import Fact
from nexnum_console.reports.store import LedgerLine, chip_of, ledger_lines
from nexnum_console.reports.words import count, flag, millis, money

ORDERS: Final = 8


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One of the newest orders."""

    id: int
    service: str
    country: str
    flag: str
    chip: str
    chip_icon: str
    chip_word: str
    price: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class SeenLogin:
    """A login that is good now."""

    device: str
    ip: str
    since_ms: int


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One change to this account, by whom and why."""

    title: str
    by: str
    reason: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class PersonView:
    """A user; ``banned`` decides which act is offered. Labels carry their currency."""

    id: int
    email: str
    role: str
    banned: bool
    chip: str
    chip_icon: str
    chip_word: str
    available: str
    currency: str
    since_ms: int
    facts: tuple[Fact, ...]
    orders: tuple[OrderLine, ...]
    lines: tuple[LedgerLine, ...]
    logins: tuple[SeenLogin, ...]
    audit: tuple[AuditLine, ...]


_PERSON: Final = """
select u.id, u.email, u.role, u.status, u.verified_at, u.is_demo, u.created_at, w.currency,
  w.available, w.reserved, o.orders, o.had_time, o.coded, o.cancelled, o.spent
from app_user u join wallet w on w.user_id = u.id
left join lateral (
  select count(*) as orders, count(*) filter (where sms_count > 0) as coded,
    count(*) filter (where sms_count > 0 or state = 'expired') as had_time,
    count(*) filter (where state = 'cancelled') as cancelled,
    coalesce(sum(charged) filter (where state in ('waiting','received','finished')), 0) as spent
  from activation where user_id = u.id) o on true
where u.id = :id
"""
_ORDERS: Final = """
select a.id, a.state, a.country, a.charged, a.price_cap, a.created_at, s.name as service,
  c.name as country_name, w.currency
from activation a join wallet w on w.id = a.wallet_id join service s on s.code = a.service
join country c on c.iso2 = a.country
where a.user_id = :id order by a.id desc limit :limit
"""
_AUDIT: Final = """
select t.action, t.actor, t.reason, t.at, u.email from audit_entry t
left join app_user u on t.actor = 'user:' || u.id
where t.target = 'user:' || cast(:id as text) order by t.id desc limit 20
"""


def person(unit: UnitOfWork, user_id: int, now: datetime) -> PersonView:
    """The user with everything that staff decide by; NotFound."""
    row = unit.first(_PERSON, id=user_id)
    if row is None:
        raise NotFound(f"There is no user {user_id}.")
    tone, icon, word = person_chip(row)
    return PersonView(
        id=row["id"],
        email=row["email"],
        role=row["role"],
        banned=row["status"] == "banned",
        chip=tone,
        chip_icon=icon,
        chip_word=word,
        available=money(row["available"], row["currency"]),
        currency=row["currency"],
        since_ms=millis(row["created_at"]),
        facts=_facts(row),
        orders=tuple(_order(one) for one in unit.all(_ORDERS, id=user_id, limit=ORDERS)),
        lines=tuple(ledger_lines(unit, user_id)),
        logins=tuple(
            SeenLogin(device(one.user_agent), one.ip or "unknown address", millis(one.created_at))
            for one in sessions.open_ones(unit, user_id, now=now)
        ),
        audit=tuple(_audit(one) for one in unit.all(_AUDIT, id=user_id)),
    )


def person_chip(row: Any) -> tuple[str, str, str]:
    """(tone, icon, word) of a user's state, from ``status`` and ``verified_at``."""
    if row["status"] == "banned":
        return "danger", "ban", "Banned"
    if row["verified_at"] is None:
        return "warn", "alert", "Not confirmed"
    return "ok", "check", "Active"


def _facts(row: Any) -> tuple[Fact, ...]:
    share = f"{100 * row['coded'] / row['had_time']:.0f} %" if row["had_time"] else "–"
    return (
        Fact("Available", money(row["available"], row["currency"])),
        Fact("Held", money(row["reserved"], row["currency"])),
        Fact("Spent in all", money(int(row["spent"]), row["currency"])),
        Fact("Orders", count(row["orders"]), f"/console/activations?q={row['email']}"),
        Fact("With a code", f"{share} of {count(row['had_time'])}"),
        Fact("Cancelled", count(row["cancelled"])),
    )


def _order(row: Any) -> OrderLine:
    tone, icon, word = chip_of(row["state"])
    amount = row["price_cap"] if row["charged"] is None else row["charged"]
    return OrderLine(
        id=row["id"],
        service=row["service"],
        country=row["country_name"],
        flag=flag(row["country"]),
        chip=tone,
        chip_icon=icon,
        chip_word=word,
        price=money(amount, row["currency"]),
        at_ms=millis(row["created_at"]),
    )


def _audit(row: Any) -> AuditLine:
    by = row["email"] or row["actor"]
    return AuditLine(deeds.words(row["action"]), by, row["reason"], millis(row["at"]))
