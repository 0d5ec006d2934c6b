"""Checks of the parts that speak of more than one request or one reply: bodies, fallbacks,
logins, second questions, pages, webhooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from typing import Any

from pydantic import ValidationError

from nexnum_console.providers import grammar
from nexnum_console.providers.authenticate import logs_in
from nexnum_console.providers.bodies import LITERAL, template
from nexnum_console.providers.compile import replies_of, routes_of
from nexnum_console.providers.errors import Code
from nexnum_console.providers.faults import PATH_CURE, Fault, operation_of, transform_faults
from nexnum_console.providers.fields import UnknownOutput, declared, output_name
from nexnum_console.providers.filters import where_path
from nexnum_console.providers.headers import answer_path
from nexnum_console.providers.parts import Follow, Param, ReplayWindow, Sign, Signature
from nexnum_console.providers.positions import Path
from nexnum_console.providers.signing import SIGN_NAMES, compile_sign
from nexnum_console.providers.sources import BadSource
from nexnum_console.providers.templates import Template, UnknownVariable, variable_name
from nexnum_console.providers.vocabulary import (
    EFFECTS,
    LIST_KEYS,
    SALES,
    STATES,
    VARIABLE_ALIASES,
    VARIABLES,
)

_NAMES = (*VARIABLES, *VARIABLE_ALIASES)
_ABSENT = (*STATES, *(code.value for code in Code))
_WITH_FIELDS = frozenset({"form", "json", "multipart"})


def part_faults(config: grammar.ProviderConfig) -> Iterator[Fault]:
    """Everything wrong with these parts."""
    asked = {operation_of(name) for name in config.endpoints}
    yield from _login(config, asked)
    yield from _status_from(config, asked)
    for place, sign in enumerate(config.signatures()):
        yield from _sign(("sign", place) if isinstance(config.sign, list) else ("sign",), sign)
    for written, endpoint in config.endpoints.items():
        operation = operation_of(written)
        several = isinstance(endpoint, grammar.Routes)
        for index, route in enumerate(routes_of(endpoint) if operation else ()):
            inner: Path = ("routes", index) if several else ()
            yield from _route(("endpoints", written, *inner), operation or "", index, route)
    for written, mapping in config.mappings.items():
        operation = operation_of(written)
        if operation:
            yield from _mapping(("mappings", written), operation, mapping, asked)
    for sender, webhook in config.webhooks.items():
        where: Path = ("webhooks", sender)
        for index, signature in enumerate(webhook.verify):
            yield from _signature((*where, "verify", index), signature)
        yield from _window((*where, "replay"), webhook.replay)


def _login(config: grammar.ProviderConfig, asked: set[str | None]) -> Iterator[Fault]:
    if logs_in(config) and "login" not in asked:
        message = "a token is used, and no “login” under “endpoints” asks for one"
        cure = "add “login” to “endpoints” and “mappings”, or remove “uses” here"
        yield Fault(("auth",), message, cure=cure, lacks=True)
    if "login" in asked and not logs_in(config):
        cure = 'write "uses": "token" in the auth that carries it, or remove “login”'
        yield Fault(("auth",), "“login” gives a token that no auth uses", cure=cure, lacks=True)


def _sign(where: Path, sign: Sign) -> Iterator[Fault]:
    try:
        compile_sign(sign)
    except UnknownVariable as error:
        key = "key" if "{" + error.name in sign.key else "text"
        message = f"“{error.name}” is neither a part of the request nor a variable"
        yield Fault((*where, key), message, error.name, SIGN_NAMES, part=error.name)
    except KeyError as error:
        cure = "take a transform of docs/provider-reference.md"
        yield Fault((*where, "adds"), f"{error} is not a transform", cure=cure)
    if sign.key != "{secret}" and not sign.algorithm.startswith("hmac"):
        cure = "put {secret} into “text”, or take an hmac algorithm"
        yield Fault((*where, "key"), f"{sign.algorithm} takes no key", at_key=True, cure=cure)
    mixed = sign.text + (sign.key if sign.algorithm.startswith("hmac") else "")
    if "{secret" not in mixed and "{token" not in mixed:
        message = "nothing secret goes into the signature: anybody could make it"
        yield Fault(where, message, cure="write {secret} in “text” or, for an hmac, in “key”")


def _status_from(config: grammar.ProviderConfig, asked: set[str | None]) -> Iterator[Fault]:
    listing = config.status_from
    if listing is None:
        return
    where: Path = ("statusFrom",)
    if "status" in asked:
        message = "“endpoints” asks for “status” already; one of both is never used"
        cure = "remove “statusFrom”, or “status” from “endpoints” and “mappings”"
        yield Fault(where, message, at_key=True, cure=cure)
    if listing.operation not in asked:
        yield _unasked((*where, "operation"), listing.operation)
    if listing.absent not in _ABSENT:
        message = f"“{listing.absent}” is neither a state nor an error"
        yield Fault((*where, "absent"), message, listing.absent, _ABSENT)


def _unasked(where: Path, operation: str) -> Fault:
    message = f"nothing under “endpoints” asks for “{operation}”"
    cure = f"add “{operation}” to “endpoints” and “mappings”, or name another operation"
    return Fault(where, message, cure=cure, lacks=True)


def _route(where: Path, operation: str, index: int, route: grammar.Route) -> Iterator[Fault]:
    yield from _values((*where, "queryParams"), route.query_params)
    if route.body:
        yield from _body((*where, "body"), route.body)
    yield from _when(where, route)
    if route.after and index == 0:
        message = "the first request is sent before anything was refused"
        cure = "remove “after”, or put another request before this one"
        yield Fault((*where, "after"), message, at_key=True, cure=cure)
    if route.after and (route.effect or EFFECTS[operation]) == "spend":
        message = f"“{operation}” spends money: it is sent once"
        cure = "remove “after”; tell the requests apart by “requires”, “unless” or “when”"
        yield Fault((*where, "after"), message, at_key=True, cure=cure)
    if route.pagination:
        yield from _pagination((*where, "pagination"), operation, route.pagination)


def _when(where: Path, part: grammar.Route | grammar.Reply) -> Iterator[Fault]:
    for name in part.when:
        try:
            variable_name(name)
        except UnknownVariable as error:
            yield Fault((*where, "when", name), str(error), name, _NAMES, at_key=True)


def _body(where: Path, body: grammar.Body) -> Iterator[Fault]:
    if body.type == "raw" and body.text is None:
        cure = "add “text”, a template, or take another “type” and “fields”"
        yield Fault(where, "a raw body needs “text”", cure=cure, lacks=True)
    if body.type in _WITH_FIELDS and body.text is not None:
        message = f"a {body.type} body has “fields”; “text” is for raw"
        cure = 'write "type": "raw", or move what it sends to “fields”'
        yield Fault((*where, "text"), message, at_key=True, cure=cure)
    if body.text is not None:
        yield from _template((*where, "text"), body.text)
    told = _nested if isinstance(body.fields, list) else _values
    yield from told((*where, "fields"), body.fields)
    if isinstance(body.fields, list) and body.type != "json":
        message = f"only JSON can be a list; a {body.type} body has names"
        yield Fault((*where, "fields"), message, cure="write an object, or take “json” as “type”")


def _values(where: Path, value: Any) -> Iterator[Fault]:
    """Templates of any depth; what ``check`` sees already, plain texts at the top, is left."""
    members = value.items() if isinstance(value, Mapping) else enumerate(value)
    for key, each in members:
        place = (*where, key)
        if isinstance(each, Param):
            yield from _param(place, each)
        elif isinstance(each, Mapping) and "$value" in each:
            yield from _parsed(place, each)
        elif isinstance(each, Mapping) and LITERAL in each:
            if len(each) > 1:
                yield Fault(place, f"beside “{LITERAL}” nothing can stand", cure="remove the rest")
        elif isinstance(each, Mapping | list):
            yield from _nested(place, each)


def _nested(where: Path, value: Any) -> Iterator[Fault]:
    members = value.items() if isinstance(value, Mapping) else enumerate(value)
    for key, each in members:
        if isinstance(each, str):
            yield from _template((*where, key), each)
    yield from _values(where, value)


def _parsed(where: Path, value: Mapping[str, Any]) -> Iterator[Fault]:
    try:
        yield from _param(where, Param.model_validate(dict(value)))
    except ValidationError as error:
        for each in error.errors():
            place = (*where, *each["loc"])
            extra = each["type"] == "extra_forbidden"
            message = f"unknown key “{each['loc'][-1]}”" if extra else each["msg"]
            cure = "an object with “$value” may also have “map”, “as” and “default”, all text"
            yield Fault(place, message, at_key=extra, cure=cure)


def _param(where: Path, param: Param) -> Iterator[Fault]:
    if param.as_:
        wrong = list(transform_faults((*where, "as"), param.as_))
        if wrong:
            yield from wrong
            return
    try:
        template(param)
    except UnknownVariable as error:
        yield Fault((*where, "$value"), str(error), error.name, _NAMES)


def _template(where: Path, written: str) -> Iterator[Fault]:
    try:
        Template(written)
    except UnknownVariable as error:
        yield Fault(where, str(error), error.name, _NAMES)


def _pagination(where: Path, operation: str, spec: grammar.Pagination) -> Iterator[Fault]:
    if operation not in LIST_KEYS or operation == "operators":
        pages = ", ".join(name for name in LIST_KEYS if name != "operators")
        message = f"“{operation}” is not a list that comes in pages"
        cure = f"remove “pagination”; it is for {pages}"
        yield Fault(where, message, at_key=True, cure=cure)
    if spec.type in {"cursor", "link"} and spec.next is None:
        message = f"pagination by {spec.type} needs “next”: where the answer tells it"
        cure = "add “next”, a path as meta.next, or $header.link"
        yield Fault(where, message, cure=cure, lacks=True)
    for key, written in (("next", spec.next), ("more", spec.more)):
        if written is not None:
            yield from _answer_path((*where, key), written)


def _answer_path(where: Path, written: str) -> Iterator[Fault]:
    try:
        answer_path(written)
    except BadSource as error:
        yield Fault(where, str(error), cure=PATH_CURE, inside=error.offset, part=error.written)


def _mapping(
    where: Path,
    operation: str,
    mapping: grammar.Reply | grammar.Replies,
    asked: set[str | None],
) -> Iterator[Fault]:
    several = isinstance(mapping, grammar.Replies)
    follow = mapping.follow if isinstance(mapping, grammar.Replies) else None
    if follow is not None:
        yield from _follow((*where, "follow"), operation, follow, asked)
    for index, reply in enumerate(replies_of(mapping)):
        place: Path = (*where, "replies", index) if several else where
        if operation in SALES and follow is None and not _tells_phone(reply):
            cure = "add “phone” to “fields”; if it comes later, add “follow” beside “replies”"
            message = f"the output “phone” of “{operation}” is missing"
            yield Fault((*place, "fields"), message, cure=cure, lacks=True)
        yield from _where(place, reply)
        yield from _when(place, reply)


def _tells_phone(reply: grammar.Reply) -> bool:
    """Also true where a name is not known: that is a fault of its own."""
    words = {name for outputs in reply.words.values() for name in outputs}
    try:
        told = {output_name("buy", name) for name in words} | set(declared(reply, "buy"))
    except UnknownOutput:
        return True
    return "phone" in told


def _follow(where: Path, operation: str, follow: Follow, asked: set[str | None]) -> Iterator[Fault]:
    if operation != "status" and operation not in SALES:
        message = "only “buy”, “reuse” and “status” are followed by a second question"
        yield Fault(where, message, at_key=True, cure="remove “follow”")
    if follow.operation not in asked:
        yield _unasked((*where, "operation"), follow.operation)
    if operation == "status" and follow.operation == "status":
        cure = "write “messages” or “active”"
        message = "“status” cannot be followed by itself"
        yield Fault((*where, "operation"), message, cure=cure)
    for index, state in enumerate(follow.states):
        if state not in STATES:
            yield Fault((*where, "states", index), f"“{state}” is not a state", state, STATES)


def _where(where: Path, reply: grammar.Reply) -> Iterator[Fault]:
    for place, value in reply.where.items():
        try:
            where_path(place)
        except BadSource as error:
            yield Fault((*where, "where", place), str(error), at_key=True, cure=PATH_CURE)
        if isinstance(value, str):
            yield from _template((*where, "where", place), value)
        elif isinstance(value, Param):
            yield from _param((*where, "where", place), value)
    if reply.absent is not None and reply.absent not in _ABSENT:
        message = f"“{reply.absent}” is neither a state nor an error"
        yield Fault((*where, "absent"), message, reply.absent, _ABSENT)


def _signature(where: Path, signature: Signature) -> Iterator[Fault]:
    if signature.type in {"hmac", "url_form"} and not signature.header:
        message = f"a signature by {signature.type} needs the “header” that carries it"
        cure = "add “header”, as X-Signature"
        yield Fault(where, message, cure=cure, lacks=True)
    places = [name for name in (signature.header, signature.query, signature.field) if name]
    if signature.type == "secret" and len(places) != 1:
        cure = "add the one in which it comes" if not places else "keep one of them"
        message = "a secret comes in one of “header”, “query” and “field”"
        yield Fault(where, message, cure=cure, lacks=not places)
    if signature.field:
        yield from _answer_path((*where, "field"), signature.field)
    if signature.type == "ip" and not signature.allow:
        cure = 'add “allow”, as ["192.0.2.1", "198.51.100.0/24"]'
        message = "without addresses in “allow” nobody could send"
        yield Fault(where, message, cure=cure, lacks=True)
    for index, written in enumerate(signature.allow):
        try:
            ip_network(written, strict=False)
        except ValueError:
            message = f"“{written}” is not an address or a network"
            cure = "write 192.0.2.1 or 192.0.2.0/24"
            yield Fault((*where, "allow", index), message, cure=cure)


def _window(where: Path, window: ReplayWindow) -> Iterator[Fault]:
    for key, written in (("eventId", window.event_id), ("timestamp", window.timestamp)):
        if written is not None:
            yield from _answer_path((*where, key), written)
