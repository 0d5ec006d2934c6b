"""Warnings that only recordings can give: what of a config no recorded answer ever used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nexnum_console.providers import grammar
from nexnum_console.providers.body import Reply
from nexnum_console.providers.compile import CompiledProvider, compile_config, operation_name
from nexnum_console.providers.lint import Lint, error_places, replies, told
from nexnum_console.providers.loading import Checked
from nexnum_console.providers.patterns import pattern, search_pattern
from nexnum_console.providers.positions import Path
from nexnum_console.providers.problems import Problem
from nexnum_console.providers.replay import recorded_reply, recorded_variables
from nexnum_console.providers.sources import path
from nexnum_console.providers.trace import trace
from nexnum_console.providers.trace_model import Trace
from nexnum_console.providers.transforms import text

# operation, the recorded answer, how the config reads it
Told = tuple[str, Reply, Trace]


def lint_recordings(
    checked: Checked, source_name: str, recordings: Iterable[Mapping[str, Any]]
) -> list[Problem]:
    """Warnings about replies, regexes and status words, by what recordings show."""
    if checked.config is None:
        return []
    compiled = compile_config(checked.config)
    seen = list(_traces(compiled, recordings))
    found = [
        *_never_taken(checked.config, seen),
        *_silent_regexes(checked.config, seen),
        *_unknown_words(checked.config, seen),
    ]
    return told(checked, source_name, found)


def _traces(compiled: CompiledProvider, recordings: Iterable[Mapping[str, Any]]) -> Iterator[Told]:
    for recording in recordings:
        operation = recording["operation"]
        known = compiled.operations.get(operation)
        if known is None or not known.replies:
            continue
        answer = recorded_reply(operation, recording)
        variables = recorded_variables(compiled, operation, recording["request"])
        yield operation, answer, trace(compiled, operation, answer, variables)


def _never_taken(config: grammar.ProviderConfig, seen: list[Told]) -> Iterator[Lint]:
    taken = {each.reply.place for _, _, each in seen if each.reply}
    recorded = {operation for operation, _, each in seen if each.result is not None}
    places = {reply.place for _, _, each in seen for reply in each.replies}
    for operation, where, reply in replies(config):
        place = "".join(f"/{step}" for step in where)
        if operation in recorded and place in places and place not in taken:
            message = f"no recording of “{operation}” is read by this {reply.type}"
            cure = "record an answer that needs it, or remove it"
            yield Lint(where, "reply-never-taken", message, cure, at_key=False)


def _silent_regexes(config: grammar.ProviderConfig, seen: list[Told]) -> Iterator[Lint]:
    cure = "compare it with a recorded answer; record one that it is for, or remove it"
    for operation, where, reply in replies(config):
        answers = [answer.text for name, answer, _ in seen if name == operation]
        if reply.regex is not None and answers and not _any(pattern(reply.regex), answers):
            message = f"the regex matches no recorded answer of “{operation}”"
            yield Lint((*where, "regex"), "regex-never-matches", message, cure, at_key=False)
    for where, errors in error_places(config):
        heard = [answer for name, answer, _ in seen if _concerns(where, name)]
        for place, matches in _error_regexes(errors):
            if heard and not any(matches(answer) for answer in heard):
                message = "the regex matches nothing in the recordings"
                yield Lint((*where, *place), "regex-never-matches", message, cure, at_key=False)


def _error_regexes(errors: grammar.Errors) -> Iterator[tuple[Path, Any]]:
    for index, rule in enumerate(errors.rules):
        if rule.regex is not None:
            yield ("rules", index, "regex"), _rule_test(rule)
    for name, written in errors.patterns.items():
        for index, each in enumerate(written if isinstance(written, list) else [written]):
            if each.startswith("/"):
                inner: Path = (index,) if isinstance(written, list) else ()
                compiled = search_pattern(each)
                yield ("patterns", name, *inner), _search(compiled)


def _search(compiled: Any) -> Any:
    return lambda answer: bool(compiled.search(answer.text))


def _rule_test(rule: grammar.ErrorRule) -> Any:
    compiled = pattern(rule.regex or "")
    read = path(rule.path) if rule.path is not None else None

    def matches(answer: Reply) -> bool:
        if read is None:
            return bool(compiled.search(answer.text))
        said = text(read(answer.document)) if answer.is_json else None
        return said is not None and bool(compiled.search(said))

    return matches


def _any(compiled: Any, answers: list[str]) -> bool:
    return any(compiled.search(answer) for answer in answers)


def _concerns(where: Path, operation: str) -> bool:
    return where[0] == "errors" or operation_name(str(where[1])) == operation


def _unknown_words(config: grammar.ProviderConfig, seen: list[Told]) -> Iterator[Lint]:
    """A status word that recordings show and no table translates."""
    done = set[str]()
    for operation, _, each in seen:
        if each.result is not None:
            continue
        for reply in each.replies:
            for field in (one for row in reply.rows for one in row.fields):
                if field.target == "state" and field.value and "statusMapping" in reply.why:
                    key = f"{reply.place} {field.value}"
                    if key not in done:
                        done.add(key)
                        yield _unknown(config, operation, field.value)


def _unknown(config: grammar.ProviderConfig, operation: str, word: str) -> Lint:
    where: Path = ("statuses",) if config.statuses else ("mappings",)
    message = f"a recording of “{operation}” has the status “{word}”, which no table knows"
    cure = f'add "{word}" to “statuses” with one of our states'
    return Lint(where, "no-terminal-status", message, cure)
