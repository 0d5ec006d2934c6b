"""A config becomes closures, once; calls only run them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from nexnum_console.providers import grammar
from nexnum_console.providers.authenticate import sent_with, signed_with
from nexnum_console.providers.bodies import CompiledBody, compile_body, template
from nexnum_console.providers.body import Reply
from nexnum_console.providers.convert import offer_rows
from nexnum_console.providers.errors import Code
from nexnum_console.providers.fast_rows import Offers, fast_reader
from nexnum_console.providers.fields import declared, row_builder
from nexnum_console.providers.fixed import FIXED
from nexnum_console.providers.headers import answer_path, tells_of_headers
from nexnum_console.providers.listed import LISTINGS, absence, status_of
from nexnum_console.providers.localise import localiser
from nexnum_console.providers.normal import NormalForm, finisher
from nexnum_console.providers.parts import Follow, Param
from nexnum_console.providers.rows import Found, Variables, reader
from nexnum_console.providers.rules import StatusTest, Tests, compile_errors, equals, status_test
from nexnum_console.providers.signing import CompiledSign, compile_sign
from nexnum_console.providers.stamps import STAMPS
from nexnum_console.providers.templates import (
    SECRET_PART,
    PathTemplate,
    Query,
    Template,
    variable_name,
)
from nexnum_console.providers.vocabulary import (
    ANY,
    EFFECTS,
    OPERATION_ALIASES,
    Effect,
)

LARGE_BODY = 16 * 1024 * 1024
SMALL_BODY = 1024 * 1024
_LARGE = frozenset({"prices", "countries", "services", "operators"})
_ASKED = ("country", "service")


@dataclass(frozen=True, slots=True)
class Condition:
    """Which variables must be given, and which must not."""

    requires: tuple[str, ...]
    unless: tuple[str, ...]
    when: tuple[tuple[str, frozenset[str]], ...] = ()

    def holds(self, variables: Variables) -> bool:
        """A variable that says “any” counts as not given."""
        if not (self.requires or self.unless or self.when):
            return True
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
    query: Query
    headers: tuple[tuple[str, Template], ...]
    body: CompiledBody | None
    auths: tuple[grammar.Auth, ...]
    condition: Condition
    effect: Effect
    deadline: float
    max_bytes: int
    pagination: grammar.Pagination | None
    name: str
    after: frozenset[Code]
    rate_limit: grammar.RateLimit | None
    batch_size: int | None
    link: Template | None = None
    signs: tuple[CompiledSign, ...] = ()
    stamped: bool = False
    parts: tuple[str, ...] = ()

    def asked(self, path: str) -> dict[str, str] | None:
        """The variables of a requested path, None where this request never asks for it."""
        return self.link.read(path) if self.link else self.path.read(path)

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
    offers: Callable[[Reply, Variables], Offers | None] | None = None


@dataclass(frozen=True, slots=True)
class CompiledOperation:
    """All that is needed to ask and to understand one operation."""

    name: str
    routes: tuple[CompiledRoute, ...]
    replies: tuple[CompiledReply, ...]
    errors: tuple[Tests, ...]
    follow: Follow | None = None
    tells_sms: bool = False

    @property
    def fixed(self) -> bool:
        """Whether its list stands in the config, and nobody is asked; then it is the one reply."""
        return bool(self.replies) and self.replies[0].type == FIXED


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
    listing = config.status_from
    if listing is not None:
        operations["status"] = status_of(operations[listing.operation], listing.absent)
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
        mapping.follow if isinstance(mapping, grammar.Replies) else None,
        name in LISTINGS and any(_tells_sms(reply, name) for reply in replies),
    )


def _tells_sms(reply: grammar.Reply, operation: str) -> bool:
    return not {"code", "text"}.isdisjoint(declared(reply, operation))


def _condition(part: grammar.Route | grammar.Reply) -> Condition:
    return Condition(
        tuple(map(variable_name, part.requires)),
        tuple(map(variable_name, part.unless)),
        tuple((variable_name(name), frozenset(words)) for name, words in part.when.items()),
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
    params = fixed + _templates(route.query_params)
    auths = config.auths() if route.authenticated else ()
    wanted = [sign for sign in config.signatures() if signed_with(sign, operation)]
    signs = tuple(map(compile_sign, wanted)) if route.authenticated else ()
    path, body = PathTemplate(written), compile_body(route.body)
    headers = _templates({**config.headers, **route.headers})
    link = Template(route.link) if route.link else None
    names = _names(link or path, params, headers, body).union(*(sign.names for sign in signs))
    return CompiledRoute(
        method=route.method,
        path=path,
        params=params,
        query=Query(params),
        headers=headers,
        body=body,
        link=link,
        signs=signs,
        stamped=not names.isdisjoint(STAMPS),
        parts=tuple(sorted(name for name in names if name.startswith(SECRET_PART))),
        auths=tuple(auth for auth in auths if sent_with(config, auth, operation)),
        condition=_condition(route),
        effect=effect,
        deadline=route.deadline_seconds or deadlines[effect],
        max_bytes=route.max_bytes or (LARGE_BODY if operation in _LARGE else SMALL_BODY),
        pagination=route.pagination,
        name=route.name or "",
        after=frozenset(route.after),
        rate_limit=route.rate_limit,
        batch_size=route.batch_size,
    )


def _names(
    path: Template,
    params: tuple[tuple[str, Template], ...],
    headers: tuple[tuple[str, Template], ...],
    body: CompiledBody | None,
) -> set[str]:
    """Every variable that a request is filled with."""
    found = [path, *(each for _, each in (*params, *headers, *(body.pairs if body else ())))]
    if body is not None and body.raw is not None:
        found.append(body.raw)
    return {name for each in found for name in each.names}


def _templates(values: Mapping[str, str | int | bool | Param]) -> tuple[tuple[str, Template], ...]:
    return tuple((name, template(value)) for name, value in values.items())


def _reply(
    config: grammar.ProviderConfig, operation: str, reply: grammar.Reply, fast: bool
) -> CompiledReply:
    read_rows = reader(reply, row_builder(config, reply, operation))
    finish = finisher(config, reply, operation)
    localise = localiser(operation, config.value_maps)
    matches = [(answer_path(where), equals(wanted)) for where, wanted in reply.match.items()]
    heard = tells_of_headers(reply)
    quick = fast_reader(config, reply, operation) if fast else None

    def settled(found: Found, variables: Variables) -> NormalForm | None:
        if reply.every_row and found.skipped:
            return None
        if reply.absent and not found.rows and not found.skipped:
            found.take(absence(reply.absent))
        result = finish(found, variables)
        return localise(result) if localise and result is not None else result

    def general(answer: Reply, variables: Variables) -> NormalForm | None:
        if matches and not all(fits(where(answer)) for where, fits in matches):
            return None
        known = {**variables, **heard(answer)} if heard else variables
        found = read_rows(answer, known)
        return None if found is None else settled(found, known)

    def by_column(answer: Reply, variables: Variables) -> NormalForm | None:
        found = quick.rows(answer, variables) if quick else None
        return general(answer, variables) if found is None else settled(found, variables)

    def offers(answer: Reply, variables: Variables) -> Offers | None:
        asked = {name: variables[name] for name in _ASKED if given(variables, name)}
        found = quick.offers(answer, variables, asked) if quick and not localise else None
        if found is None:
            result = general(answer, variables)
            return Offers(offer_rows(result), result["skipped"]) if result else None
        if not found.rows and (found.skipped or found.passed):
            return None
        return None if reply.every_row and found.skipped else found

    return CompiledReply(
        reply.type,
        _condition(reply),
        status_test(None if reply.type == FIXED else reply.http_status),
        by_column if quick else general,
        offers if operation == "prices" else None,
    )
