"""A config becomes closures, once; calls only run them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from nexnum_console.providers import grammar
from nexnum_console.providers.body import Reply
from nexnum_console.providers.convert import offer_rows
from nexnum_console.providers.fast_rows import Offers, fast_reader
from nexnum_console.providers.fields import row_builder
from nexnum_console.providers.normal import NormalForm, finisher
from nexnum_console.providers.rows import Found, Variables, reader
from nexnum_console.providers.rules import StatusTest, Tests, compile_errors, equals, status_test
from nexnum_console.providers.sources import path
from nexnum_console.providers.templates import PathTemplate, Template, variable_name
from nexnum_console.providers.vocabulary import ANY, EFFECTS, OPERATION_ALIASES, Effect

LARGE_BODY = 16 * 1024 * 1024
SMALL_BODY = 1024 * 1024
_LARGE = frozenset({"prices", "countries", "services", "operators"})
_ASKED = ("country", "service")


@dataclass(frozen=True, slots=True)
class Condition:
    """Which variables must be given, and which must not."""

    requires: tuple[str, ...]
    unless: tuple[str, ...]

    def holds(self, variables: Variables) -> bool:
        """A variable that says “any” counts as not given."""
        return all(given(variables, name) for name in self.requires) and not any(
            given(variables, name) for name in self.unless
        )


@dataclass(frozen=True, slots=True)
class CompiledRoute:
    """One request, ready to be filled."""

    method: str
    path: PathTemplate
    params: tuple[tuple[str, Template], ...]
    headers: tuple[tuple[str, Template], ...]
    body: tuple[tuple[str, Template], ...] | None
    body_type: str
    authenticated: bool
    condition: Condition
    effect: Effect
    deadline: float
    max_bytes: int
    pagination: grammar.Pagination | None


@dataclass(frozen=True, slots=True)
class CompiledReply:
    """One shape of an answer, ready to read."""

    type: str
    condition: Condition
    accepts: StatusTest
    read: Callable[[Reply, Variables], NormalForm | None]
    offers: Callable[[Reply, Variables], Offers | None] | None = None


@dataclass(frozen=True, slots=True)
class CompiledOperation:
    """All that is needed to ask and to understand one operation."""

    name: str
    routes: tuple[CompiledRoute, ...]
    replies: tuple[CompiledReply, ...]
    errors: tuple[Tests, ...]


@dataclass(frozen=True, slots=True)
class CompiledProvider:
    """A provider ready for calls; holds no secret and no connection."""

    config: grammar.ProviderConfig
    operations: Mapping[str, CompiledOperation]

    @property
    def name(self) -> str:
        """The provider's name."""
        return self.config.name


def given(variables: Variables, name: str) -> bool:
    """Whether a variable carries a choice."""
    return (variables.get(name) or "").lower() not in ANY


def operation_name(written: str) -> str:
    """Our name of an operation however the config writes it; raises KeyError."""
    name = OPERATION_ALIASES.get(written, written)
    if name not in EFFECTS:
        raise KeyError(written)
    return name


def compile_config(config: grammar.ProviderConfig, *, fast: bool = True) -> CompiledProvider:
    """Compile a config that ``load_config`` has accepted.

    ``fast`` reads long price lists by column; without it the general readers read everything.
    """
    mappings = {operation_name(name): mapping for name, mapping in config.mappings.items()}
    endpoints = {operation_name(name): endpoint for name, endpoint in config.endpoints.items()}
    shared = compile_errors(config.errors)
    operations = {
        name: _operation(config, name, endpoints.get(name), mappings.get(name), shared, fast)
        for name in {**endpoints, **mappings}
    }
    return CompiledProvider(config, operations)


def routes_of(endpoint: grammar.Route | grammar.Routes | None) -> list[grammar.Route]:
    """The requests of an endpoint, one or several."""
    if isinstance(endpoint, grammar.Routes):
        return endpoint.routes
    return [endpoint] if endpoint else []


