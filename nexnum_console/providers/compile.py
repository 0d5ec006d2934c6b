"""A config becomes closures, once; calls only run them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from nexnum_console.providers import grammar
from nexnum_console.providers.bodies import CompiledBody, compile_body, template
from nexnum_console.providers.body import Reply
from nexnum_console.providers.errors import Code, ProviderError
from nexnum_console.providers.fields import row_builder
from nexnum_console.providers.headers import answer_path, tells_of_headers
from nexnum_console.providers.localise import localiser
from nexnum_console.providers.normal import NormalForm, finisher
from nexnum_console.providers.parts import Follow, Param
from nexnum_console.providers.rows import Variables, reader
from nexnum_console.providers.rules import StatusTest, Tests, compile_errors, equals, status_test
from nexnum_console.providers.templates import PathTemplate, Template, variable_name
from nexnum_console.providers.vocabulary import (
    ANY,
    EFFECTS,
    OPERATION_ALIASES,
    STATES,
    Effect,
)

LARGE_BODY = 16 * 1024 * 1024
SMALL_BODY = 1024 * 1024
_LARGE = frozenset({"prices", "countries", "services", "operators"})
_NOT_LISTED = "the provider's list does not hold this number"


@dataclass(frozen=True, slots=True)
class Condition:
    """Which variables must be given, and which must not."""

    requires: tuple[str, ...]
    unless: tuple[str, ...]
    when: tuple[tuple[str, frozenset[str]], ...] = ()

    def holds(self, variables: Variables) -> bool:
        """A variable that says “any” counts as not given."""
        return (
            all(given(variables, name) for name in self.requires)
            and not any(given(variables, name) for name in self.unless)
            and all(variables.get(name) in words for name, words in self.when)
        )


@dataclass(frozen=True, slots=True)
class CompiledRoute:
    """One request, ready to be filled."""

    method: str
    path: PathTemplate
    params: tuple[tuple[str, Template], ...]
    headers: tuple[tuple[str, Template], ...]
    body: CompiledBody | None
    authenticated: bool
    condition: Condition
    effect: Effect
    deadline: float
    max_bytes: int
    pagination: grammar.Pagination | None
    after: frozenset[Code]
    rate_limit: grammar.RateLimit | None

    @property
    def named(self) -> tuple[tuple[str, Template], ...]:
        """Everything it sends by name, in the query or in the body."""
        return (*self.params, *(self.body.pairs if self.body else ()))


@dataclass(frozen=True, slots=True)
class CompiledReply:
    """One shape of an answer, ready to read."""

    type: str
    condition: Condition
    accepts: StatusTest
    read: Callable[[Reply, Variables], NormalForm | None]


@dataclass(frozen=True, slots=True)
class CompiledOperation:
    """All that is needed to ask and to understand one operation."""

    name: str
    routes: tuple[CompiledRoute, ...]
    replies: tuple[CompiledReply, ...]
    errors: tuple[Tests, ...]
    follow: Follow | None = None


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


def compile_config(config: grammar.ProviderConfig) -> CompiledProvider:
    """Compile a config that ``load_config`` has accepted."""
    mappings = {operation_name(name): mapping for name, mapping in config.mappings.items()}
    endpoints = {operation_name(name): endpoint for name, endpoint in config.endpoints.items()}
    shared = compile_errors(config.errors)
    operations = {
        name: _operation(config, name, endpoints.get(name), mappings.get(name), shared)
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
) -> CompiledOperation:
    replies = replies_of(mapping)
    own = [reply.errors for reply in replies if reply.errors]
    if isinstance(mapping, grammar.Replies):
        own.insert(0, mapping.errors)
    return CompiledOperation(
        name,
        tuple(_route(config, name, route) for route in routes_of(endpoint)),
        tuple(_reply(config, name, reply) for reply in replies),
        (*map(compile_errors, own), shared),
        mapping.follow if isinstance(mapping, grammar.Replies) else None,
    )


def _condition(part: grammar.Route | grammar.Reply) -> Condition:
    when = part.when if isinstance(part, grammar.Route) else {}
    return Condition(
        tuple(map(variable_name, part.requires)),
        tuple(map(variable_name, part.unless)),
        tuple((variable_name(name), frozenset(words)) for name, words in when.items()),
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
        body=compile_body(route.body),
        authenticated=route.authenticated,
        condition=_condition(route),
        effect=effect,
        deadline=route.deadline_seconds or deadlines[effect],
        max_bytes=route.max_bytes or (LARGE_BODY if operation in _LARGE else SMALL_BODY),
        pagination=route.pagination,
        after=frozenset(route.after),
        rate_limit=route.rate_limit,
    )


def _templates(values: Mapping[str, str | int | bool | Param]) -> tuple[tuple[str, Template], ...]:
    return tuple((name, template(value)) for name, value in values.items())


def _reply(config: grammar.ProviderConfig, operation: str, reply: grammar.Reply) -> CompiledReply:
    read_rows = reader(reply, row_builder(config, reply, operation))
    finish = finisher(config, reply, operation)
    localise = localiser(operation, config.value_maps)
    matches = [(answer_path(where), equals(wanted)) for where, wanted in reply.match.items()]
    heard = tells_of_headers(reply)

    def read(answer: Reply, variables: Variables) -> NormalForm | None:
        if not all(fits(where(answer)) for where, fits in matches):
            return None
        known = {**variables, **heard(answer)} if heard else variables
        found = read_rows(answer, known)
        if found is None or (reply.every_row and found.skipped):
            return None
        if reply.absent and not found.rows and not found.skipped:
            found.take(_absent(reply.absent))
        result = finish(found, known)
        return localise(result) if localise and result is not None else result

    return CompiledReply(reply.type, _condition(reply), status_test(reply.http_status), read)


def _absent(written: str) -> dict[str, str]:
    """What it means that a list holds no such row: a state, or a refusal."""
    if written in STATES:
        return {"state": written}
    raise ProviderError(Code(written), _NOT_LISTED)
