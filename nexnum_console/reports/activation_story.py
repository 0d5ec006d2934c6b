"""One activation told whole: what happened, each try, the choice, money, messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import NotFound
from nexnum_console.reports.figures import Step
from nexnum_console.reports.routing import ChoiceLine, choice_story
from nexnum_console.reports.store import LINE_TITLES, chip_of
from nexnum_console.reports.words import count, flag, initials, millis, money, tile

_STEPS: Final = {
    "ordered": ("cart", "info", "Order accepted", "The money was held before anything was sent."),
    "asked": ("plug", "todo", "Attempt {attempt}: {provider} asked", ""),
    "acquired": ("check", "ok", "Number bought from {provider}", "The hold became a charge."),
    "declined": ("x", "warn", "Attempt {attempt} declined", "{code}. Nothing was bought there."),
    "unknown": (
        "clock",
        "info",
        "Attempt {attempt}: the answer is unknown",
        "{code}. The number may have been sold, so nothing was returned or tried elsewhere.",
    ),
    "not_sold": (
        "check",
        "info",
        "The carrier's listing shows no such number",
        "{listings} listings looked at; nothing was bought.",
    ),
    "no_number": (
        "undo",
        "warn",
        "The number of the carrier's order {order} never came",
        "The hold was released and the order is cancelled there.",
    ),
    "unlisted": (
        "alert",
        "warn",
        "{provider} has no list that could tell",
        "The money stays held until a person has looked at its site.",
    ),
    "sms": ("message", "live", "SMS arrived", "{count} new."),
    "late_sms": ("message", "warn", "A late SMS", "The activation was over; the refund stands."),
    "cancel_asked": ("undo", "info", "The buyer asked to cancel", ""),
    "report_asked": ("alert", "info", "The buyer reported the number as used", ""),
    "resend_begun": ("refresh", "todo", "The buyer wants another code", "The carrier is asked."),
    "resend_asked": ("refresh", "info", "Another code was asked for", ""),
    "resend_refused": ("ban", "warn", "Another code was refused", "{code}. Nothing was changed."),
    "resend_unknown": (
        "alert",
        "warn",
        "Nobody knows whether another code was asked for",
        "{code}. Where the order got another id by it, the carrier's listing tells.",
    ),
    "resend_found": (
        "check",
        "ok",
        "The carrier's listing shows the order under another id",
        "From now on it is {order}.",
    ),
    "cancel_refused": ("ban", "warn", "The carrier refused to cancel", "It goes on waiting."),
    "cancel_unknown": ("alert", "warn", "The cancellation was not answered", "{code}"),
    "cancelled": ("undo", "warn", "Cancelled and refunded", ""),
    "expired": ("undo", "warn", "No SMS in time, refunded", ""),
    "finished": ("check", "ok", "Finished", ""),
    "failed": ("x", "danger", "Nothing bought, the hold was released", "{reason}"),
    "provider_refunded": ("undo", "ok", "The carrier gave our money back", ""),
    "provider_kept": ("check", "info", "The carrier kept its price", "A code came, it earned it."),
    "provider_lost": ("alert", "danger", "The carrier kept our money", "Booked as a loss."),
    "cost_above_quote": ("alert", "warn", "The carrier took more than it quoted", ""),
}
_ATTEMPTS: Final = {
    "sent": ("info", "clock", "Asked"),
    "acquired": ("ok", "check", "Sold"),
    "declined": ("warn", "x", "Declined"),
    "unknown": ("info", "clock", "Unknown"),
    "released": ("", "undo", "Not sold"),
}
_UPSTREAM: Final = {
    "none": "nothing bought",
    "open": "live at the carrier",
    "closing": "being given back",
    "refunded": "refunded to us",
    "kept": "kept by the carrier",
    "lost": "lost: our user was refunded, we were not",
}
_HOUSE: Final = {
    "gateway": "House · money in through {of}",
    "revenue": "House · sales",
    "cogs": "House · cost of numbers, {of}",
    "float": "Carrier float, {of}",
    "orphan_expense": "House · numbers nobody ordered",
    "refund_loss": "House · refunds not returned to us",
    "adjustment": "House · corrections",
    "promo": "House · promotions",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and a value, which may lead somewhere."""

    label: str
    value: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """One purchase call to one carrier."""

    number: int
    provider: str
    tone: str
    icon: str
    word: str
    why: str
    order: str
    cap: str
    latency: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class LedgerLeg:
    """One entry; the first of a journal carries its title. Debit and credit are labels."""

    title: str
    account: str
    debit: str
    credit: str
    after: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class SmsLine:
    """One message as it came."""

    sender: str
    text: str
    code: str
    late: bool
    at_ms: int


