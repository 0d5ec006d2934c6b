"""What a well-formed config can still get wrong: names, patterns, paths, missing outputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from nexnum_console.providers import grammar, transforms
from nexnum_console.providers.compile import operation_name, replies_of, routes_of
from nexnum_console.providers.errors import Code
from nexnum_console.providers.fields import UnknownOutput, bound_levels, declared, output_name
from nexnum_console.providers.fixed import FIXED
from nexnum_console.providers.headers import answer_path
from nexnum_console.providers.normal import state_name
from nexnum_console.providers.parts import Steps
from nexnum_console.providers.patterns import BadPattern, pattern, search_pattern
from nexnum_console.providers.positions import Path
from nexnum_console.providers.problems import nearest
from nexnum_console.providers.rules import PATTERN_CODES, BadStatus, pattern_code, status_test
from nexnum_console.providers.shadows import unreachable
from nexnum_console.providers.sources import BadSource, path, source
from nexnum_console.providers.templates import (
    PathTemplate,
    Template,
    UnknownVariable,
    variable_name,
)
from nexnum_console.providers.vocabulary import (
    EFFECTS,
    OPERATION_ALIASES,
    REQUIRED,
    STATES,
    VARIABLE_ALIASES,
    VARIABLES,
)
from nexnum_console.providers.zones import known_zone, zone_names

PATH_CURE: Final = (
    'write names divided by points, as data.items[0].price; other names in quotes: "a-b".c'
)
_CARE: Final = ("read", "release", "spend")  # a config may ask for more of it, never for less
_VARIABLES = (*VARIABLES, *VARIABLE_ALIASES)
_ONE_OF = {
    "prices": ("price", "stock"),
    "search": ("offer", "phone"),
    "status": ("state", "code", "text"),
}
_CODES = tuple(code.value for code in Code)


@dataclass(frozen=True, slots=True)
class Fault:
    """``path`` is logical: keys in either spelling. ``word`` not found among ``known``.

    ``cure`` says what to do. In a text it is about the character ``inside`` of its ``part``.
    ``lacks``: something is not there, which may only be so because another fault hides it.
    """

    path: Path
    message: str
    word: str = ""
    known: tuple[str, ...] = ()
    at_key: bool = False
    cure: str = ""
    inside: int | None = None
    part: str = ""
    lacks: bool = False


def faults(config: grammar.ProviderConfig) -> list[Fault]:
    """Everything wrong with a config that pydantic could not see."""
    return [
        *_base_url(config),
        *_timezone(config),
        *_auth(config),
        *_states(("statuses",), config.statuses),
        *_errors(("errors",), config.errors),
        *_names(config),
        *_value_maps(config),
        *_endpoints(config),
        *_mappings(config),
    ]


def _attempt(where: Path, work: Callable[[], object]) -> Iterator[Fault]:
    """Run a compile step and turn its refusal into a fault."""
    try:
        work()
    except UnknownVariable as error:
        yield Fault(where, str(error), error.name, _VARIABLES, part=error.name)
    except UnknownOutput as error:
        yield Fault(where, str(error), error.name, error.known, at_key=True)
    except BadPattern as error:
        yield Fault(where, str(error), cure=error.cure, inside=error.offset)
    except BadSource as error:
        yield Fault(where, str(error), cure=PATH_CURE, inside=error.offset, part=error.written)
    except BadStatus as error:
        yield Fault(where, str(error), cure="write a number as 404, or a class as 4xx")


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
    mapped = {_known(name) for name in config.mappings}
    for written, endpoint in config.endpoints.items():
        operation = _known(written)
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
    yield from _attempt(place, lambda: PathTemplate(route.path.partition("?")[0]))
    if route.link is not None:
        link = route.link
        yield from _attempt((*where, "link"), lambda: Template(link))
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
    yield from _conditions(where, route)
    least = EFFECTS[operation]
    if route.effect and _CARE.index(route.effect) < _CARE.index(least):
        message = f"“{operation}” is always “{least}”: it may be sent only once"
        cure = f"remove “effect”, or write “{least}”"
        yield Fault((*where, "effect"), message, cure=cure)
    if route.pagination and route.pagination.total:
        total = route.pagination.total
        yield from _attempt((*where, "pagination", "total"), lambda: answer_path(total))


def _templates(where: Path, values: dict[str, Any]) -> Iterator[Fault]:
    for name, value in values.items():
        if isinstance(value, str):
            yield from _attempt((*where, name), lambda value=value: Template(value))  # type: ignore[misc]


def _conditions(where: Path, part: grammar.Route | grammar.Reply) -> Iterator[Fault]:
    for key, names in (("requires", part.requires), ("unless", part.unless)):
        for index, name in enumerate(names):
            yield from _attempt((*where, key, index), lambda name=name: variable_name(name))  # type: ignore[misc]


def _mappings(config: grammar.ProviderConfig) -> Iterator[Fault]:
    asked = {_known(name) for name in config.endpoints}
    for written, mapping in config.mappings.items():
        operation = _known(written)
        if operation is None:
            continue
        listed = any(reply.type == FIXED for reply in replies_of(mapping))
        if operation not in asked and operation != "webhook" and not listed:
            message = f"nothing under “endpoints” asks for “{written}”"
            cure = f"add “{written}” to “endpoints”, or remove it here"
            yield Fault(("mappings", written), message, at_key=True, cure=cure, lacks=True)
        several = isinstance(mapping, grammar.Replies)
        if isinstance(mapping, grammar.Replies):
            yield from _errors(("mappings", written, "errors"), mapping.errors)
        for index, reply in enumerate(replies_of(mapping)):
            inner: Path = ("replies", index) if several else ()
            yield from _reply(("mappings", written, *inner), operation, reply)


def _reply(where: Path, operation: str, reply: grammar.Reply) -> Iterator[Fault]:
    yield from _conditions(where, reply)
    yield from _attempt((*where, "httpStatus"), lambda: status_test(reply.http_status))
    yield from _states((*where, "statusMapping"), reply.status_mapping)
    yield from _fields(where, operation, reply)
    yield from _paths(where, reply)
    if reply.regex is not None:
        yield from _attempt((*where, "regex"), lambda: pattern(reply.regex or ""))
    if reply.errors:
        yield from _errors((*where, "errors"), reply.errors)
    yield from _groups(where, reply)
    yield from _shape(where, operation, reply)


def _groups(where: Path, reply: grammar.Reply) -> Iterator[Fault]:
    """A field of text_regex names a group; one that is not there would never have a value."""
    if reply.type != "text_regex" or reply.regex is None:
        return
    try:
        known = tuple(pattern(reply.regex).groupindex)
    except BadPattern:
        return
    for name, origin in reply.fields.items():
        written = origin if isinstance(origin, str) else origin.source
        for part in written.split("|"):
            word = part.strip()
            if word.isidentifier() and word not in known:
                message = f"the regex has no group “{word}”"
                cure = "" if known else f"name one in the regex: (?<{word}>…)"
                yield Fault((*where, "fields", name), message, word, known, cure=cure)


def _fields(where: Path, operation: str, reply: grammar.Reply) -> Iterator[Fault]:
    for name, origin in reply.fields.items():
        place = (*where, "fields", name)
        yield from _attempt(place, lambda name=name: output_name(operation, name))  # type: ignore[misc]
        written = origin if isinstance(origin, str) else origin.source
        inner = place if isinstance(origin, str) else (*place, "from")
        yield from _attempt(inner, lambda written=written: source(written))  # type: ignore[misc]
        if isinstance(origin, grammar.Source) and origin.as_:
            yield from transform_faults((*place, "as"), origin.as_)
    for key, table in (("constants", reply.constants), ("transform", reply.transform)):
        for name in table:
            yield from _attempt(
                (*where, key, name),
                lambda name=name: output_name(operation, name),  # type: ignore[misc]
            )
    for name, transform in reply.transform.items():
        yield from transform_faults((*where, "transform", name), transform)
    for index, level in enumerate(reply.levels):
        if level != "-" and not level.startswith("."):
            yield from _attempt(
                (*where, "levels", index),
                lambda level=level: output_name(operation, level),  # type: ignore[misc]
            )


def transform_faults(where: Path, written: Steps) -> Iterator[Fault]:
    """Names of transforms that are none, and what follows their colon but cannot be used."""
    for index, name in enumerate(transforms.steps(written)):
        place = (*where, index) if isinstance(written, list) else where
        try:
            transforms.named(name)
        except KeyError:
            known = (*transforms.NAMED, *transforms.MARKED)
            yield Fault(place, f"“{name}” is not a transform", name.partition(":")[0], known)
        except BadPattern as error:
            yield Fault(place, str(error), cure=error.cure)
        except ValueError as error:
            cure = "write a mark that fits behind the colon, as times:0.01 or replace:,=>."
            yield Fault(place, str(error), cure=cure)


def _paths(where: Path, reply: grammar.Reply) -> Iterator[Fault]:
    if reply.root_path:
        yield from _attempt((*where, "rootPath"), lambda: path(reply.root_path or ""))
    for index, written in enumerate(reply.word_paths):
        place = (*where, "wordPaths", index)
        yield from _attempt(place, lambda written=written: path(written))  # type: ignore[misc]
    for written in reply.match:
        yield from _attempt(
            (*where, "match", written),
            lambda written=written: answer_path(written),  # type: ignore[misc]
        )
    if reply.messages:
        spec = reply.messages
        for key, inner in (("path", spec.path), ("code", spec.code), ("text", spec.text)):
            if inner is not None:
                yield from _attempt((*where, "messages", key), lambda inner=inner: path(inner))  # type: ignore[misc]


def _shape(where: Path, operation: str, reply: grammar.Reply) -> Iterator[Fault]:
    """A reply must be able to give what its operation cannot do without."""
    if reply.type == "text_regex" and reply.regex is None:
        cure = "add “regex” with a named group for each output, as (?<phone>\\\\d+)"
        yield Fault(where, "text_regex needs a “regex”", cure=cure, lacks=True)
        return
    if reply.type == "text_words":
        if not reply.words:
            cure = 'add “words”, as {"ACCESS_CANCEL": {"state": "cancelled"}}'
            yield Fault(where, "text_words needs “words”", cure=cure, lacks=True)
        yield from _word_outputs(where, operation, reply)
        return
    if reply.type == FIXED:
        return  # row by row: check_fixed.py
    try:
        outputs = set(declared(reply, operation))
        outputs |= {output_name(operation, name) for name, _ in bound_levels(reply)}
    except UnknownOutput:
        return
    if reply.messages:
        outputs |= {"code", "text"}
    missing = [name for name in REQUIRED[operation] if name not in outputs]
    one_of = _ONE_OF.get(operation, ())
    if one_of and outputs.isdisjoint(one_of):
        missing = [one_of[0]]
    for name in missing:
        message = f"the output “{name}” of “{operation}” is missing"
        cure = f"add “{name}” to “fields” with the path of its value, or to “constants”"
        yield Fault((*where, "fields"), message, cure=cure, lacks=True)


def _word_outputs(where: Path, operation: str, reply: grammar.Reply) -> Iterator[Fault]:
    for word, outputs in reply.words.items():
        for name, value in outputs.items():
            place = (*where, "words", word, name)
            yield from _attempt(place, lambda name=name: output_name(operation, name))  # type: ignore[misc]
            if name == "state":
                yield from _states((*where, "words", word), {name: value})


def _states(where: Path, table: dict[str, str]) -> Iterator[Fault]:
    for word, state in table.items():
        try:
            state_name(state)
        except ValueError as error:
            yield Fault((*where, word), str(error), state, STATES)


def _errors(where: Path, errors: grammar.Errors) -> Iterator[Fault]:
    for index, written in enumerate(errors.paths):
        yield from _attempt((*where, "paths", index), lambda written=written: path(written))  # type: ignore[misc]
    for name, patterns in errors.patterns.items():
        place = (*where, "patterns", name)
        try:
            pattern_code(name)
        except ValueError:
            known = (*_CODES, *PATTERN_CODES)
            yield Fault(place, f"“{name}” is not an error", name.lower(), known, at_key=True)
        for index, each in enumerate(patterns if isinstance(patterns, list) else [patterns]):
            inner = (*place, index) if isinstance(patterns, list) else place
            yield from _attempt(inner, lambda each=each: search_pattern(each))  # type: ignore[misc]
    for index, rule in enumerate(errors.rules):
        yield from _rule((*where, "rules", index), rule)
    for late, early, key in unreachable(errors):
        kind, place = str(key[0]), (*where, *key)
        message = f"this {kind.rstrip('s')} is unreachable: {early} is tried first and {late}"
        yield Fault(place, message, at_key=True, cure="remove it, or put it before the other")


def _rule(where: Path, rule: grammar.ErrorRule) -> Iterable[Fault]:
    if not rule.model_fields_set - {"code"}:
        cure = "add “status”, “text”, “contains”, “regex”, “path” or “empty”"
        message = "the rule has no condition: it would catch every answer"
        yield Fault(where, message, cure=cure, lacks=True)
    yield from _attempt((*where, "status"), lambda: status_test(rule.status))
    if rule.regex is not None:
        yield from _attempt((*where, "regex"), lambda: pattern(rule.regex or ""))
    for key, written in (
        ("path", rule.path),
        ("minPrice", rule.min_price),
        ("retryAfter", rule.retry_after),
    ):
        if isinstance(written, grammar.Source):
            yield from transform_faults((*where, key, "as"), written.as_ or [])
            if written.map is not None or written.default is not None:
                message, cure = "here only “from” and “as” mean something", "remove the others"
                yield Fault((*where, key), message, cure=cure)
        if written is not None:
            place = (*where, key) if isinstance(written, str) else (*where, key, "from")
            origin = written if isinstance(written, str) else written.source
            yield from _attempt(place, lambda origin=origin: answer_path(origin))  # type: ignore[misc]


def _known(written: str) -> str | None:
    try:
        return operation_name(written)
    except KeyError:
        return None
