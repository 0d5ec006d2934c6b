"""Refusals: which typed error an answer means, and which rule said so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from nexnum_console.providers import grammar, transforms
from nexnum_console.providers.body import Reply
from nexnum_console.providers.errors import Code
from nexnum_console.providers.headers import answer_path
from nexnum_console.providers.patterns import pattern, search_pattern
from nexnum_console.providers.sources import path
from nexnum_console.providers.transforms import decimal, text

WORD_PATHS: Final = ("error", "message", "error_code", "title", "msg")

PATTERN_CODES: Final[dict[str, Code]] = {
    "no_activation": Code.ACTIVATION_NOT_FOUND,
    "activation_cancelled": Code.ACTIVATION_CLOSED,
    "server_error": Code.PROVIDER_ERROR,
    "timeout": Code.PROVIDER_UNAVAILABLE,
    "unknown_error": Code.PROVIDER_ERROR,
}

_BY_STATUS: Final[dict[int, Code]] = {
    400: Code.BAD_REQUEST,
    401: Code.BAD_KEY,
    402: Code.NO_BALANCE,
    403: Code.ACCESS_DENIED,
    405: Code.BAD_REQUEST,
    422: Code.BAD_REQUEST,
    429: Code.RATE_LIMITED,
    502: Code.PROVIDER_UNAVAILABLE,
    503: Code.PROVIDER_UNAVAILABLE,
    504: Code.PROVIDER_UNAVAILABLE,
}
_EDGE_STATUSES = range(520, 531)  # an edge proxy that could not reach the provider
_CLASS = re.compile(r"[1-5]xx\Z")


class BadStatus(ValueError):
    """What stands for HTTP statuses is none."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A refusal. ``rule`` says what decided, for the trace."""

    code: Code
    rule: str
    min_price: str | None = None
    retry_after: int | None = None
    unsure: bool = False


Test = Callable[[Reply], Verdict | None]
StatusTest = Callable[[int], bool]


@dataclass(frozen=True, slots=True)
class Tests:
    """Compiled errors of one place: by content, by loose pattern, by status alone."""

    content: tuple[Test, ...] = ()
    loose: tuple[Test, ...] = ()
    status: tuple[Test, ...] = ()


def status_test(written: list[int | str] | int | str | None) -> StatusTest:
    """Compile ``404``, ``"5xx"`` or a list; None accepts every status. Raises BadStatus."""
    if written is None:
        return lambda status: True
    accepted = set[int]()
    for each in written if isinstance(written, list) else [written]:
        if isinstance(each, int) or (each.isascii() and each.isdigit()):
            accepted.add(int(each))
        elif _CLASS.match(each):
            accepted.update(range(int(each[0]) * 100, int(each[0]) * 100 + 100))
        else:
            raise BadStatus(f"“{each}” is not an HTTP status")
    return frozenset(accepted).__contains__


def pattern_code(written: str) -> Code:
    """The code a pattern's name stands for; raises ValueError."""
    name = written.lower()
    return PATTERN_CODES.get(name) or Code(name)


def compile_errors(errors: grammar.Errors | None) -> Tests:
    """Compile what a config says about refusals; raises BadPattern, BadSource or ValueError."""
    if errors is None:
        return Tests()
    rules = [(rule, _rule(index, rule)) for index, rule in enumerate(errors.rules)]
    content = [test for rule, test in rules if not _by_status_alone(rule)]
    if errors.words:
        content.append(_words(errors))
    return Tests(
        tuple(content),
        tuple(_loose(errors.patterns)),
        tuple(test for rule, test in rules if _by_status_alone(rule)),
    )


def judge(tests: Iterable[Tests], reply: Reply) -> Verdict:
    """What a refusal means: the config's rules, a web page, loose patterns, then HTTP itself."""
    places = list(tests)
    return (
        _first((test for place in places for test in place.content), reply)
        or (Verdict(Code.PROVIDER_UNAVAILABLE, "a web page") if reply.is_html else None)
        or _first((test for place in places for test in place.loose), reply)
        or _first((test for place in places for test in place.status), reply)
        or _by_http(reply.status)
    )


def _first(tests: Iterable[Test], reply: Reply) -> Verdict | None:
    return next((verdict for test in tests if (verdict := test(reply))), None)


def _by_http(status: int) -> Verdict:
    rule = f"HTTP {status}"
    if status in _BY_STATUS:
        return Verdict(_BY_STATUS[status], rule)
    if 300 <= status < 400:
        return Verdict(Code.BAD_REQUEST, rule)
    if status in _EDGE_STATUSES:
        return Verdict(Code.PROVIDER_UNAVAILABLE, rule)
    if status >= 500:
        return Verdict(Code.PROVIDER_ERROR, rule)
    return Verdict(Code.PARSE_ERROR, "no rule knows this answer")


