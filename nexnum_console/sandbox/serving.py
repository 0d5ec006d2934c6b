"""Between the line and the carrier: answer delay and the faults of the line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from nexnum_console.sandbox.carriers import Carrier
from nexnum_console.sandbox.faults import Strike
from nexnum_console.sandbox.orders import Order
from nexnum_console.sandbox.wire import Drip, HalfBody, Silence

PLAIN = "text/plain; charset=utf-8"
HTML = "text/html; charset=UTF-8"
JSON = "application/json"
BAD_GATEWAY_PAGE = (
    "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\n"
    "<body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body></html>\n"
)
# Sold this early, a sale is on the books before the carrier's declared last moment.
LATE_SALE_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Answer:
    """What a dialect wants to say. ``order`` is the one a buy has just opened."""

    status: int
    body: str
    media: str = PLAIN
    headers: dict[str, str] = field(default_factory=dict)
    order: Order | None = None


class CarrierEndpoint:
    """Runs one operation of a carrier under its faults.

    ``throttled`` is its 429 text, ``text_media`` the content type of its plain words.
    """

    def __init__(self, carrier: Callable[[], Carrier], throttled: str, text_media: str) -> None:
        self._carrier = carrier
        self._text_media = text_media
        self._throttled = throttled
        self._jitter = Random(0)

    @property
    def carrier(self) -> Carrier:
        return self._carrier()

    async def respond(
        self, request: Request, operation: str, perform: Callable[[], Answer]
    ) -> ASGIApp:
        """The answer to send, or a broken line in place of it."""
        carrier = self.carrier
        if operation == "buy":
            carrier.buy_requests += 1
        at_door = carrier.own_port is not None and carrier.own_port == request.scope["server"][1]
        strike = carrier.faults.wire_strike(operation, refuse_at_door=at_door)
        if carrier.profile.answer_seconds > 0:
            jitter = self._jitter.uniform(0.5, 1.5)
            await carrier.clock.sleep(carrier.profile.answer_seconds * jitter)
        if strike is None:
            return _plain(perform())
        return await self._spoil(strike, perform)

    async def _spoil(self, strike: Strike, perform: Callable[[], Answer]) -> ASGIApp:
        if not _does_the_work(strike):
            return self._spoiled_before(strike)
        carrier = self.carrier
        if strike.fault == "timeout_after":
            latest = carrier.profile.lifetimes.max_answer_seconds * LATE_SALE_SHARE
            await carrier.clock.sleep(latest * strike.coin)
        answer = perform()
        if answer.order is not None:
            answer.order.answer_fault = strike.fault
        return self._spoiled_after(strike, answer)

    def _spoiled_before(self, strike: Strike) -> ASGIApp:
        """What the client meets when nothing was done."""
        options = strike.options
        match strike.fault:
            case "rate429":
                wait = {"Retry-After": str(options.get("retry_after", 1))}
                return Response(self._throttled, 429, wait, self._text_media)
            case "say":
                status, body = options.get("status", 200), options.get("body", "")
                return Response(body, status, media_type=self._text_media)
            case "refuse":
                return Silence()
            case "timeout_before":
                return Silence(self.carrier.profile.hang_seconds)
        return _page(strike)

    def _spoiled_after(self, strike: Strike, answer: Answer) -> ASGIApp:
        """What the client meets in place of the answer to something done."""
        limit, body = self.carrier.profile.hang_seconds, answer.body.encode()
        match strike.fault:
            case "timeout_after":
                return Silence(limit)
            case "slow_drip":
                pace = float(strike.options.get("seconds_per_byte", 1.0))
                return Drip(answer.status, answer.media, body, pace, limit)
            case "truncated":
                form = strike.options.get("form") or ("short" if strike.heads else "cut")
                if form == "cut" and len(body) > 1:
                    return HalfBody(answer.status, answer.media, body)
                return _plain(answer, body[: len(body) // 2])
        return _page(strike)


def _does_the_work(strike: Strike) -> bool:
    if strike.fault == "html":
        moment = strike.options.get("moment") or ("before" if strike.heads else "after")
        return bool(moment == "after")
    return strike.fault in ("timeout_after", "error500_after", "truncated", "slow_drip")


def _page(strike: Strike) -> Response:
    if strike.fault == "html":
        return Response(BAD_GATEWAY_PAGE, 200, media_type=HTML)
    return Response("Internal Server Error", 500, media_type=PLAIN)


def _plain(answer: Answer, body: bytes | None = None) -> Response:
    content = answer.body.encode() if body is None else body
    response = Response(content, answer.status, answer.headers)
    # Starlette would add a charset; carriers send exactly this.
    response.headers["content-type"] = answer.media
    return response
