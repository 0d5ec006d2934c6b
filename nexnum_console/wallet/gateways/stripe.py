"""Stripe: Checkout sessions, signed webhooks, refunds, disputes, by Stripe's own library.

The library is imported at first use: it takes a second and 27 MB. Every call that moves money
carries an idempotency key of ours, so that an answer lost may be asked for again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Final, TypeVar

from nexnum_console.core.money import MICRO
from nexnum_console.wallet.gateways.port import (
    Begun,
    CallbackRefused,
    GatewayRefused,
    GatewayUnknown,
    Invoice,
    Kind,
    Notice,
    Returned,
)

SECONDS: Final = 10
AGE_SECONDS: Final = 300
# docs.stripe.com/currencies: those without minor units, and those with three digits of them.
_WHOLE: Final = frozenset(
    {
        *("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA"),
        *("PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"),
    }
)
_THOUSANDTHS: Final = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
# A no that may be the echo of our own earlier ask, whose answer was lost.
_DONE_BEFORE: Final = frozenset({"charge_already_refunded"})

T = TypeVar("T")


class StripeGateway:
    """``api_base`` is for tests: a server of one's own in place of api.stripe.com."""

    name = "stripe"
    instant = False
    by_hand = False

    def __init__(self, secret_key: str, webhook_secret: str, api_base: str | None = None) -> None:
        self._secret_key = secret_key
        self._webhook_secret = webhook_secret
        self._api_base = api_base

    def begin(self, invoice: Invoice) -> Begun:
        """A Checkout session; the user pays at its address."""
        params: dict[str, Any] = {
            "mode": "payment",
            "client_reference_id": invoice.ticket,
            "metadata": {"ticket": invoice.ticket},
            "payment_intent_data": {"metadata": {"ticket": invoice.ticket}},
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": invoice.currency.lower(),
                        "unit_amount": to_minor(invoice.amount, invoice.currency),
                        "product_data": {"name": "Deposit"},
                    },
                }
            ],
            "success_url": f"{invoice.return_url}?deposit={invoice.ticket}",
            "cancel_url": invoice.return_url,
        }
        made = self._call(
            lambda: self._client.v1.checkout.sessions.create(
                params, {"idempotency_key": f"begin:{invoice.ticket}"}
            )
        )
        return Begun(str(made.id), str(made.url or ""))

    def read(self, body: bytes, headers: Mapping[str, str]) -> Notice:
        """A webhook event; what is none of ours to act on is ``ignored``."""
        import stripe  # noqa: PLC0415  a second and 27 MB, only where Stripe is used

        try:
            text = body.decode()
            stripe.WebhookSignature.verify_header(
                text, headers.get("stripe-signature", ""), self._webhook_secret, AGE_SECONDS
            )
            event: dict[str, Any] = json.loads(text)
            return _notice(event)
        except stripe.SignatureVerificationError as error:
            raise CallbackRefused("The signature is not Stripe's, or it is too old.") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CallbackRefused(f"The event cannot be read: {type(error).__name__}.") from error

    def give_back(self, payment_id: str, amount: int, currency: str, key: str) -> Returned:
        """A refund of the payment intent."""
        params: dict[str, Any] = {
            "payment_intent": payment_id,
            "amount": to_minor(amount, currency),
            "metadata": {"ticket": key},
        }
        made = self._call(lambda: self._client.v1.refunds.create(params, {"idempotency_key": key}))
        return Returned(str(made.id), done=made.status == "succeeded")

    @cached_property
    def _client(self) -> Any:
        import stripe  # noqa: PLC0415  as above

        return stripe.StripeClient(
            self._secret_key,
            base_addresses={"api": self._api_base} if self._api_base else {},
            http_client=stripe.RequestsClient(timeout=SECONDS),
            max_network_retries=1,
        )

    def _call(self, ask: Callable[[], T]) -> T:
        import stripe  # noqa: PLC0415  as above

        try:
            return ask()
        except (stripe.APIConnectionError, stripe.APIError, stripe.RateLimitError) as error:
            raise GatewayUnknown(
                "Stripe does not answer; nothing is lost, try again shortly.", retry_after=5
            ) from error
        except stripe.StripeError as error:
            raise _no_of(error, known=(stripe.CardError, stripe.InvalidRequestError)) from error


