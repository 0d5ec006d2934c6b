"""A config as a form: the common parts, each with the pointer to where the document holds it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nexnum_console.providers import editing
from nexnum_console.providers.compile import operation_name
from nexnum_console.providers.editing import look
from nexnum_console.providers.fields import UnknownOutput, output_name
from nexnum_console.providers.positions import pointer
from nexnum_console.providers.templates import Template, UnknownVariable
from nexnum_console.providers.trace_model import Trace
from nexnum_console.providers.vocabulary import EFFECTS, OUTPUTS
from nexnum_console.reports.lab_form_items import Group, Item, odd, select_item, text_item
from nexnum_console.reports.lab_form_rest import rest


def groups(document: Mapping[str, Any] | None, operation: str) -> list[Group]:
    """The form of a config and one of its operations; empty without a document."""
    if document is None:
        return []
    found = [*_operation(document, operation), *_provider(document)]
    parts = [place_of(document, operation, part) for part in ("endpoints", "mappings")]
    return [*found, *rest(document, parts, found)]


def operations(document: Mapping[str, Any] | None) -> list[str]:
    """Our names of the operations a document has, in the order of the vocabulary."""
    if document is None:
        return []
    known: set[str] = set()
    for part in ("endpoints", "mappings"):
        table = document.get(part)
        for name in table if isinstance(table, dict) else ():
            try:
                known.add(operation_name(name))
            except KeyError:
                continue
    return [name for name in EFFECTS if name in known]


def place_of(document: Mapping[str, Any] | None, operation: str, part: str) -> str:
    """The pointer of an operation's endpoint or mapping, however the config names it."""
    table = (document or {}).get(part)
    for name in table if isinstance(table, dict) else ():
        try:
            if operation_name(name) == operation:
                return pointer((part, name))
        except KeyError:
            continue
    return pointer((part, operation))


def _operation(document: Mapping[str, Any], operation: str) -> Iterator[Group]:
    where = place_of(document, operation, "endpoints")
    endpoint = _at(document, "endpoints", where)
    for suffix, route, title in _each(endpoint, "routes", "Request"):
        yield from _route(where + suffix, route, title)
    where = place_of(document, operation, "mappings")
    mapping = _at(document, "mappings", where)
    for suffix, reply, title in _each(mapping, "replies", "Reply"):
        yield from _reply(where + suffix, reply, title, operation)


def _route(where: str, route: Mapping[str, Any], title: str) -> Iterator[Group]:
    yield Group(
        title,
        [
            select_item(f"{where}/method", "Method", route.get("method"), "method"),
            text_item(f"{where}/path", "Path", route.get("path")),
        ],
    )
    yield _pairs(f"{where}/queryParams", f"{title}: query", route.get("queryParams"))
    body = route.get("body")
    if isinstance(body, dict):
        yield _pairs(f"{where}/body/fields", f"{title}: body", body.get("fields"))


def _reply(where: str, reply: Mapping[str, Any], title: str, operation: str) -> Iterator[Group]:
    kind = str(reply.get("type") or "")
    items = [select_item(f"{where}/type", "Type", kind, "reply")]
    if kind == "text_regex":
        items.append(text_item(f"{where}/regex", "Pattern", reply.get("regex")))
    if kind.startswith("json_"):
        items.append(text_item(f"{where}/rootPath", "Root path", reply.get("rootPath")))
    if kind == "text_lines":
        items.append(text_item(f"{where}/separator", "Separator", reply.get("separator")))
    if "levels" in reply or kind == "json_dictionary":
        levels = reply.get("levels")
        items.append(text_item(f"{where}/levels", "Keys by depth", levels))
    yield Group(title, items)
    yield Group(
        f"{title}: fields",
        [_field(f"{where}/fields", name, said) for name, said in _table(reply.get("fields"))],
        f"{where}/fields",
        "Add field",
    )
    if "statusMapping" in reply or "state" in OUTPUTS.get(operation, ()):
        yield _pairs(
            f"{where}/statusMapping",
            f"{title}: words of state",
            reply.get("statusMapping"),
            "state",
        )


def _provider(document: Mapping[str, Any]) -> Iterator[Group]:
    errors = document.get("errors")
    errors = errors if isinstance(errors, dict) else {}
    yield _pairs("/errors/words", "Error words", errors.get("words"), "code")
    yield _pairs("/errors/patterns", "Error patterns", errors.get("patterns"))
    yield _pairs("/statuses", "Words of state, everywhere", document.get("statuses"), "state")
    yield Group(
        "Provider",
        [
            text_item("/displayName", "Name shown", document.get("displayName")),
            text_item(_spelled(document, "baseUrl", "apiBaseUrl"), "Base URL", _base(document)),
            text_item("/currency", "Currency", document.get("currency")),
            text_item("/timezone", "Time zone of zone-less times", document.get("timezone")),
        ],
    )
    yield from _auth(document)
    yield _pairs("/headers", "Headers of every request", document.get("headers"))
    yield Group(
        "Limits",
        [
            *_numbers(document, "rateLimit", (("requests", "Calls"), ("perSeconds", "in seconds"))),
            *_numbers(document, "rateLimit", (("concurrency", "At once"),)),
        ],
    )
    yield Group(
        "Lifetimes, in seconds",
        _numbers(
            document,
            "lifetimes",
            (
                ("activationSeconds", "A number lives"),
                ("cancelLockSeconds", "No cancel before"),
                ("settleSeconds", "An unknown purchase settles"),
                ("pollSeconds", "Between two polls"),
            ),
        ),
    )


