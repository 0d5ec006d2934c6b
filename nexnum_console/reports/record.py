"""The opened line of a list: one row, its state in words, its facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports.activation_story import Fact
from nexnum_console.reports.listing import Listing, Row, whole_number

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Record:
    """What every opened line shows; ``open`` while somebody may still decide about it."""

    title: str = ""
    tone: str = ""
    icon: str = ""
    word: str = ""
    open: bool = False
    facts: list[Fact] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Opening(Generic[T]):
    """How a list's line is opened by the number in its address; ``none`` while none is."""

    read: Callable[[UnitOfWork, str], T | None]
    none: T

    def __call__(self, unit: UnitOfWork, no: str) -> T:
        """The record; ``none`` for no number, and for one that there is not."""
        return (self.read(unit, no) if no else None) or self.none


def row_of(unit: UnitOfWork, listing: Listing, key: str, no: int | str) -> Row | None:
    """The list's row whose ``key`` is that number; None where there is none."""
    return unit.first(
        f"select {listing.fields} {listing.source} where {key} = :id", id=whole_number(str(no))
    )


def journal(label: str, number: Any) -> Fact:
    """A fact that leads to the journal of that number."""
    return Fact(label, f"journal {number}", f"/console/ledger/journals/{number}")
