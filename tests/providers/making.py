"""Small configs made in a test, and a transport that answers from a script."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from nexnum_console.providers.body import Reply
from nexnum_console.providers.compile import CompiledProvider, compile_config
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.loading import load_config
from nexnum_console.providers.reply import read
from nexnum_console.providers.request import Request

Answer = Reply | ProviderError | Callable[[Request], Reply]


def provider(endpoints: dict[str, Any], mappings: dict[str, Any], **more: Any) -> CompiledProvider:
    """A compiled config of these parts at https://x.example."""
    config = {"name": "made", "baseUrl": "https://x.example", "auth": {"type": "none"}}
    config |= more | {"endpoints": endpoints, "mappings": mappings}
    return compile_config(load_config(json.dumps(config), "made.json"))


def reading(operation: str, mapping: dict[str, Any], **more: Any) -> CompiledProvider:
    """A config whose one operation answers by this mapping."""
    return provider({operation: {"path": "/x"}}, {operation: mapping}, **more)


def answer(body: Any = "", status: int = 200, **headers: str) -> Reply:
    text = body if isinstance(body, str) else json.dumps(body)
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, text)


def result(
    compiled: CompiledProvider, operation: str, reply: Reply, **variables: str
) -> dict[str, Any]:
    """The normal form, or ``{"error": code}``."""
    try:
        return read(compiled, operation, reply, variables)
    except ProviderError as error:
        return {"error": str(error.code)}


class Script:
    """Answers one after the other, and keeps what was asked. It stands for both transports."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []
        self.reports: list[tuple[str, str]] = []

    def send(self, request: Request) -> Reply:
        self.requests.append(request)
        said = self.answers.pop(0)
        if isinstance(said, ProviderError):
            raise said
        return said if isinstance(said, Reply) else said(request)

    def report(self, provider: str, operation: str, outcome: str, seconds: float) -> None:
        self.reports.append((operation, outcome))

    @property
    def urls(self) -> list[str]:
        return [request.url.removeprefix("https://x.example") for request in self.requests]


class AsyncScript(Script):
    async def send(self, request: Request) -> Reply:  # type: ignore[override]
        return super().send(request)