def _no_of(error: Any, known: tuple[type[Exception], ...]) -> GatewayRefused | GatewayUnknown:
    """Only a ``known`` kind of no is about this ask. A key that is not let in (401, 403) or was
    used before says nothing of what an earlier ask did."""
    # Its text may quote what was sent; its code is enough to look it up.
    code = error.code or type(error).__name__
    if isinstance(error, known) and code not in _DONE_BEFORE:
        return GatewayRefused(f"Stripe refused: {code}.")
    return GatewayUnknown(
        f"Stripe does not say whether it was done ({code}); nothing is lost. Look it up at Stripe"
        " or try again shortly.",
        retry_after=5,
    )


def to_minor(amount: int, currency: str) -> int:
    """Micro-units as Stripe counts (cents, yen, fils); GatewayRefused for a part of one."""
    unit = _minor_unit(currency)
    if amount % unit:
        raise GatewayRefused(f"Stripe takes no part of the smallest unit of {currency}.")
    return amount // unit


def _minor_unit(currency: str) -> int:
    code = currency.upper()
    if code in _WHOLE:
        return MICRO
    return MICRO // 1000 if code in _THOUSANDTHS else MICRO // 100


def _notice(event: Mapping[str, Any]) -> Notice:
    thing, kind = event["data"]["object"], str(event["type"])
    currency = str(thing.get("currency") or "").upper()
    common: dict[str, Any] = {"event_id": str(event["id"]), "currency": currency}
    metadata = thing.get("metadata") or {}
    if kind.startswith("checkout.session."):
        return Notice(
            **common,
            kind=_session(kind, thing),
            ticket=str(thing.get("client_reference_id") or metadata.get("ticket") or ""),
            external_id=str(thing["id"]),
            payment_id=str(thing.get("payment_intent") or ""),
            amount=int(thing.get("amount_total") or 0) * _minor_unit(currency),
        )
    amount = int(thing.get("amount") or 0) * _minor_unit(currency)
    payment = str(thing.get("payment_intent") or "")
    about: dict[str, Any] = {**common, "payment_id": payment, "amount": amount}
    if kind in {"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"}:
        told: dict[str, Kind] = {
            "succeeded": "refund_done",
            "failed": "refund_failed",
            "canceled": "refund_failed",
        }
        return Notice(
            **about,
            kind=told.get(str(thing["status"]), "ignored"),
            ticket=str(metadata.get("ticket") or ""),
            external_id=str(thing["id"]),
        )
    if kind.startswith("charge.dispute."):
        return Notice(**about, kind=_dispute(kind, thing), external_id=str(thing["id"]))
    return Notice(**common, kind="ignored", external_id=str(thing.get("id") or ""))


def _dispute(kind: str, dispute: Mapping[str, Any]) -> Kind:
    """A ``warning_…`` is a bank's inquiry, for which nothing was taken."""
    status = str(dispute["status"])
    if kind == "charge.dispute.funds_withdrawn":
        return "disputed"
    if kind == "charge.dispute.created":
        return "inquiry" if status.startswith("warning_") else "disputed"
    if kind != "charge.dispute.closed":
        return "ignored"
    ends: dict[str, Kind] = {"won": "dispute_won", "warning_closed": "inquiry_closed"}
    return ends.get(status, "dispute_lost")


def _session(kind: str, session: Mapping[str, Any]) -> Kind:
    if kind == "checkout.session.completed":
        # A bank transfer completes the session before the money is there.
        return "paid" if session.get("payment_status") == "paid" else "ignored"
    ends: dict[str, Kind] = {
        "checkout.session.async_payment_succeeded": "paid",
        "checkout.session.async_payment_failed": "expired",
        "checkout.session.expired": "expired",
    }
    return ends.get(kind, "ignored")
