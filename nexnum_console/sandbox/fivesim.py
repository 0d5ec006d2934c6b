"""The 5sim v1 dialect: REST paths, Bearer key, plain-text errors, nanosecond timestamps."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from nexnum_console.sandbox.carriers import Carrier
from nexnum_console.sandbox.fivesim_catalogue import countries, prices, products
from nexnum_console.sandbox.money import amount_text, parse_amount
from nexnum_console.sandbox.orders import Order, Sms
from nexnum_console.sandbox.seed import Catalogue
from nexnum_console.sandbox.serving import HTML, JSON, PLAIN, Answer, CarrierEndpoint
from nexnum_console.sandbox.trade import Refusal, Wish
from nexnum_console.sandbox.wire_json import Raw, render

SEGMENT = re.compile(r"[A-Za-z0-9_-]+")
SLUG = re.compile(r"[a-z0-9_-]+")
THROTTLED = "api limit is 100 requests per second"
# status code and words for each reason; a lookup (`check`) says 404 where a change says 400.
WORDS = {
    "no_stock": "no free phones",
    "price_above": "no free phones",
    "no_balance": "not enough user balance",
    "bad_country": "bad country",
    "bad_operator": "bad operator",
    "bad_service": "bad product",
    "not_found": "order not found",
    "closed": "order not found",
    "expired": "order expired",
    "has_sms": "order has sms",
    "no_sms": "order no sms",
    "hosting": "hosting order",
    "too_early": "you need to wait time",
    "not_reusable": "reuse not possible",
    "number_away": "reuse false",
}
STATUS_WORDS = {
    "waiting": "PENDING",
    "retry": "RECEIVED",
    "received": "RECEIVED",
    "finished": "FINISHED",
    "cancelled": "CANCELED",
    "banned": "BANNED",
    "expired": "TIMEOUT",
}
DEFAULT_PAGE = 15
MAX_PAGE = 1000


class FiveSim:
    """Routes of one 5sim-like carrier; ``key`` opens ``/v1/user``."""

    def __init__(self, carrier: Callable[[], Carrier], key: str) -> None:
        self._endpoint = CarrierEndpoint(carrier, THROTTLED, PLAIN)
        self._key = key

    @property
    def carrier(self) -> Carrier:
        return self._endpoint.carrier

    def routes(self) -> list[Route]:
        user, guest = "/v1/user", "/v1/guest"
        return [
            Route(f"{user}/profile", self.profile),
            Route(f"{user}/buy/{{category}}/{{country}}/{{operator}}/{{product}}", self.buy),
            Route(f"{user}/orders", self.orders),
            Route(f"{user}/reuse/{{product}}/{{number}}", self.reuse),
            Route(f"{user}/{{verb}}/{{id}}", self.order),
            Route(f"{guest}/countries", self.countries),
            Route(f"{guest}/products/{{country}}/{{operator}}", self.products),
            Route(f"{guest}/prices", self.prices),
            Route("/{rest:path}", lost_page),
        ]

    async def profile(self, request: Request) -> ASGIApp:
        return await self._as_user(request, "balance", self._profile)

    def _profile(self) -> Answer:
        self.carrier.advance()
        body = {
            "id": 1,
            "email": "account@example.com",
            "vendor": "demo",
            "default_forwarding_number": "78009005040",
            "balance": _amount(self.carrier.balance),
            "rating": 96,
            "default_country": {"name": "russia", "iso": "ru", "prefix": "+7"},
            "default_operator": {"name": ""},
            "frozen_balance": 0,
        }
        return Answer(200, render(body), JSON)

    async def buy(self, request: Request) -> ASGIApp:
        if not all(SEGMENT.fullmatch(str(part)) for part in request.path_params.values()):
            return lost_page(request)
        return await self._as_user(request, "buy", lambda: self._buy(request))

    def _buy(self, request: Request) -> Answer:
        asked = request.path_params
        refused = _malformed(asked)
        if refused or asked["category"] not in ("activation", "hosting"):
            return _refuse(refused or "no product")
        country = self._goods.country_by_slug.get(asked["country"])
        product = self._goods.service_by_slug.get(asked["product"])
        if country is None or product is None:
            return _refuse("bad country" if country is None else "bad product")
        cap = request.query_params.get("maxPrice")
        try:
            max_price = parse_amount(cap) if cap else None
        except ValueError:
            return _refuse("bad maxPrice")
        wish = Wish(country.iso2, product.code, asked["operator"], max_price, asked["category"])
        order = self.carrier.buy(wish)
        return Answer(200, render(self._order_json(order)), JSON, order=order)

    async def reuse(self, request: Request) -> ASGIApp:
        asked = request.path_params
        if not SEGMENT.fullmatch(asked["product"]) or not asked["number"].isdecimal():
            return lost_page(request)
        return await self._as_user(request, "buy", lambda: self._reuse(**asked))

    def _reuse(self, product: str, number: str) -> Answer:
        service = self._goods.service_by_slug.get(product)
        if service is None:
            return _refuse("bad product")
        order = self.carrier.reuse(self.carrier.last_order(f"+{number}", service.code))
        return Answer(200, render(self._order_json(order)), JSON, order=order)

    async def order(self, request: Request) -> ASGIApp:
        verbs: dict[str, tuple[str, Callable[[int], Order]]] = {
            "check": ("status", self.carrier.find),
            "finish": ("finish", self.carrier.finish),
            "cancel": ("cancel", self.carrier.cancel),
            "ban": ("ban", self.carrier.ban),
        }
        verb, order_id = request.path_params["verb"], request.path_params["id"]
        if verb not in verbs or not order_id.isdecimal():
            return lost_page(request)
        operation, act = verbs[verb]
        return await self._as_user(
            request,
            operation,
            lambda: Answer(200, render(self._order_json(act(int(order_id)))), JSON),
        )

    async def orders(self, request: Request) -> ASGIApp:
        return await self._as_user(request, "active", lambda: self._orders(request))

    def _orders(self, request: Request) -> Answer:
        """All orders of the category, newest first unless ``reverse=false``."""
        asked = request.query_params
        category = asked.get("category", "activation")
        if category not in ("activation", "hosting"):
            return _refuse("category is incorrect")
        limit = min(_count(asked.get("limit"), DEFAULT_PAGE), MAX_PAGE)
        offset = _count(asked.get("offset"), 0)
        self.carrier.advance()
        found = [order for order in self.carrier.orders.values() if order.category == category]
        if asked.get("reverse") != "false":
            found.reverse()
        body = {
            "Data": [self._listed(order) for order in found[offset : offset + limit]],
            "ProductNames": [],
            "Statuses": [],
            "Total": len(found),
        }
        return Answer(200, render(body), JSON)

    async def _as_user(
        self, request: Request, operation: str, perform: Callable[[], Answer]
    ) -> ASGIApp:
        offered = request.headers.get("authorization", "")
        if not hmac.compare_digest(offered.encode(), f"Bearer {self._key}".encode()):
            return Response(b"", 401)

        def answer() -> Answer:
            try:
                return perform()
            except Refusal as refusal:
                missing = operation == "status" and refusal.reason == "not_found"
                return Answer(404 if missing else 400, WORDS[refusal.reason])

        return await self._endpoint.respond(request, operation, answer)

    async def countries(self, request: Request) -> ASGIApp:
        return await self._as_guest(request, "countries", lambda: countries(self._goods))

    async def products(self, request: Request) -> ASGIApp:
        asked = request.path_params
        return await self._as_guest(
            request, "prices", lambda: products(self._goods, asked["country"], asked["operator"])
        )

    async def prices(self, request: Request) -> ASGIApp:
        asked = request.query_params
        return await self._as_guest(
            request,
            "prices",
            lambda: prices(self.carrier, asked.get("country"), asked.get("product")),
        )

    async def _as_guest(
        self, request: Request, operation: str, perform: Callable[[], str]
    ) -> ASGIApp:
        def answer() -> Answer:
            try:
                return Answer(200, perform(), JSON)
            except Refusal as refusal:
                return _refuse(WORDS[refusal.reason])

        return await self._endpoint.respond(request, operation, answer)

    @property
    def _goods(self) -> Catalogue:
        return self.carrier.catalogue

    def _listed(self, order: Order) -> dict[str, Any]:
        """In the list an order without SMS has ``[]``, never null."""
        row = self._order_json(order)
        return row | {"sms": row["sms"] or []}

    def _order_json(self, order: Order) -> dict[str, Any]:
        status, sms = STATUS_WORDS[order.state], [_sms_json(row) for row in order.sms]
        # Seen live: some orders say RECEIVED with an empty list while they wait.
        allocated = order.state == "waiting" and order.ordinal % 2 == 1
        return {
            "id": order.id,
            "phone": order.phone,
            "operator": order.operator,
            "product": self._goods.services[order.service].slug,
            "price": _amount(order.price),
            "status": "RECEIVED" if allocated else status,
            "expires": _nanoseconds(order.expires_at),
            "sms": sms or ([] if allocated else None),
            "created_at": _nanoseconds(order.created_at),
            "forwarding": False,
            "forwarding_number": "",
            "country": self._goods.countries[order.country].slug,
        }


def lost_page(request: Request) -> Response:
    """A path outside the routes is sent to a page, as 5sim does."""
    return Response(b"", 302, {"Location": "/404.html"}, HTML)


def _malformed(asked: dict[str, Any]) -> str | None:
    if asked["country"] == "any":
        return "select country"
    if not SLUG.fullmatch(asked["country"]):
        return "country is incorrect"
    if not SLUG.fullmatch(asked["operator"]):
        return "select operator"
    if not SLUG.fullmatch(asked["product"]):
        return "product is incorrect"
    return None


def _refuse(words: str) -> Answer:
    return Answer(400, words)


def _sms_json(sms: Sms) -> dict[str, str]:
    return {
        "created_at": _nanoseconds(sms.at),
        "date": datetime.fromtimestamp(int(sms.at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "sender": sms.sender,
        "text": sms.text,
        "code": sms.code,
    }


def _amount(micro: int) -> Raw:
    return Raw(amount_text(micro, 0))


def _nanoseconds(at: float) -> str:
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}000Z"


def _count(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() else default
