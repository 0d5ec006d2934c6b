"""The handler_api dialect (SMS-Activate family): one URL, text tokens, HTTP 200 for everything."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp

from nexnum_console.sandbox.carriers import Carrier
from nexnum_console.sandbox.handler_api_catalogue import (
    Params,
    countries,
    numbers_status,
    operators,
    prices,
    services,
)
from nexnum_console.sandbox.money import amount_text, parse_amount
from nexnum_console.sandbox.orders import Order
from nexnum_console.sandbox.seed import Catalogue
from nexnum_console.sandbox.serving import HTML, JSON, Answer, CarrierEndpoint
from nexnum_console.sandbox.trade import Refusal, Wish
from nexnum_console.sandbox.wire_json import Raw, render

THROTTLED = "Too Many Requests"
USD = 840
MOSCOW = timezone(timedelta(hours=3))
MAX_PAGE = 100
WORDS = {
    "bad_request": "BAD_ACTION",
    "no_stock": "NO_NUMBERS",
    "no_balance": "NO_BALANCE",
    "bad_country": "NO_NUMBERS",
    "bad_service": "BAD_SERVICE",
    "bad_operator": "WRONG_OPERATOR",
    "duplicate_order": "ORDER_ALREADY_EXISTS",
    "not_found": "NO_ACTIVATION",
    "closed": "NO_ACTIVATION",
    "expired": "NO_ACTIVATION",
    "has_sms": "BAD_STATUS",
    "no_sms": "BAD_STATUS",
    "too_early": "EARLY_CANCEL_DENIED",
    "not_reusable": "NEW_ACTIVATION_IMPOSSIBLE",
    "number_away": "SIM_OFFLINE",
}
ACTIVE_STATUS = "4"


class HandlerApi:
    """Routes of one handler_api carrier; ``key`` is its ``api_key``."""

    def __init__(self, carrier: Callable[[], Carrier], key: str) -> None:
        self._endpoint = CarrierEndpoint(carrier, THROTTLED, HTML)
        self._key = key
        self._actions: dict[str, tuple[str, Callable[[Params], Answer]]] = {
            "getbalance": ("balance", self._balance),
            "getcountries": ("countries", self._listed(countries)),
            "getserviceslist": ("services", self._listed(services)),
            "getoperators": ("operators", self._listed(operators)),
            "getprices": ("prices", self._listed(prices)),
            "getnumbersstatus": ("prices", self._listed(numbers_status)),
            "getnumber": ("buy", self._get_number),
            "getnumberv2": ("buy", self._get_number_v2),
            "getextraactivation": ("buy", self._get_extra),
            "getstatus": ("status", self._status),
            "getstatusv2": ("status", self._status_v2),
            "getactiveactivations": ("active", self._active),
        }
        self._changes: dict[str, tuple[str, Callable[[int], str]]] = {
            "1": ("status", self._ready),
            "3": ("resend", self._resend),
            "6": ("finish", self._finish),
            "8": ("cancel", self._cancel),
            "-1": ("cancel", self._cancel),
        }

    @property
    def carrier(self) -> Carrier:
        return self._endpoint.carrier

    def routes(self) -> list[Route]:
        return [Route("/stubs/handler_api.php", self.call, methods=["GET", "POST"])]

    async def call(self, request: Request) -> ASGIApp:
        params: dict[str, str] = dict(request.query_params)
        if request.method == "POST":
            params |= dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        operation, act = self._find(params)

        def answer() -> Answer:
            refused = self._door(params)
            if refused:
                return _token(refused)
            try:
                return act(params)
            except Refusal as refusal:
                return _token(_words(refusal))

        return await self._endpoint.respond(request, operation, answer)

    def _door(self, params: Params) -> str | None:
        key = params.get("api_key")
        if not key:
            return "NO_KEY"
        return None if hmac.compare_digest(key.encode(), self._key.encode()) else "BAD_KEY"

    def _find(self, params: Params) -> tuple[str, Callable[[Params], Answer]]:
        action = params.get("action", "").lower()
        if action == "setstatus":
            operation, _ = self._changes.get(params.get("status", ""), ("status", self._ready))
            return operation, self._set_status
        return self._actions.get(action, ("balance", lambda _: _token("BAD_ACTION")))

    def _balance(self, params: Params) -> Answer:
        self.carrier.advance()
        return _token(f"ACCESS_BALANCE:{amount_text(self.carrier.balance)}")

    def _listed(self, write: Callable[[Catalogue, Params], str]) -> Callable[[Params], Answer]:
        """A catalogue action: JSON, or a token when it has nothing to list."""

        def answer(params: Params) -> Answer:
            text = write(self.carrier.catalogue, params)
            return Answer(200, text, JSON if text[0] in "{[" else HTML)

        return answer

    def _get_number(self, params: Params) -> Answer:
        order = self._buy(params)
        return _token(f"ACCESS_NUMBER:{order.id}:{_digits(order)}", order)

    def _get_number_v2(self, params: Params) -> Answer:
        order = self._buy(params)
        body = {
            "activationId": order.id,
            "phoneNumber": _digits(order),
            "activationCost": Raw(amount_text(order.price)),
            "currency": USD,
            "countryCode": self._number_of(order),
            "canGetAnotherSms": "1",
            "activationTime": _moment(order.created_at),
            "activationOperator": order.operator,
        }
        return Answer(200, render(body), JSON, order=order)

    def _get_extra(self, params: Params) -> Answer:
        order = self.carrier.reuse(_id({"id": params.get("activationId", "")}))
        return _token(f"ACCESS_NUMBER:{order.id}:{_digits(order)}", order)

    def _buy(self, params: Params) -> Order:
        land = self.carrier.catalogue.country_by_number.get(params.get("country", "0"))
        cap = params.get("maxPrice") or params.get("max_price")
        try:
            max_price = parse_amount(cap) if cap else None
        except ValueError as error:
            raise Refusal("bad_request") from error
        wish = Wish(
            land.iso2 if land else "",
            params.get("service", ""),
            params.get("operator") or "any",
            max_price,
            reference=params.get("orderId") or None,
        )
        return self.carrier.buy(wish)

    def _status(self, params: Params) -> Answer:
        return _token(_status_word(self.carrier.find(_id(params))))

    def _status_v2(self, params: Params) -> Answer:
        order = self.carrier.find(_id(params))
        word = _status_word(order)
        if not word.startswith("STATUS_OK:"):
            return _token(word)
        sms = order.sms[-1]
        body = {
            "verificationType": 0,
            "sms": {"dateTime": _moment(sms.at), "code": order.last_code, "text": sms.text},
        }
        return Answer(200, render(body), JSON)

    def _set_status(self, params: Params) -> Answer:
        change = self._changes.get(params.get("status", ""))
        return _token(change[1](_id(params)) if change else "BAD_STATUS")

    def _ready(self, order_id: int) -> str:
        order = self.carrier.find(order_id)
        if not order.open:
            raise Refusal("closed")
        return "BAD_STATUS" if order.sms else "ACCESS_READY"

    def _resend(self, order_id: int) -> str:
        self.carrier.resend(order_id)
        return "ACCESS_RETRY_GET"

    def _finish(self, order_id: int) -> str:
        self.carrier.finish(order_id)
        return "ACCESS_ACTIVATION"

    def _cancel(self, order_id: int) -> str:
        if self.carrier.find(order_id).state != "cancelled":
            self.carrier.cancel(order_id)
        return "ACCESS_CANCEL"

    def _active(self, params: Params) -> Answer:
        """Open activations, newest first; ``start`` skips, ``limit`` is at most 100."""
        self.carrier.advance()
        start = _count(params.get("start"), 0)
        limit = min(_count(params.get("limit"), MAX_PAGE), MAX_PAGE)
        found = list(reversed(self.carrier.open_orders.values()))[start : start + limit]
        if not found:
            return Answer(200, render({"status": "error", "error": "NO_ACTIVATIONS"}), JSON)
        rows = [self._active_row(order) for order in found]
        return Answer(200, render({"status": "success", "activeActivations": rows}), JSON)

    def _active_row(self, order: Order) -> dict[str, Any]:
        return {
            "activationId": str(order.id),
            "serviceCode": order.service,
            "phoneNumber": _digits(order),
            "activationCost": Raw(amount_text(order.price)),
            "activationStatus": ACTIVE_STATUS,
            "smsCode": [sms.code for sms in order.sms] or None,
            "smsText": order.sms[-1].text if order.sms else None,
            "activationTime": _moment(order.created_at),
            "discount": "0.00",
            "repeated": "0",
            "countryCode": self._number_of(order),
            "countryName": self.carrier.catalogue.countries[order.country].english,
            "canGetAnotherSms": "1",
            "currency": USD,
        }

    def _number_of(self, order: Order) -> str:
        return str(self.carrier.catalogue.countries[order.country].number)


def _token(text: str, order: Order | None = None) -> Answer:
    return Answer(200, text, HTML, order=order)


def _words(refusal: Refusal) -> str:
    if refusal.reason == "price_above":
        return f"WRONG_MAX_PRICE:{amount_text(int(refusal.detail))}"
    return WORDS[refusal.reason]


def _status_word(order: Order) -> str:
    if order.state == "retry":
        return f"STATUS_WAIT_RETRY:{order.last_code}"
    if order.sms:
        return f"STATUS_OK:{order.last_code}"
    return "STATUS_WAIT_CODE" if order.open else "STATUS_CANCEL"


def _id(params: Params) -> int:
    text = params.get("id", "")
    if not text.isdecimal():
        raise Refusal("not_found")
    return int(text)


def _digits(order: Order) -> str:
    return order.phone.removeprefix("+")


def _moment(at: float) -> str:
    """``Y-m-d H:i:s`` without a zone, on the clock of Moscow as the family writes it."""
    return datetime.fromtimestamp(at, MOSCOW).strftime("%Y-%m-%d %H:%M:%S")


def _count(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() else default
