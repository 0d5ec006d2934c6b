"""Reconciliation as a page shows it: providers' words and gateways against our books."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports import reconciliation
from nexnum_console.reports.reconciliation import FloatLine, GatewayLine
from nexnum_console.reports.store import LINE_TITLES
from nexnum_console.reports.words import millis, money, signed_money

_UNCOMPARED: Final = """
select pa.id, p.title, p.name, pa.label, p.currency, pa.balance_micro, pa.balance_at,
  exists (select from float_baseline b where b.account_id = pa.id) as has_baseline
from provider_account pa join provider p on p.id = pa.provider_id
where p.enabled and not (pa.id = any(cast(:compared as bigint[])))
order by p.title, pa.label
"""
_ACCOUNTS: Final = """
select pa.id, p.name, pa.label, p.currency
from provider_account pa join provider p on p.id = pa.provider_id order by p.name, pa.label
"""


@dataclass(frozen=True, slots=True)
class FloatRow:
    """A provider account: what our books lead to, what it says; ``account`` 0 has no act."""

    account: int
    provider: str
    href: str
    start: str
    start_ms: int
    spent: str
    returned: str
    sent: str
    books: str
    says: str
    says_ms: int
    difference: str
    in_flight: str
    tone: str
    icon: str
    word: str


@dataclass(frozen=True, slots=True)
class AccountChoice:
    """A provider account that money may have been sent to, and the currency it counts in."""

    account: str
    words: str


@dataclass(frozen=True, slots=True)
class GatewayRow:
    """A kind of move through a gateway's clearing account."""

    gateway: str
    what: str
    booked: str
    explained: str
    difference: str
    tone: str
    icon: str
    word: str


@dataclass(frozen=True, slots=True)
class Reconciled:
    """``differences`` counts the lines that somebody has to look at."""

    floats: list[FloatRow] = field(default_factory=list)
    gateways: list[GatewayRow] = field(default_factory=list)
    accounts: list[AccountChoice] = field(default_factory=list)
    differences: int = 0


def reconciled(unit: UnitOfWork) -> Reconciled:
    """Both sides now; an account without a starting point is listed as not compared."""
    compared = reconciliation.floats(unit)
    rest = unit.all(_UNCOMPARED, compared=[line.account_id for line in compared])
    clearing = reconciliation.gateways(unit)
    missed = [line for line in compared if not line.explained]
    off = [line for line in clearing if line.difference]
    return Reconciled(
        floats=[*(_float(line) for line in compared), *(_uncompared(row) for row in rest)],
        gateways=[_gateway(line) for line in clearing],
        accounts=[
            AccountChoice(str(row["id"]), f"{row['name']} · {row['label']} ({row['currency']})")
            for row in unit.all(_ACCOUNTS)
        ],
        differences=len(missed) + len(off),
    )


def _float(line: FloatLine) -> FloatRow:
    def native(amount: int) -> str:
        return money(amount, line.currency)

    word = ("ok", "check", "Explained") if line.explained else ("danger", "alert", "Unexplained")
    return FloatRow(
        account=line.account_id,
        provider=f"{line.provider} · {line.label}",
        href=f"/console/providers/{line.provider}",
        start=native(line.baseline),
        start_ms=millis(line.baseline_at),
        spent=native(line.spent),
        returned=native(line.given_back),
        sent=native(line.sent),
        books=native(line.says - line.difference),
        says=native(line.says),
        says_ms=millis(line.says_at),
        difference=signed_money(line.difference, line.currency),
        in_flight=native(line.in_flight),
        tone=word[0],
        icon=word[1],
        word=word[2],
    )


def _uncompared(row: Any) -> FloatRow:
    known = row["balance_micro"] is not None
    word = "Not compared yet" if row["has_baseline"] or not known else "No starting point"
    return FloatRow(
        account=row["id"] if known else 0,
        provider=f"{row['name']} · {row['label']}",
        href=f"/console/providers/{row['name']}",
        start="–",
        start_ms=0,
        spent="–",
        returned="–",
        sent="–",
        books="–",
        says=money(row["balance_micro"], row["currency"]) if known else "says nothing",
        says_ms=millis(row["balance_at"]),
        difference="–",
        in_flight="–",
        tone="info",
        icon="info",
        word=word,
    )


def _gateway(line: GatewayLine) -> GatewayRow:
    word = ("ok", "check", "Explained")
    if line.difference:
        word = ("danger", "alert", "Unexplained")
    return GatewayRow(
        gateway=line.gateway,
        what=LINE_TITLES.get(line.kind, line.kind),
        booked=signed_money(-line.booked, line.currency),
        explained=signed_money(-line.explained, line.currency),
        difference=signed_money(-line.difference, line.currency) if line.difference else "–",
        tone=word[0],
        icon=word[1],
        word=word[2],
    )
