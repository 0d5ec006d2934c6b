"""The simulated carriers as the sandbox page shows them, from what their control API tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.money import to_micro
from nexnum_console.reports.words import count, initials, money, tile

MOST_ORDERS: Final = 50
FAULT_TITLES: Final = {
    "refuse": "Connection refused",
    "rate429": "Too many requests (429)",
    "timeout_before": "Silence, nothing sold",
    "error500_before": "HTTP 500, nothing sold",
    "timeout_after": "Silence, number sold",
    "error500_after": "HTTP 500, number sold",
    "html": "HTML page for an answer",
    "truncated": "Half an answer",
    "slow_drip": "Byte by byte",
    "price_jump": "Price jumps by half",
    "no_stock": "Out of stock",
    "no_balance": "Our account is empty",
    "late_sms": "SMS around expiry",
    "double_sms": "Two SMS at once",
    "early_cancel_denied": "Cancel always too early",
}
PROFILE_WORDS: Final = {
    "real": "Real: 20 min numbers",
    "demo": "Demo: 3 min numbers",
    "fast": "Fast: 15 s numbers",
}
_STATES: Final = {
    "waiting": ("live", "", "Waiting for SMS"),
    "received": ("ok", "check", "SMS delivered"),
    "retry": ("live", "", "Waiting for another"),
}


@dataclass(frozen=True, slots=True)
class FaultLine:
    """A fault that is set; ``detail`` says on how much and on what."""

    name: str
    title: str
    detail: str
    struck: str


@dataclass(frozen=True, slots=True)
class CarrierCard:
    """A simulated carrier."""

    name: str
    letters: str
    tile: int
    balance: str
    active: str
    orders: str
    offers: str
    habits: str
    faults: list[FaultLine] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """A number that runs at a carrier; ``ours`` is our activation's number, 0 for none."""

    id: str
    carrier: str
    ours: int
    href: str
    phone: str
    bought: str
    since_ms: int
    ends_ms: int
    tone: str
    icon: str
    word: str
    codes: str


@dataclass(frozen=True, slots=True)
class SandboxView:
    """The world: how fast it turns, its carriers, and what runs there, newest first."""

    profile: str = ""
    seed: str = ""
    carriers: list[CarrierCard] = field(default_factory=list)
    orders: list[OpenOrder] = field(default_factory=list)
    orders_label: str = ""


def ours(unit: UnitOfWork, upstream_ids: list[str]) -> dict[tuple[str, str], int]:
    """Our activations by (provider, the provider's id)."""
    rows = unit.all(
        "select p.name as provider, a.upstream_id, a.id from activation a"
        " join provider_account pa on pa.id = a.account_id join provider p on p.id = pa.provider_id"
        " where a.upstream_id = any(:ids)",
        ids=upstream_ids,
    )
    return {(row["provider"], row["upstream_id"]): row["id"] for row in rows}


def newest(orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The orders the page has room for."""
    return sorted(orders, key=lambda order: order["created_at"], reverse=True)[:MOST_ORDERS]


def sandbox_view(
    world: Mapping[str, Any],
    open_orders: list[dict[str, Any]],
    known: Mapping[tuple[str, str], int],
) -> SandboxView:
    """``world`` and ``open_orders`` as the control API tells them."""
    shown = newest(open_orders)
    more = len(open_orders) - len(shown)
    return SandboxView(
        profile=world["profile"],
        seed=str(world["seed"]),
        carriers=[_carrier(row) for row in world["carriers"]],
        orders=[_order(row, known.get((row["carrier"], row["id"]), 0)) for row in shown],
        orders_label=f"{count(len(open_orders))} running"
        + (f", {more} older left out" * (more > 0)),
    )


def _carrier(row: Mapping[str, Any]) -> CarrierCard:
    profile = row["profile"]
    never = f"{min(1.0, profile['never_share']):.0%} never get one"
    return CarrierCard(
        name=row["name"],
        letters=initials(row["name"]),
        tile=tile(row["name"]),
        balance=money(to_micro(row["balance"]), row["currency"]),
        active=count(row["active"]),
        orders=count(row["orders"]),
        offers=count(row["offers"]),
        habits=f"SMS after {profile['sms_median_seconds']:g} s (median), {never};"
        f" answers in {profile['answer_seconds'] * 1000:.0f} ms",
        faults=[_fault(name, one, row["struck"]) for name, one in row["faults"].items()],
    )


def _fault(name: str, setting: Mapping[str, Any], struck: Mapping[str, int]) -> FaultLine:
    return FaultLine(
        name=name,
        title=FAULT_TITLES.get(name, name),
        detail=f"{setting['rate']:.0%} of {', '.join(setting['operations'])}",
        struck=f"struck {count(struck.get(name, 0))} times",
    )


def _order(row: Mapping[str, Any], activation: int) -> OpenOrder:
    tone, icon, word = _STATES.get(row["state"], ("info", "clock", row["state"]))
    return OpenOrder(
        id=row["id"],
        carrier=row["carrier"],
        ours=activation,
        href=f"/console/activations/{activation}" if activation else "",
        phone=row["phone"],
        bought=f"{row['service']} · {row['country']}",
        since_ms=int(row["created_at"] * 1000),
        ends_ms=int(row["expires_at"] * 1000),
        tone=tone,
        icon=icon,
        word=word,
        codes=", ".join(sms["code"] for sms in row["sms"] if sms["code"]),
    )
