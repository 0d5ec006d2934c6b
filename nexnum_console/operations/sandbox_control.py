"""The control API of the sandbox carriers, as the product's own tools use it."""

from __future__ import annotations

from typing import Any

import httpx

from nexnum_console.core.errors import Unavailable

TIMEOUT_SECONDS = 10.0


class SandboxControl:
    """Calls ``/control`` of a running sandbox; every method raises Unavailable with the cause."""

    def __init__(self, url: str, key: str) -> None:
        self._client = httpx.Client(
            base_url=url,
            headers={"X-Sandbox-Key": key},
            timeout=TIMEOUT_SECONDS,
            trust_env=False,
        )

    def carriers(self) -> list[dict[str, Any]]:
        """Each carrier with its lifetimes, balance, counts and faults."""
        found: list[dict[str, Any]] = self._call("GET", "/control/carriers")["carriers"]
        return found

    def orders(self) -> list[dict[str, Any]]:
        """Every order the carriers ever took; money as decimal text."""
        found: list[dict[str, Any]] = self._call("GET", "/control/orders")["orders"]
        return found

    def use_profile(self, name: str) -> None:
        """Set how fast the simulated world turns: real, demo or fast."""
        self._call("PUT", "/control/profile", {"profile": name})

    def adjust(self, carrier: str, **changes: float) -> None:
        """Change single delays (seconds) or shares (0..1) of a carrier."""
        self._call("PATCH", f"/control/carriers/{carrier}", changes)

    def set_fault(self, carrier: str, fault: str, **options: Any) -> None:
        """Let a fault strike the carrier at ``rate`` (0..1)."""
        self._call("PUT", f"/control/carriers/{carrier}/faults/{fault}", options)

    def clear_faults(self, carrier: str) -> None:
        """End every fault of the carrier."""
        self._call("DELETE", f"/control/carriers/{carrier}/faults")

    def send_sms(self, order_id: str, code: str, text: str | None = None) -> None:
        """Let an SMS arrive at an activation, by the carrier's id."""
        body = {"code": code} | ({"text": text} if text else {})
        self._call("POST", f"/control/activations/{order_id}/sms", body)

    def _call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        try:
            answer = self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise Unavailable(
                "the sandbox carriers do not answer; start them with ./nexnum up"
            ) from error
        if answer.is_error:
            raise Unavailable(f"the sandbox refused: {answer.json().get('error', answer.text)}")
        document: dict[str, Any] = answer.json()
        return document
