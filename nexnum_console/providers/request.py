"""From an operation and its variables to one request. No I/O, no clock."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin, urlsplit

from nexnum_console.providers import grammar
from nexnum_console.providers.authenticate import Credentials, authenticate
from nexnum_console.providers.bodies import Pairs, encode_body, filled
from nexnum_console.providers.compile import (
    CompiledOperation,
    CompiledProvider,
    CompiledRoute,
)
from nexnum_console.providers.errors import Code, ProviderError
from nexnum_console.providers.keys import key_parts, spellings
from nexnum_console.providers.signing import CompiledSign, Draft, body_pairs
from nexnum_console.providers.stamps import Stamp, fresh
from nexnum_console.providers.templates import SECRET_PART
from nexnum_console.providers.vocabulary import Effect

_UNFIT: Final = re.compile(r"[\x00-\x20\x7f-\uffff\\]")

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
    signatures: tuple[str, ...] = field(default=(), repr=False)


def build(
    compiled: CompiledProvider,
    operation: str,
    variables: Mapping[str, str],
    secret: str | Credentials,
    base_url: str | None = None,
    *,
    route: CompiledRoute | None = None,
    stamp: Stamp = fresh,
) -> Request:
    """Fill ``route``, or the operation's first one whose conditions hold.

    ``base_url`` replaces the config's (a sandbox); ``stamp`` gives the request's time and nonce,
    and is only asked where they are sent. Raises ProviderError with ``sent=False`` when
    the operation is unknown or a variable is missing.
    """
    known = operation_of(compiled, operation)
    access = Credentials(secret) if isinstance(secret, str) else secret
    values = translated(compiled, variables)
    chosen = route or next_route(known, values)
    if chosen is None:
        raise _refused(compiled, f"no request of “{operation}” fits the variables given")
    values["secret"], values["token"] = access.key, access.token
    if chosen.stamped:
        values |= stamp()
    if chosen.parts:
        values |= _parts(compiled, chosen.parts, access)
    place = chosen.link or chosen.path
    path = place.render(values)
    if path is None:
        missing = ", ".join(place.missing(values))
        raise _refused(compiled, f"“{operation}” needs {missing}")
    base = base_url or compiled.config.base_url
    address = (linked if chosen.link else address_of)(compiled.name, base, path)
    return _request(compiled.name, known.name, chosen, values, access, address)


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
    address: str,
) -> Request:
    added: Pairs = []
    headers = dict(filled(route.headers, values)) if route.headers else {}
    form: Pairs = []
    for auth in route.auths:
        authenticate(provider, auth, access, added, headers, form)
    signatures: tuple[str, ...] = ()
    for sign in route.signs:
        signatures += (_signed(sign, route, values, address, added, headers, form),)
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
        url=with_query(address, query) if query else address,
        headers=headers,
        content=encoded[0] if encoded else None,
        deadline=route.deadline,
        max_bytes=route.max_bytes,
        secret=_never_shown(access, signatures) if signatures else access.secret,
        pagination=route.pagination,
        rate_limit=route.rate_limit,
        signatures=signatures,
    )


def _parts(
    compiled: CompiledProvider, names: tuple[str, ...], access: Credentials
) -> dict[str, str]:
    """The members of the key that a request is filled with; raises ProviderError without one."""
    held = {SECRET_PART + name: part for name, part in key_parts(access.key).items()}
    for name in names:
        if name not in held:
            part = name.removeprefix(SECRET_PART)
            reason = f"{compiled.name}: the account's key must be a JSON object with “{part}”"
            raise ProviderError(Code.BAD_KEY, reason, sent=False)
    return {name: held[name] for name in names}


def _signed(
    sign: CompiledSign,
    route: CompiledRoute,
    values: Mapping[str, str],
    address: str,
    added: Pairs,
    headers: dict[str, str],
    form: Pairs,
) -> str:
    """Put a signature, and what travels beside it, where it belongs; tells how it is written."""
    extra = filled(sign.adds, values)
    place = {"query": added, "body": form}.get(sign.place)
    if place is None:
        headers.update(extra)
    else:
        place.extend(extra)
    encoded = encode_body(route.body, form, values) if route.body or form else None
    draft = Draft(
        route.method,
        address,
        route.query.render(values, added),
        encoded[0] if encoded else b"",
        [*added, *filled(route.params, values)],
        body_pairs(route.body, values, form),
    )
    made = sign.make(draft, values)
    if place is None:
        headers[sign.name] = made
    else:
        place.append((sign.name, made))
    return made


def _never_shown(access: Credentials, signatures: tuple[str, ...]) -> str:
    return "\n".join([*spellings(access.secret), *signatures])


def address_of(provider: str, base: str, path: str) -> str:
    """Where a call goes. A base URL ends its host at the next / or ?, so a path that begins with
    one stays on it; any other is refused."""
    if path and path[0] not in "/?":
        message = f"{provider}: its path leads away from the host of its base URL"
        raise ProviderError(Code.BAD_REQUEST, message, sent=False)
    return base.rstrip("/") + path


def linked(provider: str, base: str, link: str) -> str:
    """The address that a link means, on the host of the base URL and nowhere else."""
    here = urlsplit(base)
    try:
        there = urlsplit(urljoin(f"{base.rstrip('/')}/", link))
    except ValueError:
        there = urlsplit("")
    same = (there.scheme, there.netloc) == (here.scheme, here.netloc)
    if not same or there.fragment or _UNFIT.search(link):
        message = f"{provider}: the link that it gave leads away from the host of its base URL"
        raise ProviderError(Code.BAD_REQUEST, message, sent=False)
    return there.geturl()


def with_query(address: str, query: str) -> str:
    """The address with more parameters behind those that it has."""
    return f"{address}{'&' if '?' in address else '?'}{query}"


def _refused(compiled: CompiledProvider, reason: str) -> ProviderError:
    return ProviderError("bad_request", f"{compiled.name}: {reason}", sent=False)
