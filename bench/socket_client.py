"""A browser tab without a browser: speaks Reflex's websocket and says what it was told."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import aiohttp
import socketio
from reflex_base.constants import Reflex

HYDRATE = "reflex___state____state.hydrate_and_load"
NAMESPACE = "/_event"


class Tab:
    """One client token on one connection. ``heard`` keeps every update as it came."""

    def __init__(
        self,
        url: str,
        cookie: str | None,
        token: str | None = None,
        *,
        origin: str | None = None,
    ) -> None:
        self.token = token or str(uuid.uuid4())
        self.heard: list[dict[str, Any]] = []
        self._url = url
        self._headers = {"Cookie": cookie} if cookie else {}
        if origin:
            self._headers["Origin"] = origin
        self._news = asyncio.Event()

    async def __aenter__(self) -> Tab:
        self._session = aiohttp.ClientSession()
        self._client = socketio.AsyncClient(reconnection=False, http_session=self._session)
        self._client.on("event", self._keep, namespace=NAMESPACE)
        try:
            await self._client.connect(
                f"{self._url}?token={self.token}",
                headers={**self._headers, "Sec-WebSocket-Protocol": Reflex.VERSION},
                socketio_path="/_event",
                namespaces=[NAMESPACE],
                transports=["websocket"],
                wait_timeout=10,
            )
        except BaseException:
            await self._session.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.disconnect()
        await self._session.close()

    async def send(self, name: str, path: str = "/", /, **payload: Any) -> None:
        """Fire an event by its full name, as any client can."""
        routing = {"pathname": path, "asPath": path, "query": {}}
        event = {"name": name, "payload": payload, "router_data": routing}
        await self._client.emit("event", event, namespace=NAMESPACE)

    async def quiet(self, seconds: float = 0.4, most: float = 10.0) -> None:
        """Wait until nothing came for ``seconds``."""
        try:
            async with asyncio.timeout(most):
                while True:
                    self._news.clear()
                    try:
                        await asyncio.wait_for(self._news.wait(), seconds)
                    except TimeoutError:
                        return
        except TimeoutError:
            return

    def states(self) -> dict[str, dict[str, Any]]:
        """Every value told so far, by state name, newest last."""
        told: dict[str, dict[str, Any]] = {}
        for update in self.heard:
            for name, values in (update.get("delta") or {}).items():
                told.setdefault(name, {}).update(values)
        return told

    def redirects(self) -> list[str]:
        """Where the server sent this tab."""
        return [
            event["payload"]["path"]
            for update in self.heard
            for event in update.get("events") or []
            if event["name"] == "_redirect"
        ]

    def _keep(self, update: dict[str, Any]) -> None:
        self.heard.append(update)
        self._news.set()
