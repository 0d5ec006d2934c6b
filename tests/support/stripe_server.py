"""Stripe at its wire protocol: sessions and refunds with idempotency keys, signed webhooks.

What docs.stripe.com/api says of the calls that the product makes, and no more; the official
library speaks to it through its ``api_base``.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

SECRET_KEY = "sk_test_loopback4711"
WEBHOOK_SECRET = "whsec_loopback4711"


class StripeServer:
    """``mood`` decides what calls meet: well, lost (done, then no answer), refuse (with ``no``),
    down."""

    def __init__(self) -> None:
        self.mood = "well"
        self.no = (400, "charge_disputed")
        self.refund_status = "succeeded"
        self.calls: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.made: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()
        self.url = ""

    def answer(
        self, path: str, form: dict[str, str], headers: dict[str, str]
    ) -> tuple[int, dict[str, Any]] | None:
        """Status and body, None to hang up."""
        with self._lock:
            self.calls.append((path, form, headers))
            if headers.get("authorization") != f"Bearer {SECRET_KEY}":
                return 401, _error("invalid_request_error", "api_key_invalid")
            if self.mood == "down":
                return 503, _error("api_error", "")
            if self.mood == "refuse":
                return self.no[0], _error("invalid_request_error", self.no[1])
            key = f"{path} {headers.get('idempotency-key')}"
            if key not in self.made:
                self.made[key] = self._make(path, form)
            return None if self.mood == "lost" else (200, self.made[key])

    def _make(self, path: str, form: dict[str, str]) -> dict[str, Any]:
        number = len(self.made) + 1
        if path == "/v1/checkout/sessions":
            return {
                "id": f"cs_test_{number}",
                "object": "checkout.session",
                "url": f"https://checkout.stripe.com/c/pay/cs_test_{number}",
                "status": "open",
                "payment_status": "unpaid",
                "client_reference_id": form["client_reference_id"],
                "currency": form["line_items[0][price_data][currency]"],
                "amount_total": int(form["line_items[0][price_data][unit_amount]"]),
            }
        assert path == "/v1/refunds", path
        return {
            "id": f"re_test_{number}",
            "object": "refund",
            "status": self.refund_status,
            "payment_intent": form["payment_intent"],
            "amount": int(form["amount"]),
            "metadata": {"ticket": form["metadata[ticket]"]},
        }


def signed(
    event: dict[str, Any], *, secret: str = WEBHOOK_SECRET, at: float | None = None
) -> tuple[bytes, dict[str, str]]:
    """A webhook's body and headers: ``t=…,v1=HMAC-SHA256(secret, t.body)``."""
    body = json.dumps(event).encode()
    moment = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return body, {"stripe-signature": f"t={moment},v1={digest}"}


def event(number: int, kind: str, **thing: Any) -> dict[str, Any]:
    """An event as Stripe sends it."""
    return {
        "id": f"evt_{number}",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "type": kind,
        "data": {"object": thing},
    }


@contextmanager
def running() -> Iterator[StripeServer]:
    """The server on a loopback port, for the time of a test."""
    stripe = StripeServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            text = self.rfile.read(length).decode()
            form = {name: found[0] for name, found in parse_qs(text).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = stripe.answer(self.path, form, headers)
            if answer is None:
                self.close_connection = True
                self.connection.close()
                return
            body = json.dumps(answer[1]).encode()
            self.send_response(answer[0])
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Request-Id", "req_loopback")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    stripe.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield stripe
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _error(kind: str, code: str) -> dict[str, Any]:
    return {"error": {"type": kind, "code": code, "message": "refused by the loopback server"}}
