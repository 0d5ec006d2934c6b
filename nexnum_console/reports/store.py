"""What a buyer's page shows: wallet, live numbers, what is for sale. Reads only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.phones import calling_code, international, national
from nexnum_console.reports.misuse import RULES
from nexnum_console.reports.words import flag, initials, millis, money, signed_money, tile

LINES: Final = 8
# A number that ended stays on the page for a while, so that its end is seen.
ENDED_SHOWN: Final = timedelta(minutes=10)
MOST_NUMBERS: Final = 24

LINE_WORDS: Final = {
    "deposit": ("plus", "ok", "Deposit", "Added through the {reason} gateway"),
    "hold": ("lock", "low", "Hold", "Set aside for {order}"),
    "commit": ("cart", "mid", "Charge", "{charge} of the hold, for {order}"),
    "release": ("undo", "ok", "Hold released", "Nothing was bought for {order}"),
    "refund": ("undo", "ok", "Refund", "No code came for {order}"),
    "adjustment": ("wallet", "mid", "Correction", "By the operator: {reason}"),
    "coupon": ("plus", "ok", "Coupon", "A gift of the house"),
    "penalty": ("alert", "warn", "Penalty", "{reason}"),
    "penalty_reversal": ("undo", "ok", "Penalty reversed", "{reason}"),
    "deposit_refund": ("undo", "mid", "Deposit paid back", "By the operator: {reason}"),
    "deposit_refund_undone": ("undo", "ok", "Paying back failed", "{reason}"),
    "suspense_release": ("plus", "ok", "Payment assigned", "By the operator: {reason}"),
}

# What the house books with its carriers; no buyer's wallet has such a line.
HOUSE_WORDS: Final = {
    "provider_refund": ("undo", "mid", "Carrier refund", "The carrier gave our cost back"),
    "provider_loss": ("alert", "warn", "Carrier kept our cost", "For {order}"),
    "orphan_cost": ("alert", "warn", "Orphan's cost", "A number that no order wanted"),
    "suspense": ("alert", "warn", "Payment in suspense", "{reason}"),
    "suspense_exchange": ("wallet", "mid", "Exchange", "{reason}"),
    "suspense_return": ("undo", "mid", "Payment returned", "{reason}"),
    "suspense_return_undone": ("undo", "warn", "Returned payment came back", "{reason}"),
    "dispute": ("alert", "warn", "Deposit disputed", "The gateway took it back"),
    "payout": ("wallet", "mid", "Payout", "From a gateway to the bank: {reason}"),
    "top_up": ("wallet", "mid", "Provider paid", "From the bank to a provider: {reason}"),
    "dispute_won": ("undo", "ok", "Dispute won", "The gateway gave it back"),
}

LINE_TITLES: Final = {kind: words[2] for kind, words in (LINE_WORDS | HOUSE_WORDS).items()}

_STATES: Final = {
    "buying": ("info", "clock", "Buying", "{amount} is held while the carrier is asked."),
    "confirming": (
        "info",
        "clock",
        "Confirming with the carrier",
        "The carrier's answer was lost. {amount} stays held until it is known whether there is a"
        " number; then you have it, or your money back.",
    ),
    "waiting": (
        "live",
        "",
        "Waiting for SMS",
        "Close this page or change device if you like: the number stays yours. If no code comes"
        " in time, {amount} returns by itself.",
    ),
    "cancelling": (
        "warn",
        "clock",
        "Cancelling",
        "The carrier is asked; {amount} returns on its word.",
    ),
    "received": ("ok", "check", "Code received", "Another SMS to this number appears here too."),
    "finished": ("ok", "check", "Finished", "The code came; the number is closed."),
    "failed": ("", "x", "Nothing bought", "No carrier had a number. {amount} is back."),
    "expired": ("", "undo", "Refunded", "No SMS came in time. {amount} is back in your wallet."),
    "cancelled": ("", "undo", "Refunded", "Cancelled. {amount} is back in your wallet."),
}


def order_of(ref: str) -> str:
    """SQL that joins the activation which a ``ref`` names, as ``a``: by its number, since no index
    serves a text made of every number there is."""
    return (
        "left join activation a on a.id ="
        f" cast(substring({ref} from '^activation.([0-9]{{1,18}})$') as bigint)"
    )


_LINES: Final = f"""
select j.*, s.name as service, c.name as country,
  coalesce(sum(e.amount) filter (where split_part(ac.code, chr(58), 3) = 'available'), 0)
    as available,
  coalesce(sum(e.amount) filter (where split_part(ac.code, chr(58), 3) = 'reserved'), 0)
    as reserved
