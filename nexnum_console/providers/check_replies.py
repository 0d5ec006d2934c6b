"""Faults in how a config reads answers: fields, patterns, paths, missing outputs, error rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nexnum_console.providers import grammar
from nexnum_console.providers.compile import replies_of
from nexnum_console.providers.errors import Code
from nexnum_console.providers.faults import (
    Fault,
    attempt,
    operation_of,
    transform_faults,
)
from nexnum_console.providers.fields import UnknownOutput, bound_levels, declared, output_name
from nexnum_console.providers.fixed import FIXED
from nexnum_console.providers.headers import answer_path
from nexnum_console.providers.normal import state_name
from nexnum_console.providers.patterns import BadPattern, pattern, search_pattern
from nexnum_console.providers.positions import Path
from nexnum_console.providers.rules import PATTERN_CODES, pattern_code, status_test
from nexnum_console.providers.shadows import unreachable
from nexnum_console.providers.sources import path, source
from nexnum_console.providers.templates import (
    variable_name,
)
from nexnum_console.providers.vocabulary import (
    REQUIRED,
    STATES,
)

_ONE_OF = {
    "prices": ("price", "stock"),
    "search": ("offer", "phone"),
    "status": ("state", "code", "text"),
}
_CODES = tuple(code.value for code in Code)


def mapping_faults(config: grammar.ProviderConfig) -> Iterator[Fault]:
    """Everything wrong with how answers are read."""
    asked = {operation_of(name) for name in config.endpoints}
    for written, mapping in config.mappings.items():
        operation = operation_of(written)
        if operation is None:
            continue
        listed = any(reply.type == FIXED for reply in replies_of(mapping))
        if operation not in asked and operation != "webhook" and not listed:
            message = f"nothing under “endpoints” asks for “{written}”"
            cure = f"add “{written}” to “endpoints”, or remove it here"
            yield Fault(("mappings", written), message, at_key=True, cure=cure, lacks=True)
        several = isinstance(mapping, grammar.Replies)
        if isinstance(mapping, grammar.Replies):
            yield from error_faults(("mappings", written, "errors"), mapping.errors)
        for index, reply in enumerate(replies_of(mapping)):
            inner: Path = ("replies", index) if several else ()
            yield from _reply(("mappings", written, *inner), operation, reply)


def _reply(where: Path, operation: str, reply: grammar.Reply) -> Iterator[Fault]:
    yield from condition_faults(where, reply)
    yield from attempt((*where, "httpStatus"), lambda: status_test(reply.http_status))
    yield from state_faults((*where, "statusMapping"), reply.status_mapping)
    yield from _fields(where, operation, reply)
    yield from _paths(where, reply)
    if reply.regex is not None:
        yield from attempt((*where, "regex"), lambda: pattern(reply.regex or ""))
    if reply.errors:
        yield from error_faults((*where, "errors"), reply.errors)
    yield from _groups(where, reply)
    yield from _shape(where, operation, reply)


def condition_faults(where: Path, part: grammar.Route | grammar.Reply) -> Iterator[Fault]:
    for key, names in (("requires", part.requires), ("unless", part.unless)):
        for index, name in enumerate(names):
            yield from attempt((*where, key, index), lambda name=name: variable_name(name))  # type: ignore[misc]


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
        yield from attempt(place, lambda name=name: output_name(operation, name))  # type: ignore[misc]
        written = origin if isinstance(origin, str) else origin.source
        inner = place if isinstance(origin, str) else (*place, "from")
        yield from attempt(inner, lambda written=written: source(written))  # type: ignore[misc]
        if isinstance(origin, grammar.Source) and origin.as_:
            yield from transform_faults((*place, "as"), origin.as_)
    for key, table in (("constants", reply.constants), ("transform", reply.transform)):
        for name in table:
            yield from attempt(
                (*where, key, name),
                lambda name=name: output_name(operation, name),  # type: ignore[misc]
            )
    for name, transform in reply.transform.items():
        yield from transform_faults((*where, "transform", name), transform)
    for index, level in enumerate(reply.levels):
        if level != "-" and not level.startswith("."):
            yield from attempt(
                (*where, "levels", index),
                lambda level=level: output_name(operation, level),  # type: ignore[misc]
            )


def _paths(where: Path, reply: grammar.Reply) -> Iterator[Fault]:
    if reply.root_path:
        yield from attempt((*where, "rootPath"), lambda: path(reply.root_path or ""))
    for index, written in enumerate(reply.word_paths):
        place = (*where, "wordPaths", index)
        yield from attempt(place, lambda written=written: path(written))  # type: ignore[misc]
    for written in reply.match:
        yield from attempt(
            (*where, "match", written),
            lambda written=written: answer_path(written),  # type: ignore[misc]
        )
    if reply.messages:
        spec = reply.messages
        for key, inner in (("path", spec.path), ("code", spec.code), ("text", spec.text)):
            if inner is not None:
                yield from attempt((*where, "messages", key), lambda inner=inner: path(inner))  # type: ignore[misc]


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
            yield from attempt(place, lambda name=name: output_name(operation, name))  # type: ignore[misc]
            if name == "state":
                yield from state_faults((*where, "words", word), {name: value})


def state_faults(where: Path, table: dict[str, str]) -> Iterator[Fault]:
    """Words for states that there are not."""
    for word, state in table.items():
        try:
            state_name(state)
        except ValueError as error:
            yield Fault((*where, word), str(error), state, STATES)


def error_faults(where: Path, errors: grammar.Errors) -> Iterator[Fault]:
    """Rules of errors: patterns, paths, and what can never be reached."""
    for index, written in enumerate(errors.paths):
        yield from attempt((*where, "paths", index), lambda written=written: path(written))  # type: ignore[misc]
    for name, patterns in errors.patterns.items():
        place = (*where, "patterns", name)
        try:
            pattern_code(name)
        except ValueError:
            known = (*_CODES, *PATTERN_CODES)
            yield Fault(place, f"“{name}” is not an error", name.lower(), known, at_key=True)
        for index, each in enumerate(patterns if isinstance(patterns, list) else [patterns]):
            inner = (*place, index) if isinstance(patterns, list) else place
            yield from attempt(inner, lambda each=each: search_pattern(each))  # type: ignore[misc]
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
    yield from attempt((*where, "status"), lambda: status_test(rule.status))
    if rule.regex is not None:
        yield from attempt((*where, "regex"), lambda: pattern(rule.regex or ""))
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
            yield from attempt(place, lambda origin=origin: answer_path(origin))  # type: ignore[misc]
