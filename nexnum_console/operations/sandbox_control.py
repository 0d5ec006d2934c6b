"""The control API of the sandbox carriers, as the product's own tools use it."""

from __future__ import annotations

from typing import Any

import httpx

from nexnum_console.core.errors import BusinessError, Unavailable

TIMEOUT_SECONDS = 10.0


class SandboxRefused(BusinessError):
    """The sandbox answered no; its own words are the message."""

    code = "sandbox_refused"
    status = 409


class SandboxControl:
    """Calls ``/control`` of a running sandbox.

    Every method raises Unavailable where nothing answers and SandboxRefused where it says no.
    """

    def __init__(self, url: str, key: str) -> None:
        self._client = httpx.Client(
            base_url=url,
            headers={"X-Sandbox-Key": key},
            timeout=TIMEOUT_SECONDS,
            trust_env=False,
        )

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def carriers(self) -> list[dict[str, Any]]:
        """Each carrier with its lifetimes, balance, counts and faults."""
        found: list[dict[str, Any]] = self.world()["carriers"]
        return found

    def world(self) -> dict[str, Any]:
        """``seed``, ``profile`` and ``carriers``."""
        return self.ask("GET", "/control/carriers")

    def orders(self, *, only_open: bool = False) -> list[dict[str, Any]]:
        """Every order the carriers ever took, or those that still run; money as decimal text."""
        query = {"open": "1"} if only_open else None
        found: list[dict[str, Any]] = self.ask("GET", "/control/orders", query=query)["orders"]
        return found

    def use_profile(self, name: str) -> None:
        """Set how fast the simulated world turns: real, demo or fast."""
        self.ask("PUT", "/control/profile", {"profile": name})

    def adjust(self, carrier: str, **values: float) -> None:
        """Change a carrier's habits, such as ``never_share`` or ``answer_seconds``."""
        self.ask("PATCH", f"/control/carriers/{carrier}", values)

    def set_fault(self, carrier: str, fault: str, **options: Any) -> None:
        """Let a fault strike the carrier at ``rate`` (0..1)."""
        self.ask("PUT", f"/control/carriers/{carrier}/faults/{fault}", options)

    def clear_fault(self, carrier: str, fault: str) -> None:
        """End one fault of the carrier."""
        self.ask("DELETE", f"/control/carriers/{carrier}/faults/{fault}")

    def clear_faults(self, carrier: str) -> None:
        """End every fault of the carrier."""
        self.ask("DELETE", f"/control/carriers/{carrier}/faults")

    def send_sms(self, order_id: str, code: str, text: str | None = None) -> None:
        """Let an SMS arrive at an activation, by the carrier's id."""
        body = {"code": code} | ({"text": text} if text else {})
        self.ask("POST", f"/control/activations/{order_id}/sms", body)

    def ask(
        self, method: str, path: str, body: Any = None, query: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """One call of the control API and its JSON answer."""
        try:
            answer = self._client.request(method, path, json=body, params=query)
            document: dict[str, Any] = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unavailable(
                f"no sandbox answers at {self._client.base_url}; start it with ./nexnum up"
            ) from error
        except ValueError as error:
            raise Unavailable(
                f"what answers at {self._client.base_url} is not the sandbox"
            ) from error
        if answer.is_error:
            words = document.get("error", f"HTTP {answer.status_code}")
            raise SandboxRefused(f"the sandbox refused: {words}")
        return document
