"""What a carrier is like, what it sold, and what goes wrong with it. Costs are micro-units of the
carrier's own currency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nexnum_console.providers.listed import Listing


@dataclass(frozen=True)
class Nature:
    """What does not change about a carrier. Times in seconds; ``ids`` in one status call, 0 where
    its list tells of all, None where each number is asked for alone. ``vague``: why it refuses to
    cancel only the number's own state tells. ``renews``: another code gives the order another id.
    """

    name: str
    currency: str
    rate: str
    cost: int
    life: int = 150
    lock: int = 0
    settle: int = 30
    honours_cap: bool = True
    tells_cost: bool = True
    tells_end: bool = True
    vague: bool = False
    renews: bool = False
    ids: int | None = None
    offers: frozenset[str] = frozenset({"active", "finish", "resend", "status", "ban"})

    @property
    def listing(self) -> Listing | None:
        """How the poller may ask about many numbers at once."""
        if self.ids is None:
            return None
        return Listing("statuses", self.ids) if self.ids else Listing("active", None)


@dataclass
class Sold:
    """A number as the carrier sees it; times are virtual seconds.

    ``excused``: why it may become an orphan. ``kept``: cancelling it is denied for ever.
    ``agreed``: the most that was offered for an order told of without its number, 0 for all others.
    ``mixed``: told once more, as the answer to a wish for another service.
    ``former``: the same order's id before another code was asked for. ``shown``: a list told of it
    while it lived; ``hidden``: a list was asked for then, and failed.
    """

    id: str
    phone: str
    country: str
    service: str
    cost: int
    sold_at: float
    ends_at: float
    shown_from: float
    reference: str
    state: str = "waiting"
    ended_at: float | None = None
    codes: list[str] = field(default_factory=list)
    excused: str = ""
    kept: bool = False
    phone_from: float = 0.0
    agreed: int = 0
    mixed: bool = False
    former: str = ""
    shown: bool = False
    hidden: bool = False

    def excuse(self, steps: Sequence[float]) -> bool:
        """Whether it may become an orphan: as said, or as a clock or price jumped near its sale."""
        return bool(self.excused) or any(-120.0 < step - self.sold_at < 180.0 for step in steps)

    @property
    def unlisted(self) -> bool:
        """Whether we asked for lists while it lived, and none came that told of it."""
        return self.hidden and not self.shown

    @property
    def untold(self) -> bool:
        """Whether nobody told what it cost: neither the answer to its purchase nor a list while
        it lived. It may be booked at what was agreed."""
        return bool(self.agreed) and not self.shown

    @property
    def paid(self) -> bool:
        """Whether the carrier keeps the money."""
        return self.state not in {"cancelled", "expired"}


@dataclass(frozen=True)
class Wish:
    """One purchase call; ``began`` when it was sent."""

    country: str
    service: str
    reference: str
    max_price: str
    began: float


@dataclass
class Trouble:
    """What goes wrong now, as shares of calls; a stage's director changes it."""

    moods: Mapping[str, int]
    status_fails: float = 0.0
    cancel_fails: float = 0.0
    cancel_lost: float = 0.0
    resend_lost: float = 0.0
    slow: float = 0.0
    keeps: float = 0.0
    listing_down: bool = False
    cold: bool = False
    price: int = 0
