"""How much waits for somebody at the till: the numbers on its tabs."""

from __future__ import annotations

from dataclasses import dataclass

from nexnum_console.core.db import UnitOfWork


@dataclass(frozen=True, slots=True)
class Waiting:
    """Counts as texts, empty for none, so that a tab shows nothing rather than a zero."""

    deposits: str = ""
    suspense: str = ""
    approvals: str = ""
    penalties: str = ""


def waiting(unit: UnitOfWork) -> Waiting:
    """Manual deposits to confirm and open suspense, less those that a request is about; requests
    to decide, appeals to answer."""
    row = unit.first(
        "select (select count(*) from deposit_intent i where gateway = 'manual'"
        "  and state = 'created' and not exists (select from adjustment_request r"
        "  where r.intent_id = i.id and r.state = 'pending')) as deposits,"
        " (select count(*) from suspense s where state = 'open' and not exists (select from"
        "  adjustment_request r where r.suspense_id = s.id and r.state = 'pending')) as suspense,"
        " (select count(*) from adjustment_request where state = 'pending') as approvals,"
        " (select count(*) from penalty where state = 'appealed') as penalties"
    )
    assert row is not None, "a select without from has one row"
    return Waiting(**{name: str(number) if number else "" for name, number in row.items()})