def replies_of(mapping: grammar.Reply | grammar.Replies | None) -> list[grammar.Reply]:
    """The replies of a mapping, one or several."""
    if isinstance(mapping, grammar.Replies):
        return mapping.replies
    return [mapping] if mapping else []


def _operation(
    config: grammar.ProviderConfig,
    name: str,
    endpoint: grammar.Route | grammar.Routes | None,
    mapping: grammar.Reply | grammar.Replies | None,
    shared: Tests,
    fast: bool,
) -> CompiledOperation:
    replies = replies_of(mapping)
    own = [reply.errors for reply in replies if reply.errors]
    if isinstance(mapping, grammar.Replies):
        own.insert(0, mapping.errors)
    return CompiledOperation(
        name,
        tuple(_route(config, name, route) for route in routes_of(endpoint)),
        tuple(_reply(config, name, reply, fast) for reply in replies),
        (*map(compile_errors, own), shared),
    )


def _condition(part: grammar.Route | grammar.Reply) -> Condition:
    return Condition(
        tuple(map(variable_name, part.requires)), tuple(map(variable_name, part.unless))
    )


def _route(config: grammar.ProviderConfig, operation: str, route: grammar.Route) -> CompiledRoute:
    written, _, query = route.path.partition("?")
    fixed = tuple((key, Template(value)) for key, value in parse_qsl(query, keep_blank_values=True))
    effect = route.effect or EFFECTS[operation]
    deadlines = {
        "read": config.deadlines.read_seconds,
        "spend": config.deadlines.spend_seconds,
        "release": config.deadlines.release_seconds,
    }
    return CompiledRoute(
        method=route.method,
        path=PathTemplate(written),
        params=fixed + _templates(route.query_params),
        headers=_templates({**config.headers, **route.headers}),
        body=_templates(route.body.fields) if route.body else None,
        body_type=route.body.type if route.body else "form",
        authenticated=route.authenticated,
        condition=_condition(route),
        effect=effect,
        deadline=route.deadline_seconds or deadlines[effect],
        max_bytes=route.max_bytes or (LARGE_BODY if operation in _LARGE else SMALL_BODY),
        pagination=route.pagination,
    )


def _templates(values: Mapping[str, str | int | bool]) -> tuple[tuple[str, Template], ...]:
    return tuple((name, Template(literal(value))) for name, value in values.items())


def literal(value: str | int | bool) -> str:
    """A config's scalar as it travels."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _reply(
    config: grammar.ProviderConfig, operation: str, reply: grammar.Reply, fast: bool
) -> CompiledReply:
    read_rows = reader(reply, row_builder(config, reply, operation))
    finish = finisher(config, reply, operation)
    matches = [(path(where), equals(wanted)) for where, wanted in reply.match.items()]
    quick = fast_reader(config, reply, operation) if fast else None

    def fits(answer: Reply) -> bool:
        if not matches:
            return True
        return answer.is_json and all(equal(where(answer.document)) for where, equal in matches)

    def settled(found: Found | None, variables: Variables) -> NormalForm | None:
        if found is None or (reply.every_row and found.skipped):
            return None
        return finish(found, variables)

    def general(answer: Reply, variables: Variables) -> NormalForm | None:
        return settled(read_rows(answer, variables), variables) if fits(answer) else None

    def read(answer: Reply, variables: Variables) -> NormalForm | None:
        found = quick.rows(answer, variables) if quick else None
        return general(answer, variables) if found is None else settled(found, variables)

    def offers(answer: Reply, variables: Variables) -> Offers | None:
        asked = {name: variables[name] for name in _ASKED if given(variables, name)}
        found = quick.offers(answer, variables, asked) if quick else None
        if found is None:
            result = general(answer, variables)
            return Offers(offer_rows(result), result["skipped"]) if result else None
        unfit = found.skipped and (reply.every_row or not found.rows)
        return None if unfit else found

    return CompiledReply(
        reply.type,
        _condition(reply),
        status_test(reply.http_status),
        read,
        offers if operation == "prices" else None,
    )
