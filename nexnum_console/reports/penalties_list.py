"""Penalties: which rule, what was counted, what the user says to it, how it was decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports import filters
from nexnum_console.reports.activation_story import Fact
from nexnum_console.reports.called import by
from nexnum_console.reports.columns import (
    money_column,
    number_column,
    state_column,
    text_column,
    time_column,
)
from nexnum_console.reports.listing import (
    Cell,
    Column,
    Filter,
    Listing,
    Row,
)
from nexnum_console.reports.misuse import RULES
from nexnum_console.reports.record import Record, journal, row_of
from nexnum_console.reports.words import millis, money

PATH: Final = "/console/deposits/penalties"
STATES: Final = {
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
class PenaltyRecord(Record):
    """One penalty; ``open`` while it may be upheld or reversed."""

    id: int = 0
    email: str = ""
    amount: str = ""
    appeal: str = ""
    appeal_ms: int = 0


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


def penalty_record(unit: UnitOfWork, no: int | str) -> PenaltyRecord | None:
    """The penalty of that number; None where there is none."""
    row = row_of(unit, PENALTIES, "p.id", no)
    if row is None:
        return None
    tone, icon, word = STATES[row["state"]]
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
        journal("Charged as", row["journal_id"]),
        by(unit, "Charged by", row["booked_by"]),
    ]
    if row["decided_by"]:
        shown.append(by(unit, "Decided by", row["decided_by"], row["decision"]))
    if row["reversal_id"]:
        shown.append(journal("Reversed as", row["reversal_id"]))
    return shown


PENALTIES: Final = Listing(
    name="penalties",
    title="Penalties",
    path=PATH,
    capability="ledger.view",
    fields=_FIELDS,
    source=_SOURCE,
    columns=(
        number_column("Penalty", "p.id", "email"),
        state_column(STATES, "p.state"),
        Column(
            "rule",
            "Rule",
            lambda row: Cell(
                text=RULES.get(row["rule"], str(row["rule"])),
                sub=counted(row["rule"], row["evidence"]),
            ),
            lambda row: row["rule"],
            kind="prose",
            sort="p.rule",
        ),
        text_column("period", "Day", "period", sort="p.period"),
        money_column("amount", "Amount", "amount", tone="hi", sort="p.amount"),
        text_column("appeal", "The user says", "appeal", "mid", kind="prose", wide=True),
        time_column("time", "Charged", "booked_at", sort="p.booked_at"),
    ),
    tie="p.id desc",
    order="-time",
    filters=(
        filters.search("u.email ilike :f_q", "E-mail"),
        filters.states(STATES, "p.state"),
        Filter(
            "rule",
            "Rule",
            "p.rule = :f_rule",
            choices=filters.choices(RULES),
        ),
        filters.number("p.id"),
        *filters.days("p.booked_at"),
    ),
    href=lambda row: f"{PATH}?no={row['id']}",
    none_yet="No penalty was ever charged",
    nothing="Rules in Settings say when one is due: the share of a day’s numbers given back, and"
    " how many in an hour.",
)
