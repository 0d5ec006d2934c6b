"""From an operation and its variables to one request. No I/O, no clock."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from nexnum_console.providers import grammar
from nexnum_console.providers.compile import (
    CompiledOperation,
    CompiledProvider,
    CompiledRoute,
)
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.templates import Template
from nexnum_console.providers.vocabulary import Effect


@dataclass(frozen=True, slots=True)
class Request:
    """What will be sent, secret included: never log one, use ``redaction.redact``."""

    provider: str
    operation: str
    effect: Effect
    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(repr=False)
    deadline: float
    max_bytes: int
    secret: str = field(repr=False)
    pagination: grammar.Pagination | None = None


def build(
    compiled: CompiledProvider,
    operation: str,
    variables: Mapping[str, str],
    secret: str,
    base_url: str | None = None,
) -> Request:
    """Fill the operation's first route whose conditions hold.

    ``base_url`` replaces the config's (a sandbox). Raises ProviderError with ``sent=False`` when
    the operation is unknown or a variable is missing.
    """
    known = operation_of(compiled, operation)
    values = translated(compiled, variables)
    route = next((route for route in known.routes if route.condition.holds(values)), None)
    if route is None:
        raise _refused(compiled, f"no request of “{operation}” fits the variables given")
    path = route.path.render(values)
    if path is None:
        missing = ", ".join(route.path.missing(values))
        raise _refused(compiled, f"“{operation}” needs {missing}")
    account = _Account(compiled, secret, base_url or compiled.config.base_url)
    return _request(account, known.name, route, values, path)


@dataclass(frozen=True, slots=True)
class _Account:
    compiled: CompiledProvider
    secret: str
    base_url: str


def operation_of(compiled: CompiledProvider, operation: str) -> CompiledOperation:
    """The compiled operation; raises ProviderError where the config has none."""
    known = compiled.operations.get(operation)
    if known is None:
        raise _refused(compiled, f"its config has no operation “{operation}”")
    return known


def translated(compiled: CompiledProvider, variables: Mapping[str, str]) -> dict[str, str]:
    """Our values in the provider's words."""
    maps = compiled.config.value_maps
    return {
        name: maps[name].get(value, value) if name in maps else value
        for name, value in variables.items()
    }


def _request(
    account: _Account, operation: str, route: CompiledRoute, values: Mapping[str, str], path: str
) -> Request:
    params = _filled(route.params, values)
    headers = dict(_filled(route.headers, values))
    form = _filled(route.body, values) if route.body is not None else []
    if route.authenticated:
        for auth in account.compiled.config.auths():
            _authenticate(auth, account.secret, params, headers, form)
    headers["Accept-Encoding"] = "gzip"
    return Request(
        provider=account.compiled.name,
        operation=operation,
        effect=route.effect,
        method=route.method,
        url=_url(account.base_url, path, params),
        headers=headers,
        content=_content(route, form, headers),
        deadline=route.deadline,
        max_bytes=route.max_bytes,
        secret=account.secret,
        pagination=route.pagination,
    )


def _filled(
    templates: tuple[tuple[str, Template], ...], values: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Parameters whose variable is empty are left out."""
    pairs = [(name, template.render(values)) for name, template in templates]
    return [(name, value) for name, value in pairs if value is not None]


def _authenticate(
    auth: grammar.Auth,
    secret: str,
    params: list[tuple[str, str]],
    headers: dict[str, str],
    form: list[tuple[str, str]],
) -> None:
    carried = auth.prefix + secret
    if auth.type == "bearer":
        headers[auth.name or "Authorization"] = f"Bearer {secret}"
    elif auth.type == "header":
        headers[auth.name or "Authorization"] = carried
    elif auth.type == "query_param":
        params.insert(0, (auth.name or "api_key", carried))
    elif auth.type == "form_param":
        form.insert(0, (auth.name or "key", carried))
    elif auth.type == "basic":
        pair = f"{auth.username or ''}:{secret}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"


def _content(
    route: CompiledRoute, form: list[tuple[str, str]], headers: dict[str, str]
) -> bytes | None:
    if route.body is None and not form:
        return None
    if route.body_type == "json":
        headers.setdefault("Content-Type", "application/json")
        return json.dumps(dict(form), ensure_ascii=False).encode()
    headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    return urlencode(form).encode()


def _url(base: str, path: str, params: list[tuple[str, str]]) -> str:
    query = urlencode(params, quote_via=quote)
    return base.rstrip("/") + path + (f"?{query}" if query else "")


def _refused(compiled: CompiledProvider, reason: str) -> ProviderError:
    return ProviderError("bad_request", f"{compiled.name}: {reason}", sent=False)
