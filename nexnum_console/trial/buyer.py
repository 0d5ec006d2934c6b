"""A buyer with nothing but HTTP."""

from __future__ import annotations

import secrets
from typing import Any, Self

import httpx

TIMEOUT_SECONDS = 120.0
JSON = dict[str, Any]


class Refused(Exception):
    """The product said no; ``code`` and the message are its own words."""

    def __init__(self, status: int, code: str, message: str, retry_after: int | None) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.retry_after = retry_after


class Buyer:
    """One person's browser: keeps the session cookie, sends the product's own origin."""

    def __init__(self, base_url: str) -> None:
        self._client = httpx.Client(
            base_url=base_url,
            headers={"Origin": base_url},
            timeout=TIMEOUT_SECONDS,
            trust_env=False,
        )
        self.email = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._client.close()

    def register(self) -> str:
        """A new account with a random password; returns its e-mail address."""
        self.email = f"trial-{secrets.token_hex(6)}@example.com"
        body = {"email": self.email, "password": secrets.token_urlsafe(18)}
        self._send("POST", "/api/auth/register", body)
        return self.email

    def log_in(self, email: str, password: str) -> None:
        """Open a session."""
        self.email = email
        self._send("POST", "/api/auth/login", {"email": email, "password": password})

    def come_with(self, cookie: str, token: str) -> None:
        """Use a session that was opened elsewhere."""
        self._client.cookies.set(cookie, token)

    def deposit(self, amount: str) -> JSON:
        """Play money through the sandbox gateway."""
        return self._send("POST", "/api/wallet/deposit", {"amount": amount}, idempotent=True)

    def ask_deposit(self, gateway: str, amount: str) -> JSON:
        """Open a deposit at a gateway; it is paid there, or confirmed by an admin."""
        body = {"amount": amount, "gateway": gateway}
        return self._send("POST", "/api/wallet/deposits", body, idempotent=True)

    def redeem(self, code: str) -> JSON:
        """Redeem a coupon: ``{credited, wallet}``."""
        return self._send("POST", "/api/wallet/coupon", {"code": code})

    def wallet(self) -> JSON:
        """``{currency, available, reserved}``"""
        return self._send("GET", "/api/wallet")

    def offers(self, service: str, country: str) -> list[JSON]:
        """What is for sale, cheapest first."""
        path = f"/api/search/offers?service={service}&country={country}&sort=price"
        found: list[JSON] = self._send("GET", path)["offers"]
        return found

    def purchase(self, service: str, country: str, max_price: str | None = None) -> JSON:
        """Buy one number; answers with the activation, also while it is being confirmed."""
        body = {"service": service, "country": country}
        if max_price is not None:
            body["max_price"] = max_price
        return self._send("POST", "/api/numbers/purchase", body, idempotent=True)

    def look(self, activation_id: int) -> JSON:
        """The activation as it is now."""
        return self._send("GET", f"/api/numbers/{activation_id}")

    def cancel(self, activation_id: int) -> JSON:
        """Give the number back."""
        return self._send("POST", f"/api/numbers/{activation_id}/cancel", {})

    def rule(self, path: str, body: JSON) -> JSON:
        """Decide something at the till (admins): ``deposits/7/confirm``, ``coupons``."""
        return self._send("POST", f"/api/admin/{path}", body, idempotent=True)

    def sync(self, provider: str) -> None:
        """Queue a catalogue sync (admins)."""
        self._send("POST", f"/api/admin/providers/{provider}/sync", {})

    def last_sync(self, provider: str) -> JSON | None:
        """The provider's newest sync, None before the first (admins)."""
        try:
            return self._send("GET", f"/api/admin/providers/{provider}/sync")
        except Refused as refusal:
            if refusal.status == httpx.codes.NOT_FOUND:
                return None
            raise

    def _send(
        self, method: str, path: str, body: JSON | None = None, *, idempotent: bool = False
    ) -> JSON:
        headers = {"Idempotency-Key": secrets.token_hex(16)} if idempotent else {}
        answer = self._client.request(method, path, json=body, headers=headers)
        if answer.is_error:
            raise _refusal(answer)
        document: JSON = answer.json()
        return document


def _refusal(answer: httpx.Response) -> Refused:
    try:
        error = answer.json()["error"]
        code, message = str(error["code"]), str(error["message"])
    except (ValueError, KeyError, TypeError):
        code, message = f"http_{answer.status_code}", answer.text[:200]
    wait = answer.headers.get("Retry-After", "")
    return Refused(answer.status_code, code, message, int(wait) if wait.isdigit() else None)