from (
  select j.id, j.kind, j.reason, j.ref, j.occurred_at, j.currency
  from journal j join wallet w on w.id = j.wallet_id
  where w.user_id = :user_id order by j.wallet_seq desc limit :limit) j
join entry e on e.journal_id = j.id join account ac on ac.id = e.account_id
{order_of("j.ref")}
left join service s on s.code = a.service left join country c on c.iso2 = a.country
group by j.id, j.kind, j.reason, j.ref, j.occurred_at, j.currency, s.name, c.name
order by j.id desc
"""  # noqa: S608  composed of constants


@dataclass(frozen=True, slots=True)
class WalletView:
    """Labels for people, micro-units for sums."""

    available: int
    available_label: str
    held_label: str
    waiting_label: str
    waiting_count: int
    currency: str


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One journal of the wallet, in words."""

    id: int
    icon: str
    tone: str
    title: str
    detail: str
    amount: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class NumberCard:
    """An activation as its card shows it; moments in milliseconds since 1970, 0 for none."""

    id: int
    state: str
    service: str
    service_name: str
    initials: str
    tile: int
    country: str
    country_name: str
    flag: str
    operator: str
    price: str
    phone: str
    phone_pretty: str
    phone_bare: str
    dial: str
    national: str
    code: str
    sms_text: str
    sms_sender: str
    sms_ms: int
    sms_after: str
    created_ms: int
    acquired_ms: int
    expires_ms: int
    cancel_ms: int
    chip: str
    chip_icon: str
    chip_word: str
    story: str
    another: bool


def wallet(unit: UnitOfWork, user_id: int) -> WalletView | None:
    """The user's wallet; None where there is none."""
    row = unit.first(
        "select w.available, w.reserved, w.currency,"
        " coalesce(sum(a.charged), 0) as waiting, count(a.id) as waiting_count"
        " from wallet w left join activation a on a.user_id = w.user_id"
        " and a.state in ('waiting','cancelling') where w.user_id = :user_id group by w.id",
        user_id=user_id,
    )
    if row is None:
        return None
    currency = row["currency"]
    return WalletView(
        available=row["available"],
        available_label=money(row["available"], currency),
        held_label=money(row["reserved"], currency),
        waiting_label=money(int(row["waiting"]), currency),
        waiting_count=row["waiting_count"],
        currency=currency,
    )


def ledger_lines(unit: UnitOfWork, user_id: int) -> list[LedgerLine]:
    """The newest journals of the user's wallet; amounts are what the balance felt."""
    rows = unit.all(_LINES, user_id=user_id, limit=LINES)
    return [line_of(row) for row in rows]


def numbers(
    unit: UnitOfWork,
    user_id: int,
    now: datetime,
    takes_another: Callable[[int | None], bool] = bool,
) -> list[NumberCard]:
    """The user's live activations and those that ended a moment ago, newest first.

    ``takes_another`` tells of a provider account whether it can be asked for one more SMS.
    """
    rows = unit.all(
        "select a.*, w.currency, s.name as service_name, c.name as country_name,"
        " c.dial as country_dial, m.code as sms_code, m.text as sms_text, m.sender as sms_sender,"
        " m.received_at as sms_at"
        " from activation a join wallet w on w.id = a.wallet_id"
        " join service s on s.code = a.service join country c on c.iso2 = a.country"
        " left join lateral (select * from message where activation_id = a.id"
        " order by id desc limit 1) m on true"
        " where a.user_id = :user_id and (a.closed_at is null or a.closed_at > :since)"
        " order by a.closed_at is null desc, a.id desc limit :limit",
        user_id=user_id,
        since=now - ENDED_SHOWN,
        limit=MOST_NUMBERS,
    )
    return [_card(row, takes_another(row["account_id"])) for row in rows]


