"""From an operation and its variables to one request. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nexnum_console.providers import grammar
from nexnum_console.providers.authenticate import Credentials, authenticate
from nexnum_console.providers.bodies import Pairs, encode_body, filled
from nexnum_console.providers.compile import (
    CompiledOperation,
    CompiledProvider,
    CompiledRoute,
)
from nexnum_console.providers.errors import Code, ProviderError
from nexnum_console.providers.vocabulary import Effect

__all__ = ["Credentials", "Request", "build", "next_route", "operation_of", "translated"]


@dataclass(slots=True)  # frozen, its twelve fields would take as long as all the rest of a request
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
    rate_limit: grammar.RateLimit | None = None


def build(
    compiled: CompiledProvider,
    operation: str,
    variables: Mapping[str, str],
    secret: str | Credentials,
    base_url: str | None = None,
    *,
    route: CompiledRoute | None = None,
) -> Request:
    """Fill ``route``, or the operation's first one whose conditions hold.

    ``base_url`` replaces the config's (a sandbox). Raises ProviderError with ``sent=False`` when
    the operation is unknown or a variable is missing.
    """
    known = operation_of(compiled, operation)
    access = Credentials(secret) if isinstance(secret, str) else secret
    values = translated(compiled, variables)
    chosen = route or next_route(known, values)
    if chosen is None:
        raise _refused(compiled, f"no request of “{operation}” fits the variables given")
    values["secret"], values["token"] = access.key, access.token
    path = chosen.path.render(values)
    if path is None:
        missing = ", ".join(chosen.path.missing(values))
        raise _refused(compiled, f"“{operation}” needs {missing}")
    where = address_of(compiled.name, base_url or compiled.config.base_url, path)
    return _request(compiled.name, known.name, chosen, values, access, where)


def next_route(
    operation: CompiledOperation,
    values: Mapping[str, str],
    refused: tuple[CompiledRoute, Code] | None = None,
) -> CompiledRoute | None:
    """The first request whose conditions hold; after a refusal, the next one meant for it."""
    routes = operation.routes
    if refused is not None:
        before, code = refused
        later = routes[routes.index(before) + 1 :]
        return next((r for r in later if code in r.after and r.condition.holds(values)), None)
    for route in routes:
        if not route.after and route.condition.holds(values):
            return route
    return None


def operation_of(compiled: CompiledProvider, operation: str) -> CompiledOperation:
    """The compiled operation; raises ProviderError where the config has none."""
    known = compiled.operations.get(operation)
    if known is None:
        raise _refused(compiled, f"its config has no operation “{operation}”")
    return known


def translated(compiled: CompiledProvider, variables: Mapping[str, str]) -> dict[str, str]:
    """Our values in the provider's words."""
    maps = compiled.config.value_maps
    if not maps:
        return dict(variables)
    return {
        name: maps[name].get(value, value) if name in maps else value
        for name, value in variables.items()
    }


def _request(
    provider: str,
    operation: str,
    route: CompiledRoute,
    values: Mapping[str, str],
    access: Credentials,
    where: str,
) -> Request:
    added: Pairs = []
    headers = dict(filled(route.headers, values)) if route.headers else {}
    form: Pairs = []
    for auth in route.auths:
        authenticate(provider, auth, access, added, headers, form)
    encoded = encode_body(route.body, form, values) if route.body or form else None
    if encoded is not None:
        headers.setdefault("Content-Type", encoded[1])
    headers["Accept-Encoding"] = "gzip"
    query = route.query.render(values, added)
    return Request(
        provider=provider,
        operation=operation,
        effect=route.effect,
        method=route.method,
        url=f"{where}?{query}" if query else where,
        headers=headers,
        content=encoded[0] if encoded else None,
        deadline=route.deadline,
        max_bytes=route.max_bytes,
        secret=access.secret,
        pagination=route.pagination,
        rate_limit=route.rate_limit,
    )


def address_of(name: str, base: str, path: str) -> str:
    """The address without its query; a path that would leave the base URL's host is refused.

    A host ends where a slash or a question mark begins, so a path that begins with one stays.
    """
    if path and path[0] not in "/?":
        message = f"{name}: its path leads away from the host of its base URL"
        raise ProviderError(Code.BAD_REQUEST, message, sent=False)
    return base.rstrip("/") + path


def _refused(compiled: CompiledProvider, reason: str) -> ProviderError:
    return ProviderError("bad_request", f"{compiled.name}: {reason}", sent=False)
