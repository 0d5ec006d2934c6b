"""Penalties: which rule, what was counted, what the user says to it, how it was decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.money import format_micro
from nexnum_console.reports.activation_story import Fact
from nexnum_console.reports.called import by
from nexnum_console.reports.listing import (
    Cell,
    Choice,
    Column,
    Filter,
    Listing,
    Row,
    a_day,
    like,
    whole_number,
)
from nexnum_console.reports.words import millis, money

PATH: Final = "/console/deposits/penalties"
RULES: Final = {
    "cancel_share": "Too many numbers given back",
    "velocity": "Too many given back in an hour",
}
_STATES: Final = {
    "booked": ("info", "check", "Charged"),
    "appealed": ("warn", "message", "Appealed"),
    "upheld": ("ok", "check", "Upheld"),
    "reversed": ("low", "undo", "Reversed"),
}
_FIELDS: Final = "p.*, u.email, u.id as user_id, w.currency"
_SOURCE: Final = (
    "from penalty p join wallet w on w.id = p.wallet_id join app_user u on u.id = w.user_id"
)


@dataclass(frozen=True, slots=True)
class PenaltyRecord:
    """One penalty; ``open`` while it may be upheld or reversed."""

    id: int = 0
    title: str = ""
    tone: str = ""
    icon: str = ""
    word: str = ""
    open: bool = False
    email: str = ""
    amount: str = ""
    appeal: str = ""
    appeal_ms: int = 0
    facts: list[Fact] = field(default_factory=list)


def counted(rule: str, evidence: dict[str, object]) -> str:
    """What was counted, in words: ``18 of 20 numbers given back, 80 % allowed``."""
    if rule == "cancel_share":
        return (
            f"{evidence.get('cancelled')} of {evidence.get('numbers')} numbers given back,"
            f" charged from {evidence.get('percent')} % on"
        )
    if rule == "velocity":
        return (
            f"{evidence.get('in_an_hour')} given back in an hour, {evidence.get('allowed')} allowed"
        )
    return ", ".join(f"{name} {value}" for name, value in evidence.items())


def penalty_record(unit: UnitOfWork, number: int) -> PenaltyRecord | None:
    """The penalty of that number; None where there is none."""
    row = unit.first(f"select {_FIELDS} {_SOURCE} where p.id = :id", id=number)
    if row is None:
        return None
    tone, icon, word = _STATES[row["state"]]
    amount = money(int(row["amount"]), row["currency"])
    return PenaltyRecord(
        id=row["id"],
        title=f"{amount} from {row['email']}",
        tone=tone,
        icon=icon,
        word=word,
        open=row["state"] in {"booked", "appealed"},
        email=row["email"],
        amount=amount,
        appeal=row["appeal"],
        appeal_ms=millis(row["appealed_at"]),
        facts=_facts(unit, row),
    )


def _facts(unit: UnitOfWork, row: Row) -> list[Fact]:
    shown = [
        Fact("User", row["email"], f"/console/users/{row['user_id']}"),
        Fact("Rule", RULES.get(row["rule"], str(row["rule"]))),
        Fact("Day", row["period"]),
        Fact("Counted", counted(row["rule"], row["evidence"])),
        _journal("Charged as", row["journal_id"]),
        by(unit, "Charged by", row["booked_by"]),
    ]
    if row["decided_by"]:
        shown.append(by(unit, "Decided by", row["decided_by"], row["decision"]))
    if row["reversal_id"]:
        shown.append(_journal("Reversed as", row["reversal_id"]))
    return shown


def _journal(label: str, number: int) -> Fact:
    return Fact(label, f"journal {number}", f"/console/ledger/journals/{number}")


def _state(row: Row) -> Cell:
    tone, icon, word = _STATES[row["state"]]
    return Cell(text=word, icon=icon, tone=tone)


PENALTIES: Final = Listing(
    name="penalties",
    title="Penalties",
    path=PATH,
    capability="ledger.view",
    fields=_FIELDS,
    source=_SOURCE,
    columns=(
        Column(
            "no",
            "Penalty",
            lambda row: Cell(text=f"No. {row['id']}", sub=row["email"]),
            lambda row: row["id"],
            sort="p.id",
        ),
        Column("state", "State", _state, lambda row: row["state"], kind="chip", sort="p.state"),
        Column(
            "rule",
            "Rule",
            lambda row: Cell(
                text=RULES.get(row["rule"], str(row["rule"])),
                sub=counted(row["rule"], row["evidence"]),
            ),
            lambda row: row["rule"],
            sort="p.rule",
        ),
        Column(
            "period",
            "Day",
            lambda row: Cell(text=row["period"]),
            lambda row: row["period"],
            sort="p.period",
        ),
        Column(
            "amount",
            "Amount",
            lambda row: Cell(text=money(int(row["amount"]), row["currency"]), tone="hi"),
            lambda row: format_micro(int(row["amount"])),
            kind="number",
            sort="p.amount",
            right=True,
        ),
        Column(
            "appeal",
            "The user says",
            lambda row: Cell(text=row["appeal"] or "–", tone="mid" if row["appeal"] else "low"),
            lambda row: row["appeal"],
            wide=True,
        ),
        Column(
            "time",
            "Charged",
            lambda row: Cell(ms=millis(row["booked_at"])),
            lambda row: row["booked_at"],
            kind="time",
            sort="p.booked_at",
        ),
    ),
    tie="p.id desc",
    order="-time",
    filters=(
        Filter("q", "Search", "u.email ilike :f_q", "text", prepare=like, hint="E-mail"),
        Filter(
            "state",
            "State",
            "p.state = :f_state",
            choices=tuple(Choice(state, words[2]) for state, words in _STATES.items()),
        ),
        Filter(
            "rule",
            "Rule",
            "p.rule = :f_rule",
            choices=tuple(Choice(rule, words) for rule, words in RULES.items()),
        ),
        Filter("no", "No.", "p.id = :f_no", "text", prepare=whole_number),
        Filter("from", "From", "p.booked_at >= :f_from", "day", prepare=a_day),
        Filter("to", "Until", "p.booked_at < cast(:f_to as date) + 1", "day", prepare=a_day),
    ),
    href=lambda row: f"{PATH}?no={row['id']}",
    none_yet="No penalty was ever charged",
    nothing="Rules in Settings say when one is due: the share of a day’s numbers given back, and"
    " how many in an hour.",
)
