"""Reading a config: every fault at once, each with pointer, line, column and a cure."""

from __future__ import annotations

import codecs
import copy
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from nexnum_console.providers.check import faults
from nexnum_console.providers.check_fixed import fixed_faults
from nexnum_console.providers.check_parts import part_faults
from nexnum_console.providers.faults import Fault
from nexnum_console.providers.grammar import ProviderConfig
from nexnum_console.providers.positions import (
    Document,
    Path,
    Position,
    SyntaxProblem,
    excerpt,
    parse_all,
    pointer,
)
from nexnum_console.providers.problems import (
    ConfigError,
    Problem,
    choice,
    in_order,
    nearest,
    suggestion,
)
from nexnum_console.providers.pruning import by_place, hides, remove, resolve
from nexnum_console.providers.wording import SECRET_KEY, worded

__all__ = [
    "Checked",
    "ConfigError",
    "Problem",
    "Teller",
    "check_config",
    "load_config",
    "suggestion",
    "text_of",
]

_ROUNDS = 8
_MAX_BAD_BYTES = 5
_BOMS: Final = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_SECRET_VALUE = re.compile(rf'("[^"]*(?:{SECRET_KEY.pattern[4:]})[^"]*"\s*:\s*")([^"$]+)', re.I)


@dataclass(frozen=True, slots=True)
class Checked:
    """A config text after all checks. ``config`` is None when there are problems."""

    document: Document
    config: ProviderConfig | None
    problems: list[Problem]


def load_config(text: str, source_name: str) -> ProviderConfig:
    """Parse and check a config; raises ConfigError."""
    checked = check_config(text, source_name)
    if checked.config is None:
        raise ConfigError(checked.problems)
    return checked.config


def text_of(raw: bytes, source_name: str) -> str:
    """The text of a config file; raises ConfigError with the place of what is not UTF-8."""
    for mark, encoding in _BOMS.items():
        if raw.startswith(mark):
            message = f"the file is {encoding}, not UTF-8"
            problem = Problem(source_name, "", 1, 1, message, "save it as UTF-8 without BOM")
            raise ConfigError([problem])
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError(list(_bad_bytes(raw, source_name))) from None


def _bad_bytes(raw: bytes, source: str) -> Iterable[Problem]:
    shown = raw.decode("utf-8", errors="replace")
    done, start = 0, 0
    while done < _MAX_BAD_BYTES:
        try:
            raw[start:].decode("utf-8")
            return
        except UnicodeDecodeError as error:
            at = start + error.start
            before = raw[:at].decode("utf-8", errors="replace")
            place = Position(before.count("\n") + 1, len(before) - before.rfind("\n"))
            message = f"the byte 0x{raw[at]:02x} is not UTF-8"
            cure = "save the file as UTF-8; it looks like another encoding"
            yield Problem(source, "", *place, message, cure, excerpt(shown, place))
            done, start = done + 1, start + error.end


def check_config(text: str, source_name: str) -> Checked:
    """Everything that is wrong with a config text: syntax, keys and types, then meaning."""
    document = parse_all(text)
    told = Teller(document, source_name)
    problems = [told.syntax(problem) for problem in document.problems]
    if document.value is None and problems:
        return Checked(document, None, problems)
    config, found = _model(document, told)
    problems += found
    return Checked(document, None if problems else config, in_order(problems))


def _model(document: Document, told: Teller) -> tuple[ProviderConfig | None, list[Problem]]:
    """Validate, and once more without what is wrong, so that meaning is checked as well."""
    value, removed = document.value, list[Path]()
    lost = [problem.path for problem in document.problems if problem.lost]
    if lost:
        value = copy.deepcopy(value)
        removed += [remove(value, path, []) for path in lost if path]
    problems: list[Problem] = []
    for _ in range(_ROUNDS):
        try:
            config = ProviderConfig.model_validate(value)
        except ValidationError as error:
            found = by_place(value, error.errors())
            problems += [
                told.pydantic(value, path, errors)
                for path, errors in found
                if not _told_before(path, errors, removed)
            ]
            if not isinstance(value, dict):
                break
            value = copy.deepcopy(value)
            removed += [remove(value, path, errors) for path, errors in found]
        else:
            every = (*faults(config), *part_faults(config), *fixed_faults(config))
            problems += [told.fault(each) for each in every if told.own(each, removed)]
            return config, problems
    return None, problems


def _told_before(path: Path, errors: list[ErrorDetails], removed: list[Path]) -> bool:
    """What was wrong is taken out, so that in the next round it seems to be missing."""
    missing = errors[0]["type"] == "missing"
    return missing and (*path, errors[0]["loc"][-1]) in removed


class Teller:
    """Turns what the checks found into problems of one document."""

    def __init__(self, document: Document, source: str) -> None:
        self.document = document
        self.source = source
        self.shown = _SECRET_VALUE.sub(_masked, document.text)

    def syntax(self, problem: SyntaxProblem) -> Problem:
        return self._problem(problem.path, problem.position, problem.message, problem.cure)

    def pydantic(self, value: Any, path: Path, errors: list[ErrorDetails]) -> Problem:
        message, cure = worded(value, path, errors)
        at_key = errors[0]["type"] == "extra_forbidden"
        return self._problem(path, self.document.position(path, key=at_key), message, cure)

    def fault(self, fault: Fault) -> Problem:
        path = resolve(self.document.value, fault.path)
        inside = _inside(self.document.value, path, fault)
        position = self.document.position(path, key=fault.at_key, inside=inside)
        message = fault.message + (suggestion(fault.word, fault.known) if fault.word else "")
        cure = fault.cure
        if not cure and fault.known:
            near = nearest(fault.word, fault.known)
            cure = f'write "{near}"' if near else choice(fault.known)
        return self._problem(path, position, message, cure)

    def warning(self, path: Path, rule: str, message: str, cure: str, *, at_key: bool) -> Problem:
        """A lint about the value (or the key) at a logical path."""
        path = resolve(self.document.value, path)
        position = self.document.position(path, key=at_key)
        found = self._problem(path, position, message, cure)
        return replace(found, severity="warning", rule=rule)

    def own(self, fault: Fault, removed: list[Path]) -> bool:
        """Whether a fault is one of the config itself, and not of the parts taken out."""
        path = resolve(self.document.value, fault.path)
        return not hides(removed, path, lacks=fault.lacks)

    def _problem(self, path: Path, position: Position, message: str, cure: str) -> Problem:
        shown = excerpt(self.shown, position)
        return Problem(self.source, pointer(path), *position, message, cure, shown)


def _inside(value: Any, path: Path, fault: Fault) -> int | None:
    """The character of a text that a fault is about; None where it is about the whole."""
    if not fault.part:
        return fault.inside
    for step in path:
        value = value[step]
    start = value.find(fault.part) if isinstance(value, str) else -1
    return None if start < 0 else start + (fault.inside or 0)


def _masked(found: re.Match[str]) -> str:
    return found[1] + "•" * len(found[2])
