"""The control API: what a tester does to the carriers behind the product's back. JSON, keyed."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from nexnum_console.sandbox.carriers import Carrier
from nexnum_console.sandbox.faults import FAULTS, UnknownFault
from nexnum_console.sandbox.money import amount_text, parse_amount
from nexnum_console.sandbox.orders import Order
from nexnum_console.sandbox.profiles import PROFILES
from nexnum_console.sandbox.trade import Refusal
from nexnum_console.sandbox.world import ADJUSTABLE, World

KEY_HEADER = "X-Sandbox-Key"
Handler = Callable[[Request], Awaitable[Response]]


class ControlError(Exception):
    """A request to the control API that cannot be done; the message says why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Control:
    """Routes under ``/control``; ``move_doors`` lets own ports follow ``refuse``."""

    def __init__(self, world: World, key: str, move_doors: Callable[[], Awaitable[None]]) -> None:
        self._world = world
        self._key = key
        self._move_doors = move_doors

    def routes(self) -> list[Route]:
        one = "/carriers/{name}"
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/health", self.health),
            ("GET", "/carriers", self.carriers),
            ("PATCH", one, self.adjust),
            ("GET", f"{one}/faults", self.faults),
            ("PUT", f"{one}/faults/{{fault}}", self.set_fault),
            ("DELETE", f"{one}/faults/{{fault}}", self.clear_fault),
            ("DELETE", f"{one}/faults", self.clear_faults),
            ("POST", f"{one}/balance", self.add_balance),
            ("POST", f"{one}/stock", self.add_stock),
            ("GET", "/faults", self.all_faults),
            ("POST", "/activations/{id}/sms", self.inject),
            ("GET", "/orders", self.orders),
            ("PUT", "/profile", self.use_profile),
            ("POST", "/reset", self.reset),
        ]
        return [
            Route(path, self._guarded(handler), methods=[method]) for method, path, handler in table
        ]

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            offered = request.headers.get(KEY_HEADER, "")
            if not hmac.compare_digest(offered.encode(), self._key.encode()):
                return _error(401, f"send the sandbox key in {KEY_HEADER}")
            try:
                return await handler(request)
            except ControlError as error:
                return _error(error.status, str(error))
            except UnknownFault as error:
                return _error(422, str(error))

        return guarded

    # --- looking ------------------------------------------------------------------------

    async def health(self, request: Request) -> Response:
        return JSONResponse({"ok": True})

    async def carriers(self, request: Request) -> Response:
        rows = [self._carrier_json(carrier) for carrier in self._world.carriers.values()]
        world = self._world
        return JSONResponse({"seed": world.seed, "profile": world.profile_name, "carriers": rows})

    def _carrier_json(self, carrier: Carrier) -> dict[str, Any]:
        carrier.advance()
        profile = carrier.profile.as_json()
        return {
            "name": carrier.name,
            "path": f"/{carrier.name}",
            "port": carrier.own_port,
            "lifetimes": profile.pop("lifetimes"),
            "profile": profile,
            "currency": "USD",
            "balance": amount_text(carrier.balance),
            "active": len(carrier.open_orders),
            "orders": len(carrier.orders),
            "buy_requests": carrier.buy_requests,
            "countries": len(carrier.catalogue.countries),
            "services": len(carrier.catalogue.services),
            "offers": sum(map(len, carrier.catalogue.offers.values())),
            "faults": carrier.faults.as_json(),
            "struck": carrier.faults.struck,
        }

    async def orders(self, request: Request) -> Response:
        """Every order; ``?carrier=`` and ``?open=1`` narrow it."""
        wanted, only_open = request.query_params.get("carrier"), "open" in request.query_params
        rows, buys = [], {}
        for carrier in self._world.carriers.values():
            if wanted not in (None, carrier.name):
                continue
            carrier.advance()
            found = carrier.open_orders if only_open else carrier.orders
            rows += [_order_json(order) for order in found.values()]
            buys[carrier.name] = carrier.buy_requests
        return JSONResponse({"orders": rows, "buy_requests": buys})

    async def faults(self, request: Request) -> Response:
        carrier = self._carrier(request)
        return JSONResponse({"faults": carrier.faults.as_json(), "struck": carrier.faults.struck})

    async def all_faults(self, request: Request) -> Response:
        carriers = self._world.carriers
        set_now = {name: carrier.faults.as_json() for name, carrier in carriers.items()}
        return JSONResponse({"known": list(FAULTS), "set": set_now})

    # --- doing --------------------------------------------------------------------------

    async def set_fault(self, request: Request) -> Response:
        carrier = self._carrier(request)
        name = carrier.faults.set(request.path_params["fault"], await _body(request))
        await self._move_doors()
        return JSONResponse({"fault": name, **carrier.faults.as_json()[name]})

    async def clear_fault(self, request: Request) -> Response:
        carrier = self._carrier(request)
        name = carrier.clear_fault(request.path_params["fault"])
        await self._move_doors()
        return JSONResponse({"cleared": [name]})

    async def clear_faults(self, request: Request) -> Response:
        carrier = self._carrier(request)
        cleared = [carrier.clear_fault(name) for name in list(carrier.faults.as_json())]
        await self._move_doors()
        return JSONResponse({"cleared": cleared})

    async def inject(self, request: Request) -> Response:
        body = await _body(request, "code", "text")
        code, text = body.get("code"), body.get("text")
        if not isinstance(code, str) or not isinstance(text, str | None):
            raise ControlError(422, "“code” is a text, and so is “text” when given")
        order_id = request.path_params["id"]
        try:
            number = int(order_id) if order_id.isdecimal() else -1
            order = self._world.carrier_of(number).inject(number, code, text)
        except Refusal as refusal:
            if refusal.reason == "not_found":
                raise ControlError(404, f"no carrier has an activation {order_id}") from refusal
            raise ControlError(
                409, f"activation {order_id} is {refusal.detail}; no SMS can reach it"
            ) from refusal
        return JSONResponse(_order_json(order))

    async def add_balance(self, request: Request) -> Response:
        carrier, body = self._carrier(request), await _body(request, "amount")
        try:
            carrier.balance += parse_amount(str(body.get("amount", "")))
        except ValueError as error:
            raise ControlError(422, '“amount” is a decimal text like "12.50"') from error
        return JSONResponse({"balance": amount_text(carrier.balance)})

    async def add_stock(self, request: Request) -> Response:
        """``{"add": n}`` numbers more for every offer; for load runs."""
        carrier, body = self._carrier(request), await _body(request, "add")
        add = body.get("add")
        if isinstance(add, bool) or not isinstance(add, int) or add < 0:
            raise ControlError(422, "“add” is an integer, zero or more")
        carrier.add_stock(add)
        return JSONResponse({"added": add})

    async def adjust(self, request: Request) -> Response:
        carrier, body = self._carrier(request), await _body(request, *ADJUSTABLE)
        for key, value in body.items():
            if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
                raise ControlError(422, f"“{key}” is a number, zero or more")
        if body.get("sms_median_seconds", 1) == 0:
            raise ControlError(422, "“sms_median_seconds” is above zero")
        return JSONResponse(self._world.adjust(carrier, body).as_json())

    async def use_profile(self, request: Request) -> Response:
        name = (await _body(request, "profile")).get("profile")
        if name not in PROFILES:
            raise ControlError(422, f"“profile” is one of: {', '.join(PROFILES)}")
        self._world.use_profile(name)
        return JSONResponse(PROFILES[name].as_json())

    async def reset(self, request: Request) -> Response:
        seed = (await _body(request, "seed")).get("seed", self._world.seed)
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise ControlError(422, "“seed” is an integer")
        self._world.reset(seed)
        await self._move_doors()
        return JSONResponse({"seed": seed})

    def _carrier(self, request: Request) -> Carrier:
        name = request.path_params["name"].replace("-", "_")
        carrier = self._world.carriers.get(name)
        if carrier is None:
            known = ", ".join(self._world.carriers)
            raise ControlError(404, f"no carrier “{name}”; there are: {known}")
        return carrier


async def _body(request: Request, *known: str) -> dict[str, Any]:
    """The JSON object sent; keys outside ``known`` are refused when any are named."""
    raw = await request.body()
    try:
        body = json.loads(raw) if raw else {}
    except ValueError as error:
        raise ControlError(422, "the body is not JSON") from error
    if not isinstance(body, dict):
        raise ControlError(422, "the body is not a JSON object")
    for key in body if known else ():
        if key not in known:
            raise ControlError(422, f"unknown key “{key}”; there are: {', '.join(known)}")
    return body


def _order_json(order: Order) -> dict[str, Any]:
    """An order for audits: amounts as decimal text, ``id`` as the carrier wrote it."""
    row = order.as_json()
    del row["pending"], row["ordinal"], row["lock_until"]
    charged = order.price - order.refunded
    amounts = {"price": order.price, "refunded": order.refunded, "charged": charged}
    return row | {"id": str(order.id)} | {key: amount_text(n) for key, n in amounts.items()}


def _error(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": message}, status)
