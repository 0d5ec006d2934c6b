"""Why an error rule fired, or what was missing for it to fire."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nexnum_console.providers import grammar
from nexnum_console.providers.body import Reply
from nexnum_console.providers.compile import replies_of
from nexnum_console.providers.headers import answer_path
from nexnum_console.providers.patterns import pattern, search_pattern
from nexnum_console.providers.positions import Path, pointer
from nexnum_console.providers.rules import (
    WORD_PATHS,
    Test,
    Tests,
    compile_errors,
    judge,
    pattern_code,
)
from nexnum_console.providers.sources import path
from nexnum_console.providers.spans import Body, Span, mark_of
from nexnum_console.providers.trace_model import RuleTrace
from nexnum_console.providers.transforms import text

_SHOWN = 80
_CONDITIONS = ("text", "contains", "regex", "equals", "empty")

# (config pointer, what is said there) of every place that holds error rules
Place = tuple[Path, grammar.Errors]


def explain_rules(
    config: grammar.ProviderConfig, operation: str, written: str, reply: Reply, body: Body
) -> tuple[RuleTrace, ...]:
    """Every rule that could speak about this answer, in the order in which they are asked.

    ``written`` is the operation's name in the config. At most one is marked as fired: the first.
    """
    places = list(_places(config, written))
    verdict = judge([compile_errors(errors) for _, errors in places], reply)
    found: list[RuleTrace] = []
    for kind in ("content", "html", "loose", "status"):
        if kind == "html":
            found += [_page(reply)] if reply.is_html else []
            continue
        for where, errors in places:
            found += _KINDS[kind](where, errors, reply, body)
    decided = next((index for index, one in enumerate(found) if one.fired), None)
    if decided is None:
        return (*found, RuleTrace("", "HTTP status", verdict.code, True, verdict.rule))
    return tuple(
        one if index == decided or not one.fired else _late(one) for index, one in enumerate(found)
    )


def _places(config: grammar.ProviderConfig, written: str) -> Iterator[Place]:
    mapping = config.mappings.get(written)
    if isinstance(mapping, grammar.Replies):
        yield ("mappings", written, "errors"), mapping.errors
    several = isinstance(mapping, grammar.Replies)
    for index, reply in enumerate(replies_of(mapping)):
        if reply.errors:
            inner: Path = ("replies", index) if several else ()
            yield ("mappings", written, *inner, "errors"), reply.errors
    yield ("errors",), config.errors


def _late(rule: RuleTrace) -> RuleTrace:
    return RuleTrace(
        rule.place, rule.name, rule.code, False, "would fire, but a rule before it did"
    )


def _page(reply: Reply) -> RuleTrace:
    return RuleTrace("", "a web page", "provider_unavailable", True, "HTML came, not an answer")


def _content(where: Path, errors: grammar.Errors, reply: Reply, body: Body) -> list[RuleTrace]:
    found = _rules(where, errors, reply, body, by_status=False)
    return found + ([_words(where, errors, reply, body)] if errors.words else [])


def _status(where: Path, errors: grammar.Errors, reply: Reply, body: Body) -> list[RuleTrace]:
    return _rules(where, errors, reply, body, by_status=True)


def _rules(
    where: Path, errors: grammar.Errors, reply: Reply, body: Body, *, by_status: bool
) -> list[RuleTrace]:
    found = []
    for index, rule in enumerate(errors.rules):
        tests = compile_errors(grammar.Errors(rules=[rule]))
        if bool(tests.status) != by_status:
            continue
        fired = _fires(tests, reply)
        why = _said(rule, reply) if fired else _missing(rule, reply)
        span = _rule_span(rule, reply, body) if fired else None
        place = pointer((*where, "rules", index))
        found.append(RuleTrace(place, f"rule {index + 1}", rule.code, fired, why, span))
    return found


def _fires(tests: Tests, reply: Reply) -> bool:
    every: tuple[Test, ...] = (*tests.content, *tests.loose, *tests.status)
    return any(test(reply) for test in every)


def _alone(rule: grammar.ErrorRule, keep: set[str]) -> grammar.ErrorRule:
    """The rule with no condition but those in ``keep``."""
    said = {name: getattr(rule, name) for name in rule.model_fields_set if name in keep}
    return grammar.ErrorRule(code=rule.code, **said)


def _missing(rule: grammar.ErrorRule, reply: Reply) -> str:
    """The first condition that does not hold when it is asked alone."""
    if "status" in rule.model_fields_set:
        alone = _alone(rule, {"status"})
        if not _fires(compile_errors(grammar.Errors(rules=[alone])), reply):
            return f"the status is {reply.status}, the rule wants {_shown(rule.status)}"
    if rule.path is not None and not reply.is_json and not rule.path.startswith("$"):
        return f"the answer is no JSON, the rule reads {rule.path}"
    value = _subject(rule, reply)
    for name in _CONDITIONS:
        if name not in rule.model_fields_set:
            continue
        alone = _alone(rule, {"path", name})
        if not _fires(compile_errors(grammar.Errors(rules=[alone])), reply):
            what = f"{rule.path} is {_shown(value)}" if rule.path else f"it reads {_shown(value)}"
            return f"{what}; {name} wants {_shown(getattr(rule, name))}"
    return f"{rule.path} is {_shown(value)}" if rule.path else "not all of it holds together"


def _said(rule: grammar.ErrorRule, reply: Reply) -> str:
    conditions = [
        name for name in ("status", "path", *_CONDITIONS) if name in rule.model_fields_set
    ]
    told = [f"{name} {_shown(getattr(rule, name))}" for name in conditions]
    return f"{' and '.join(told)} in {_shown(_subject(rule, reply))}"


def _subject(rule: grammar.ErrorRule, reply: Reply) -> Any:
    if rule.path is None:
        return reply.text
    return answer_path(rule.path)(reply)


def _rule_span(rule: grammar.ErrorRule, reply: Reply, body: Body) -> Span | None:
    if rule.path is not None:
        return body.span(mark_of(_subject(rule, reply)))
    if rule.regex is not None:
        return _found(pattern(rule.regex), reply, body)
    if rule.contains is not None:
        return _found(search_pattern(rule.contains), reply, body)
    return None if rule.status is not None and rule.text is None else _whole(reply, body)


def _found(compiled: Any, reply: Reply, body: Body) -> Span | None:
    at, found = body.place(reply.text), compiled.search(reply.text)
    if at < 0 or not found:
        return None
    return Span(body.byte(at + found.start()), body.byte(at + found.end()))


def _whole(reply: Reply, body: Body) -> Span | None:
    at = body.place(reply.text)
    return Span(body.byte(at), body.byte(at + len(reply.text))) if at >= 0 else None


def _words(where: Path, errors: grammar.Errors, reply: Reply, body: Body) -> RuleTrace:
    tests = compile_errors(grammar.Errors(words=errors.words, paths=errors.paths))
    verdict = next((found for test in tests.content if (found := test(reply))), None)
    said: list[Any] = [reply.text]
    if reply.is_json:
        said = [path(each)(reply.document) for each in errors.paths or WORD_PATHS]
    known = {word.casefold() for word in errors.words}
    place = pointer((*where, "words"))
    if verdict is None:
        heard = [_shown(each) for each in said if text(each)]
        what = ", ".join(heard) or f"nothing at {', '.join(errors.paths or WORD_PATHS)}"
        return RuleTrace(place, "words", "", False, f"{what} is none of {len(known)} words")
    hit = next(each for each in said if (text(each) or "").strip().casefold() in known)
    span = body.span(mark_of(hit)) if reply.is_json else _whole(reply, body)
    return RuleTrace(
        place, verdict.rule, verdict.code, True, f"the answer says {_shown(hit)}", span
    )


def _loose(where: Path, errors: grammar.Errors, reply: Reply, body: Body) -> list[RuleTrace]:
    found = []
    for name, written in errors.patterns.items():
        for each in written if isinstance(written, list) else [written]:
            span = _found(search_pattern(each), reply, body)
            fired = bool(search_pattern(each).search(reply.text))
            why = f"{_shown(each)} stands in it" if fired else f"{_shown(each)} is not in it"
            place = pointer((*where, "patterns", name))
            found.append(RuleTrace(place, f"pattern {each}", pattern_code(name), fired, why, span))
    return found


def _shown(value: Any) -> str:
    written = text(value)
    if written is None:
        written = str(value) if value not in (None, "") else ""
    short = " ".join(written.split())
    return f"“{short[:_SHOWN]}{'…' if len(short) > _SHOWN else ''}”" if short else "nothing"


_KINDS = {"content": _content, "loose": _loose, "status": _status}
