"""What the rest of the product gets from a provider, whatever it speaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import msgspec


@dataclass(frozen=True, slots=True)
class Balance:
    """``amount`` is decimal text in ``currency`` (ISO 4217)."""

    amount: str
    currency: str


@dataclass(frozen=True, slots=True)
class Bought:
    """A number the provider sold us. ``phone`` is E.164; ``cost`` is decimal text."""

    activation_id: str
    phone: str
    cost: str | None
    currency: str
    operator: str | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Message:
    """One SMS as the provider shows it; what it does not tell is None."""

    code: str | None
    text: str | None
    sender: str | None


@dataclass(frozen=True, slots=True)
class StatusReport:
    """``state`` is one of vocabulary.STATES; ``code`` the newest code, leading zeros kept."""

    state: str
    code: str | None
    text: str | None
    sender: str | None
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """After cancel, finish, resend or ban. ``activation_id`` is set where a resend changed it."""

    state: str
    activation_id: str | None


class ActiveRow(NamedTuple):
    """One row of the provider's own list of our activations; it may be closed (``state``)."""

    activation_id: str
    phone: str | None
    state: str | None
    service: str | None
    country: str | None
    cost: str | None
    created_at: datetime | None
    code: str | None = None
    text: str | None = None


class Country(NamedTuple):
    """``id`` is what prices and buy take."""

    id: str
    name: str


class Service(NamedTuple):
    """``code`` is what prices and buy take."""

    code: str
    name: str


class OfferRow(msgspec.Struct, frozen=True, gc=False):
    """One price at the finest level the provider tells; ``price`` is decimal text.

    A hundred thousand of them come at once, and the garbage collector need not look at any.
    """

    country: str | None
    service: str | None
    operator: str | None
    price: str | None
    stock: int | None