@dataclass(frozen=True, slots=True)
class Story:
    """Everything about one activation. ``balanced`` says that its entries sum to zero."""

    id: int
    title: str
    initials: str
    tile: int
    what: str
    flag: str
    chip: str
    chip_icon: str
    chip_word: str
    facts: tuple[Fact, ...]
    record: tuple[Fact, ...]
    steps: tuple[Step, ...]
    attempts: tuple[AttemptLine, ...]
    legs: tuple[LedgerLeg, ...]
    total: str
    balanced: bool
    messages: tuple[SmsLine, ...]
    choice: str
    considered: tuple[ChoiceLine, ...]


def story(unit: UnitOfWork, activation_id: int) -> Story:
    """The whole story; NotFound."""
    row = unit.first(_ONE, id=activation_id)
    if row is None:
        raise NotFound(f"There is no activation {activation_id}.")
    attempts = unit.all(_TRIES, id=activation_id)
    legs = unit.all(_LEGS, ref=f"activation:{activation_id}")
    tone, icon, word = chip_of(row["state"])
    total = sum(int(leg["amount"]) for leg in legs)
    chosen = choice_story(unit, activation_id, row["currency"])
    moved = sum(int(leg["amount"]) for leg in legs if leg["amount"] > 0)
    return Story(
        id=row["id"],
        title=row["phone"] or f"Activation {row['id']}",
        initials=initials(row["service_name"]),
        tile=tile(row["service_name"]),
        what=f"{row['service_name']} · {row['country_name']} · no. {row['id']}",
        flag=flag(row["country"]),
        chip=tone,
        chip_icon=icon,
        chip_word=word,
        facts=_facts(row),
        record=_record(row),
        steps=tuple(_step(event) for event in unit.all(_EVENTS, id=activation_id)),
        attempts=tuple(_attempt(attempt) for attempt in attempts),
        legs=tuple(_legs(legs)),
        total=money(moved, row["currency"]),
        balanced=total == 0,
        messages=tuple(_sms(one) for one in unit.all(_MESSAGES, id=activation_id)),
        choice=" ".join(filter(None, (chosen.words, _choice(attempts)))),
        considered=chosen.lines,
    )


_ONE: Final = """
select a.*, u.email, w.currency, s.name as service_name, c.name as country_name,
  p.name as provider, p.title as provider_title,
  (select min(received_at) from message where activation_id = a.id) as first_sms
from activation a join app_user u on u.id = a.user_id join wallet w on w.id = a.wallet_id
join service s on s.code = a.service join country c on c.iso2 = a.country
left join provider_account pa on pa.id = a.account_id
left join provider p on p.id = pa.provider_id
where a.id = :id
"""
_TRIES: Final = """
select t.*, p.title as provider, p.currency
from attempt t join provider_account pa on pa.id = t.account_id
join provider p on p.id = pa.provider_id
where t.activation_id = :id order by t.number
"""
_EVENTS: Final = (
    "select kind, detail, at from activation_event where activation_id = :id order by id"
)
_LEGS: Final = """
select j.id as journal, j.kind, j.currency, j.occurred_at, e.amount, e.after, ac.code
from journal j join entry e on e.journal_id = j.id join account ac on ac.id = e.account_id
where j.ref = :ref order by j.id, e.id
"""
_MESSAGES: Final = (
    "select sender, text, code, late, received_at from message where activation_id = :id"
    " order by id"
)


def _facts(row: Any) -> tuple[Fact, ...]:
    currency = row["currency"]
    charged = "nothing yet" if row["charged"] is None else money(row["charged"], currency)
    wait = "–"
    if row["first_sms"] is not None and row["acquired_at"] is not None:
        wait = f"{(row['first_sms'] - row['acquired_at']).total_seconds():.0f} s"
    provider = row["provider_title"]
    return (
        Fact("Buyer", row["email"], f"/console/users/{row['user_id']}"),
        Fact(
            "Provider",
            f"{provider} · order {row['upstream_id']}" if provider else "none",
            f"/console/providers/{row['provider']}" if provider else "",
        ),
        Fact("Charged", f"{charged} (at most {money(row['price_cap'], currency)})"),
        Fact("Margin", _margin(row)),
        Fact("Time to code", wait),
    )


