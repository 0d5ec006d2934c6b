"""One order as every dialect sees it: pure data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

OPEN_STATES = frozenset({"waiting", "received", "retry"})


@dataclass(frozen=True, slots=True)
class Sms:
    """A delivered message; ``at`` in seconds since the epoch."""

    at: float
    sender: str
    text: str
    code: str


@dataclass(slots=True)
class Order:
    """States: waiting, received, retry, finished, cancelled, banned, expired.

    ``price`` and ``refunded`` in micro-units. ``ordinal`` counts this carrier's orders since
    the seed and feeds the order's own random sequence. ``answer_fault`` names the fault that
    kept the buyer from reading the answer.
    """

    id: int
    carrier: str
    ordinal: int
    country: str
    service: str
    operator: str
    category: str
    phone: str
    price: int
    created_at: float
    expires_at: float
    lock_until: float
    state: str = "waiting"
    refunded: int = 0
    closed_at: float | None = None
    reference: str | None = None
    answer_fault: str | None = None
    sms: list[Sms] = field(default_factory=list)
    pending: list[Sms] = field(default_factory=list)

    @property
    def open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def last_code(self) -> str:
        """The newest code that is not empty."""
        return next((sms.code for sms in reversed(self.sms) if sms.code), "")

    def as_json(self) -> dict[str, Any]:
        row = {name: getattr(self, name) for name in _FIELDS}
        return row | {key: [asdict(sms) for sms in row[key]] for key in ("sms", "pending")}

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> Order:
        rows = {key: [Sms(**row) for row in saved[key]] for key in ("sms", "pending")}
        return cls(**{**saved, **rows})


_FIELDS = tuple(item.name for item in fields(Order))
