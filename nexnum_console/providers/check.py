"""What a well-formed config can still get wrong: names, patterns, paths, missing outputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from nexnum_console.providers import grammar
from nexnum_console.providers.check_replies import (
    condition_faults,
    error_faults,
    mapping_faults,
    state_faults,
)
from nexnum_console.providers.compile import operation_name, routes_of
from nexnum_console.providers.faults import (
    Fault,
    attempt,
    operation_of,
)
from nexnum_console.providers.headers import answer_path
from nexnum_console.providers.positions import Path
from nexnum_console.providers.problems import nearest
from nexnum_console.providers.templates import (
    PathTemplate,
    Template,
)
from nexnum_console.providers.vocabulary import (
    EFFECTS,
    OPERATION_ALIASES,
    VARIABLE_ALIASES,
    VARIABLES,
)
from nexnum_console.providers.zones import known_zone, zone_names

_CARE: Final = ("read", "release", "spend")  # a config may ask for more of it, never for less
_VARIABLES = (*VARIABLES, *VARIABLE_ALIASES)


def faults(config: grammar.ProviderConfig) -> list[Fault]:
    """Everything wrong with a config that pydantic could not see."""
    return [
        *_base_url(config),
        *_timezone(config),
        *_auth(config),
        *state_faults(("statuses",), config.statuses),
        *error_faults(("errors",), config.errors),
        *_names(config),
        *_value_maps(config),
        *_endpoints(config),
        *mapping_faults(config),
    ]


def _base_url(config: grammar.ProviderConfig) -> Iterator[Fault]:
    where: Path = ("baseUrl",)
    if "base_url" not in config.model_fields_set:
        for written in list(config.endpoints)[:1]:
            message = f"“{written}” is asked for, and no “baseUrl” says where"
            cure = 'add "baseUrl": "https://…", the address of the provider, at the top'
            yield Fault(("endpoints", written), message, at_key=True, cure=cure, lacks=True)
        return
    try:
        parts = urlsplit(config.base_url)
    except ValueError:  # brackets that hold no IPv6 address
        parts = urlsplit("")
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        message = f"“{config.base_url}” is not a web address"
        yield Fault(where, message, cure="write https://host or https://host/path")
    elif "@" in parts.netloc or parts.query or parts.fragment:
        message = "the base URL may hold a host and a path only, no key and no query"
        yield Fault(where, message, cure="“auth” says how the key travels")


def _timezone(config: grammar.ProviderConfig) -> Iterator[Fault]:
    if not known_zone(config.timezone):
        message = f"“{config.timezone}” is neither an offset nor a time zone"
        near = nearest(config.timezone, zone_names())
        cure = f'write "{near}"' if near else "write +03:00, -05:00, Z or a name as Europe/Moscow"
        yield Fault(("timezone",), message, cure=cure)


def _auth(config: grammar.ProviderConfig) -> Iterator[Fault]:
    if config.auth is not None and config.auth_type is not None:
        message = "give either “auth” or “authType”, not both"
        yield Fault(("authType",), message, at_key=True, cure="remove “authType”")
    for index, auth in enumerate(config.auths()):
        if auth.type in {"header", "query_param", "form_param"} and not auth.name:
            where: Path = ("auth", index) if isinstance(config.auth, list) else ("auth",)
            where = ("authType",) if config.auth is None else where
            key = {"header": "authHeader", "query_param": "authQueryParam"}.get(auth.type, "name")
            cure = f"add “{key if config.auth is None else 'name'}”, as the provider calls it"
            message = f"auth by {auth.type} needs the name that carries the key"
            yield Fault(where, message, cure=cure, lacks=True)


def _names(config: grammar.ProviderConfig) -> Iterator[Fault]:
    for place, table in (("endpoints", config.endpoints), ("mappings", config.mappings)):
        seen: dict[str, str] = {}
        for written in table:
            try:
                name = operation_name(written)
            except KeyError:
                known = (*EFFECTS, *OPERATION_ALIASES)
                message = f"“{written}” is not an operation"
                yield Fault((place, written), message, written, known, at_key=True)
                continue
            if name in seen:
                message = f"“{written}” and “{seen[name]}” are the same operation"
                several = "routes" if place == "endpoints" else "replies"
                cure = f"remove one, or list both under “{several}”"
                yield Fault((place, written), message, at_key=True, cure=cure)
            seen[name] = written


def _value_maps(config: grammar.ProviderConfig) -> Iterator[Fault]:
    for name in config.value_maps:
        if name not in VARIABLES:
            message = f"“{name}” is not a variable"
            yield Fault(("valueMaps", name), message, name, VARIABLES, at_key=True)


def _endpoints(config: grammar.ProviderConfig) -> Iterator[Fault]:
    mapped = {operation_of(name) for name in config.mappings}
    for written, endpoint in config.endpoints.items():
        operation = operation_of(written)
        if operation is None:
            continue
        if operation not in mapped:
            message = f"nothing under “mappings” reads the answer of “{written}”"
            cure = f"add “{written}” to “mappings”, or remove it here"
            yield Fault(("endpoints", written), message, at_key=True, cure=cure, lacks=True)
        several = isinstance(endpoint, grammar.Routes)
        for index, route in enumerate(routes_of(endpoint)):
            inner: Path = ("routes", index) if several else ()
            yield from _route(("endpoints", written, *inner), operation, route)


def _route(where: Path, operation: str, route: grammar.Route) -> Iterator[Fault]:
    place = (*where, "path")
    if route.path and (route.path[:1] not in {"/", "?"} or route.path.startswith("//")):
        message = f"“{route.path}” must begin with one / and stay on the base URL's host"
        yield Fault(place, message, cure="write the path only; the host is that of the base URL")
    elif "\\" in route.path or ".." in route.path.partition("?")[0].split("/"):
        yield Fault(place, f"“{route.path}” may not climb", cure="write it without .. and \\")
    yield from attempt(place, lambda: PathTemplate(route.path.partition("?")[0]))
    if route.link is not None:
        link = route.link
        yield from attempt((*where, "link"), lambda: Template(link))
        if route.path:
            message, cure = "“link” stands instead of “path”", "remove one of both"
            yield Fault((*where, "link"), message, at_key=True, cure=cure)
    yield from _templates((*where, "queryParams"), route.query_params)
    yield from _templates((*where, "headers"), route.headers)
    if route.body:
        if isinstance(route.body.fields, dict):
            yield from _templates((*where, "body", "fields"), route.body.fields)
        if route.method == "GET":
            message, cure = "a GET request carries no body", "use POST, or “queryParams”"
            yield Fault((*where, "body"), message, at_key=True, cure=cure)
    yield from condition_faults(where, route)
    least = EFFECTS[operation]
    if route.effect and _CARE.index(route.effect) < _CARE.index(least):
        message = f"“{operation}” is always “{least}”: it may be sent only once"
        cure = f"remove “effect”, or write “{least}”"
        yield Fault((*where, "effect"), message, cure=cure)
    if route.pagination and route.pagination.total:
        total = route.pagination.total
        yield from attempt((*where, "pagination", "total"), lambda: answer_path(total))


def _templates(where: Path, values: dict[str, Any]) -> Iterator[Fault]:
    for name, value in values.items():
        if isinstance(value, str):
            yield from attempt((*where, name), lambda value=value: Template(value))  # type: ignore[misc]
