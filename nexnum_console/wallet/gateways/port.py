"""What every gateway can do, and what it tells us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from nexnum_console.core.errors import BusinessError, Unavailable

Kind = Literal[
    "paid",
    "expired",
    "refund_done",
    "refund_failed",
    "disputed",
    "dispute_won",
    "dispute_lost",
    "inquiry",
    "inquiry_closed",
    "ignored",
]


class GatewayClosed(BusinessError):
    """The deposit gateway is not offered by this installation."""

    code = "gateway_closed"
    status = 403


class GatewayRefused(BusinessError):
    """The gateway said no, and asking the same again is of no use. This ask paid nothing; of an
    earlier one whose answer was lost it says nothing."""

    code = "gateway_refused"
    status = 502


class GatewayUnknown(Unavailable):
    """Nobody can say whether the gateway did it, now or when it was asked before; the same may be
    asked again, it does it once."""

    code = "gateway_unknown"


class CallbackRefused(BusinessError):
    """A callback that the gateway did not sign, or that is too old; nothing was read."""

    code = "callback_refused"
    status = 400


@dataclass(frozen=True, slots=True)
class Invoice:
    """What is to be paid: micro-units of ``currency``; ``ticket`` is ours and made once."""

    ticket: str
    amount: int
    currency: str
    return_url: str


@dataclass(frozen=True, slots=True)
class Begun:
    """The gateway's name for the payment, and where the user goes to pay, if anywhere."""

    external_id: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing a gateway tells. ``amount`` in micro-units of ``currency``; ``ticket`` is what we
    gave it, ``external_id`` its name for the invoice, ``payment_id`` for the money."""

    event_id: str
    kind: Kind
    ticket: str = ""
    external_id: str = ""
    payment_id: str = ""
    amount: int = 0
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Returned:
    """A refund's name at the gateway; ``done`` when the money is on its way already."""

    external_id: str
    done: bool


class Gateway(Protocol):
    """``instant`` gateways are paid as soon as they are begun, without a callback; ``by_hand``
    ones by a person's word."""

    name: str
    instant: bool
    by_hand: bool

    def begin(self, invoice: Invoice) -> Begun:
        """Open the invoice at the gateway; the same ``ticket`` again opens no second one.

        Raises GatewayRefused, GatewayUnknown.
        """
        ...

    def read(self, body: bytes, headers: Mapping[str, str]) -> Notice:
        """What a callback tells, its signature and age checked; CallbackRefused."""
        ...

    def give_back(self, payment_id: str, amount: int, currency: str, key: str) -> Returned:
        """Pay back; the same ``key`` again pays back once. Raises as ``begin``."""
        ...