def _auth(document: Mapping[str, Any]) -> Iterator[Group]:
    auth = document.get("auth")
    several = auth if isinstance(auth, list) else [auth] if isinstance(auth, dict) else []
    for index, one in enumerate(several):
        where = f"/auth/{index}" if isinstance(auth, list) else "/auth"
        if isinstance(one, dict):
            yield Group(
                "Authentication",
                [
                    select_item(f"{where}/type", "The key travels as", one.get("type"), "auth"),
                    text_item(f"{where}/name", "Header or parameter", one.get("name")),
                    text_item(f"{where}/prefix", "Before the key", one.get("prefix")),
                ],
            )
    if not several:
        yield Group(
            "Authentication",
            [
                select_item("/authType", "The key travels as", document.get("authType"), "auth"),
                text_item("/authHeader", "Header", document.get("authHeader")),
                text_item("/authQueryParam", "Parameter", document.get("authQueryParam")),
            ],
        )


def _each(part: Any, several: str, title: str) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """(pointer suffix, part, heading) of one or several."""
    if not isinstance(part, dict):
        return
    inner = part.get(several)
    if not isinstance(inner, list):
        yield "", part, title
        return
    for index, one in enumerate(inner):
        if isinstance(one, dict):
            yield f"/{several}/{index}", one, f"{title} {index + 1} of {len(inner)}"


def _numbers(
    document: Mapping[str, Any], part: str, names: tuple[tuple[str, str], ...]
) -> list[Item]:
    table = document.get(part)
    known = table if isinstance(table, dict) else {}
    return [text_item(f"/{part}/{name}", label, known.get(name)) for name, label in names]


def _pairs(where: str, title: str, table: Any, options: str = "") -> Group:
    items = []
    for name, value in _table(table):
        if not editing.editable(name, value):
            continue  # told by ``rest``
        place, text = f"{where}{pointer((name,))}", editing.shown(value)
        items.append(Item("pair", place, name, text, name, "", options, odd(text, options)))
    return Group(title, items, where, "Add")


def _field(where: str, name: str, said: Any) -> Item:
    source, step = said, ""
    if isinstance(said, dict):
        source, step = said.get("from"), str(said.get("as") or "")
    place, text = f"{where}{pointer((name,))}", editing.shown(source)
    return Item("field", place, name, text, name, step, "transform", odd(step, "transform"))


def _table(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def _at(document: Mapping[str, Any], part: str, where: str) -> Any:
    name = where.removeprefix(f"/{part}/").replace("~1", "/").replace("~0", "~")
    table = document.get(part)
    return table.get(name) if isinstance(table, dict) else None


def _base(document: Mapping[str, Any]) -> Any:
    return document.get("baseUrl") or document.get("apiBaseUrl") or document.get("base_url")


def _spelled(document: Mapping[str, Any], *names: str) -> str:
    return f"/{next((name for name in names if name in document), names[0])}"


def outputs(operation: str) -> tuple[str, ...]:
    """What an operation can give."""
    return OUTPUTS.get(operation, ())


def variables(document: Mapping[str, Any] | None, operation: str) -> list[str]:
    """Variables that the operation's requests name, in our words."""
    endpoint = _at(document or {}, "endpoints", place_of(document, operation, "endpoints"))
    found: list[str] = []
    for text in _texts(endpoint):
        try:
            names = Template(text).names
        except UnknownVariable:
            continue
        found += [name for name in names if name not in found]
    return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from _texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member)


def fields_place(document: Mapping[str, Any], operation: str, told: Trace | None) -> str:
    """Where the fields are that read an answer: of the reply taken, else of the nearest one."""
    replies = told.replies if told is not None else ()
    chosen = [one for one in replies if one.chosen] or [one for one in replies if one.rows]
    if chosen:
        return f"{chosen[0].place}/fields"
    if told is not None and told.seen.startswith("JSON"):
        for one in replies:
            if one.type.startswith("json_"):
                return f"{one.place}/fields"
    where = place_of(document, operation, "mappings")
    mapping = _at(document, "mappings", where)
    several = isinstance(mapping, dict) and "replies" in mapping
    return f"{where}{'/replies/0' if several else ''}/fields"


def field_place(document: Mapping[str, Any], place: str, operation: str, output: str) -> str:
    """The pointer of an output's field, in the config's own spelling where it has one."""
    for name, _ in _table(look(document, place)):
        try:
            if output_name(operation, name) == output:
                return f"{place}{pointer((name,))}"
        except UnknownOutput:
            continue
    return f"{place}{pointer((output,))}"