def _margin(row: Any) -> str:
    if row["charged"] is None or row["cost_micro"] is None or row["cost_rate"] is None:
        return "–"
    if row["state"] in {"cancelled", "expired"}:
        return "none, refunded"
    cost = int(row["cost_micro"] * row["cost_rate"])
    kept = row["charged"] - cost
    share = f" · {100 * kept / row['charged']:.1f} %" if row["charged"] else ""
    return f"{money(kept, row['currency'])}{share}"


def _record(row: Any) -> tuple[Fact, ...]:
    cost = "–"
    if row["cost_micro"] is not None:
        cost = money(row["cost_micro"], row["cost_currency"])
    return (
        Fact("Operator asked for", row["operator"]),
        Fact("Carrier's price", cost),
        Fact("At the carrier", _UPSTREAM[row["upstream"]]),
        Fact("SMS", count(row["sms_count"])),
        Fact("Failed status checks", count(row["status_failures"])),
        Fact("Reason", (row["reason"] or "–").replace("_", " ")),
        Fact("Request", row["request_id"] or "–"),
    )


def _step(event: Any) -> Step:
    icon, tone, title, detail = _STEPS.get(
        event["kind"], ("info", "info", event["kind"].replace("_", " ").capitalize(), "")
    )
    given = {key: str(value).replace("_", " ") for key, value in (event["detail"] or {}).items()}
    return Step(icon, tone, _fill(title, given), _fill(detail, given), millis(event["at"]))


def _fill(text: str, given: dict[str, str]) -> str:
    for key, value in given.items():
        text = text.replace("{" + key + "}", value)
    # What an older event does not tell stays out, rather than showing a brace.
    return text if "{" not in text else text.partition("{")[0].strip(" :.")


def _attempt(row: Any) -> AttemptLine:
    tone, icon, word = _ATTEMPTS[row["state"]]
    why = (row["error_code"] or "").replace("_", " ")
    return AttemptLine(
        number=row["number"],
        provider=row["provider"],
        tone=tone,
        icon=icon,
        word=word,
        why=why,
        order=row["provider_order_id"] or "",
        cap=money(row["max_cost"], row["currency"]),
        latency="–" if row["latency_ms"] is None else f"{count(row['latency_ms'])} ms",
        at_ms=millis(row["sent_at"]),
    )


def _legs(rows: list[Any]) -> list[LedgerLeg]:
    told: list[LedgerLeg] = []
    journal = 0
    for row in rows:
        amount, currency = int(row["amount"]), row["currency"]
        title = ""
        if row["journal"] != journal:
            journal = row["journal"]
            kind = LINE_TITLES.get(row["kind"], row["kind"].replace("_", " ").capitalize())
            title = f"{kind} · journal {journal}"
        told.append(
            LedgerLeg(
                title=title,
                account=_account(row["code"]),
                debit=money(-amount, currency) if amount < 0 else "",
                credit=money(amount, currency) if amount > 0 else "",
                after="" if row["after"] is None else money(row["after"], currency),
                at_ms=millis(row["occurred_at"]),
            )
        )
    return told


def _account(code: str) -> str:
    kind, _, rest = code.partition(":")
    if kind == "wallet":
        return f"Buyer · {'held' if rest.endswith('reserved') else 'available'}"
    return _HOUSE.get(kind, code).replace("{of}", rest or "all")


def _sms(row: Any) -> SmsLine:
    return SmsLine(
        row["sender"] or "unknown sender",
        row["text"],
        row["code"] or "",
        row["late"],
        millis(row["received_at"]),
    )


def _choice(attempts: list[Any]) -> str:
    if not attempts:
        return "No carrier was asked: nothing was for sale within the price cap."
    text = f"{len(attempts)} carrier{' was' if len(attempts) == 1 else 's were'} asked."
    winner = next((one for one in attempts if one["state"] == "acquired"), None)
    if winner is None:
        return f"{text} None of them sold a number."
    if winner["number"] == 1:
        return f"{text} {winner['provider']} was first in the plan and sold the number."
    before = ", ".join(
        f"{one['provider']} ({(one['error_code'] or one['state']).replace('_', ' ')})"
        for one in attempts
        if one["number"] < winner["number"]
    )
    return f"{text} Before {winner['provider']} came {before}."
