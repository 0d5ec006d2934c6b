"""The words in which dialects and carriers talk: a wish, a refusal, a carrier's terms."""

from __future__ import annotations

from dataclasses import dataclass

from nexnum_console.sandbox.seed import Assortment


class Refusal(Exception):
    """The carrier says no. ``reason`` is ours, each dialect has its own words for it."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Wish:
    """What a buyer asks for; ``max_price`` in micro-units is a hard cap."""

    country: str
    service: str
    operator: str = "any"
    max_price: int | None = None
    category: str = "activation"
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class CarrierTerms:
    """Who the carrier is: its slot keeps ids of different carriers apart."""

    name: str
    slot: int
    assortment: Assortment
