"""Filters that many lists have."""

from __future__ import annotations

from collections.abc import Mapping

from nexnum_console.reports.columns import Words
from nexnum_console.reports.listing import Choice, Filter, a_day, like, whole_number


def search(sql: str, hint: str) -> Filter:
    """The list's search box; ``sql`` is over ``:f_q``, a pattern for ``ilike``."""
    return Filter("q", "Search", sql, "text", prepare=like, hint=hint)


def states(words: Mapping[str, Words], sql: str, title: str = "State") -> Filter:
    """One state of those it has words for; ``sql`` is the state itself."""
    choices = tuple(Choice(state, word) for state, (_tone, _icon, word) in words.items())
    return Filter("state", title, f"{sql} = :f_state", choices=choices)


def choices(words: Mapping[str, str]) -> tuple[Choice, ...]:
    """A choice for each value and its word."""
    return tuple(Choice(value, word) for value, word in words.items())


def number(sql: str) -> Filter:
    """One row by its id, as a record's address has it."""
    return Filter("no", "No.", f"{sql} = :f_no", "text", prepare=whole_number)


def days(sql: str) -> tuple[Filter, Filter]:
    """From a day on, and until one, both with it; ``sql`` is the moment."""
    return (
        Filter("from", "From", f"{sql} >= :f_from", "day", prepare=a_day),
        Filter("to", "Until", f"{sql} < cast(:f_to as date) + 1", "day", prepare=a_day),
    )


def provider(title: str = "Provider") -> Filter:
    """One provider, by the alias ``p``."""
    return Filter(
        "provider",
        title,
        "p.name = :f_provider",
        options="select name as value, title as label from provider order by title",
    )
