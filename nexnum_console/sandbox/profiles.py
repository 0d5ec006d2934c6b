"""How fast the simulated world turns, and the lifetimes a carrier declares for it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """What a carrier promises about time, in seconds.

    ``max_answer_seconds``: a request that sells has sold by then, answered or not; a listing
    taken ``settle_seconds`` after sending therefore tells the truth.
    """

    activation_seconds: float
    cancel_lock_seconds: float
    settle_seconds: float
    max_answer_seconds: float


@dataclass(frozen=True, slots=True)
class Profile:
    """Lifetimes plus what happens within them. Delays are seconds, shares are 0..1."""

    name: str
    lifetimes: Lifetimes
    sms_median_seconds: float
    sms_spread: float
    never_share: float
    answer_seconds: float
    hang_seconds: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> Profile:
        return cls(**{**saved, "lifetimes": Lifetimes(**saved["lifetimes"])})


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("real", Lifetimes(1200, 120, 150, 30), 12.0, 0.8, 0.12, 0.15, 120),
        Profile("demo", Lifetimes(180, 3, 20, 10), 3.0, 0.5, 0.12, 0.05, 60),
        Profile("fast", Lifetimes(15, 1, 6, 3), 1.0, 0.5, 0.12, 0.01, 10),
    )
}