def line_of(row: Any) -> LedgerLine:
    """A journal in words; ``row`` has its kind, what it moved and what it was for."""
    known = LINE_WORDS | HOUSE_WORDS
    icon, tone, title, detail = known.get(row["kind"], ("info", "mid", row["kind"], ""))
    order = " · ".join(part for part in (row["service"], row["country"]) if part) or "an order"
    currency = row["currency"]
    charge = money(-int(row["reserved"]) - int(row["available"]), currency)
    return LedgerLine(
        id=row["id"],
        icon=icon,
        tone=tone,
        title=title,
        detail=detail.format(order=order, charge=charge, reason=_why(row)),
        amount=signed_money(int(row["available"]), currency),
        at_ms=millis(row["occurred_at"]),
    )


def _why(row: Any) -> str:
    reason = row["reason"] or "manual"
    return RULES.get(reason, reason) if row["kind"] == "penalty" else reason


def _card(row: Any, another: bool) -> NumberCard:
    chip, chip_icon, chip_word, story = _status(row)
    price = row["price_cap"] if row["charged"] is None else row["charged"]
    phone, dial = row["phone"] or "", calling_code(row["phone"] or "")
    return NumberCard(
        id=row["id"],
        state=row["state"],
        service=row["service"],
        service_name=row["service_name"],
        initials=initials(row["service_name"]),
        tile=tile(row["service_name"]),
        country=row["country"],
        country_name=row["country_name"],
        flag=flag(row["country"]),
        operator="" if row["operator"] == "any" else row["operator"],
        price=money(price, row["currency"]),
        phone=phone,
        phone_pretty=international(phone),
        phone_bare=phone.removeprefix(dial or "+"),
        dial=dial,
        national=national(phone),
        code=row["sms_code"] or row["code"] or "",
        sms_text=row["sms_text"] or "",
        sms_sender=row["sms_sender"] or row["service_name"],
        sms_ms=millis(row["sms_at"]),
        sms_after=_after(row["acquired_at"], row["sms_at"]),
        created_ms=millis(row["created_at"]),
        acquired_ms=millis(row["acquired_at"]),
        expires_ms=millis(row["expires_at"]),
        cancel_ms=millis(row["cancel_from"]),
        chip=chip,
        chip_icon=chip_icon,
        chip_word=chip_word,
        story=story,
        another=another and row["state"] == "received",
    )


def chip_of(state: str) -> tuple[str, str, str]:
    """(tone, icon, word) of an activation's state."""
    tone, icon, word, _story = _STATES[state]
    return tone, icon, word


def state_word(state: str) -> str:
    """The state where its reason must be told apart: as a filter's choice."""
    apart = {"cancelled": "Cancelled, refunded", "expired": "No SMS, refunded"}
    return apart.get(state, chip_of(state)[2])


def _status(row: Any) -> tuple[str, str, str, str]:
    """(chip kind, icon, word, what it means for the money)."""
    amount = money(row["price_cap"] if row["charged"] is None else row["charged"], row["currency"])
    kind, icon, word, story = _STATES[row["state"]]
    return kind, icon, word, story.format(amount=amount)


def _after(start: datetime | None, end: datetime | None) -> str:
    if start is None or end is None:
        return ""
    seconds = max(0, round((end - start).total_seconds()))
    return f"after {seconds} s" if seconds < 120 else f"after {seconds // 60} min"