def _words(errors: grammar.Errors) -> Test:
    words = {word.casefold(): code for word, code in errors.words.items()}
    paths = [path(each) for each in errors.paths or WORD_PATHS]

    def test(reply: Reply) -> Verdict | None:
        said = [reply.text]
        if reply.is_json:
            said = [text(each(reply.document)) or "" for each in paths]
        for word in said:
            code = words.get(word.strip().casefold())
            if code:
                return Verdict(code, f"the word {word.strip()}")
        return None

    return test


def _loose(patterns: dict[str, str | list[str]]) -> Iterable[Test]:
    for name, written in patterns.items():
        for each in written if isinstance(written, list) else [written]:
            yield _pattern_test(pattern_code(name), search_pattern(each), each)


def _pattern_test(code: Code, compiled: Any, written: str) -> Test:
    verdict = Verdict(code, f"the pattern {written}")
    return lambda reply: verdict if compiled.search(reply.text) else None


def _by_status_alone(rule: grammar.ErrorRule) -> bool:
    conditions = {"text", "contains", "regex", "path", "empty"}
    return not conditions & rule.model_fields_set


def _rule(index: int, rule: grammar.ErrorRule) -> Test:
    status_fits = status_test(rule.status)
    subject = _subject(rule)
    conditions = list(_conditions(rule))
    found_by = pattern(rule.regex) if rule.regex is not None else None
    details = _details(rule)
    name = f"rule {index + 1}"

    def test(reply: Reply) -> Verdict | None:
        if not status_fits(reply.status):
            return None
        value = subject(reply)
        if not all(condition(value) for condition in conditions):
            return None
        groups: dict[str, str | None] = {}
        if found_by is not None:
            found = found_by.search(value if isinstance(value, str) else text(value) or "")
            if not found:
                return None
            groups = found.groupdict()
        return Verdict(rule.code, name, *details(reply, groups), rule.unsure)

    return test


def _subject(rule: grammar.ErrorRule) -> Callable[[Reply], Any]:
    return answer_path(rule.path) if rule.path is not None else lambda reply: reply.text


def _conditions(rule: grammar.ErrorRule) -> Iterable[Callable[[Any], bool]]:
    if rule.text is not None:
        whole = rule.text.casefold()
        yield lambda value: (text(value) or "").casefold() == whole
    if rule.contains is not None:
        part = rule.contains.casefold()
        yield lambda value: part in (text(value) or "").casefold()
    if "equals" in rule.model_fields_set:
        yield equals(rule.equals)
    elif (
        rule.path is not None and not {"text", "contains", "regex", "empty"} & rule.model_fields_set
    ):
        yield lambda value: value not in (None, "", False, [], {})
    if rule.empty is not None:
        wanted = rule.empty
        yield lambda value: (value in (None, "", [], {})) is wanted


def equals(wanted: Any) -> Callable[[Any], bool]:
    """Compare a JSON value with one or several scalars; 1 and "1" are the same word."""
    words = {_word(each) for each in (wanted if isinstance(wanted, list) else [wanted])}
    return lambda value: not isinstance(value, dict | list) and _word(value) in words


def _word(value: Any) -> str:
    return "null" if value is None else (text(value) or "").casefold()


def _told(origin: str | grammar.Source) -> Callable[[Reply], Any]:
    """A value beside a refusal, through the transforms that the config names."""
    if isinstance(origin, str):
        return answer_path(origin)
    read, names = answer_path(origin.source), transforms.steps(origin.as_)
    steps = [transforms.named(name) for name in names]

    def told(reply: Reply) -> Any:
        value = read(reply)
        for step in steps:
            value = step(value)
        return value

    return told


def _details(
    rule: grammar.ErrorRule,
) -> Callable[[Reply, dict[str, str | None]], tuple[str | None, int | None]]:
    readers = {
        name: _told(origin)
        for name, origin in (("min_price", rule.min_price), ("retry_after", rule.retry_after))
        if origin is not None
    }

    def details(reply: Reply, groups: dict[str, str | None]) -> tuple[str | None, int | None]:
        found: dict[str, Any] = dict(groups)
        found |= {name: read(reply) for name, read in readers.items()}
        seconds = decimal(found.get("retry_after"))
        return decimal(found.get("min_price")), int(seconds.split(".")[0]) if seconds else None

    return details
