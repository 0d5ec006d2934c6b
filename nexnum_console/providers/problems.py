"""Faults of a config as a person reads them: place, line with a caret, cure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import process
from rapidfuzz.distance import OSA

Severity = Literal["error", "warning"]

_NEAR = 0.55
_LISTED = 12


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a config file. ``pointer`` is an RFC 6901 pointer into it.

    ``cure`` says what to do; ``excerpt`` is the line and, below it, a caret; ``rule`` names the
    check of a warning.
    """

    source: str
    pointer: str
    line: int
    column: int
    message: str
    cure: str = ""
    excerpt: str = ""
    severity: Severity = "error"
    rule: str = ""

    def __str__(self) -> str:
        where = f"{self.source}:{self.line}:{self.column}"
        kind = "warning: " if self.severity == "warning" else ""
        cure = f". {self.cure[:1].upper()}{self.cure[1:]}" if self.cure else ""
        return f"{where}: {kind}{self.message}{cure} (at {self.pointer or '/'})"

    def shown(self) -> str:
        """The fault over several lines, with the place in the text."""
        where = f"{self.source}:{self.line}:{self.column}"
        rule = f" [{self.rule}]" if self.rule else ""
        lines = [f"{where}: {self.severity}: {self.message}{rule}"]
        lines += [f"  at {self.pointer or '/'}"]
        lines += [f"  | {line}" for line in self.excerpt.split("\n") if line]
        lines += [f"  cure: {self.cure}"] if self.cure else []
        return "\n".join(lines)


class ConfigError(ValueError):
    """A config cannot be used; ``problems`` says all that is wrong, in file order."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Problems as they stand in the file, each once."""
    return sorted(dict.fromkeys(problems), key=lambda each: (each.line, each.column))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was most likely meant."""
    best = process.extractOne(
        word, list(known), scorer=OSA.normalized_similarity, score_cutoff=_NEAR
    )
    return str(best[0]) if best else None


def suggestion(word: str, known: Iterable[str]) -> str:
    """``; did you mean “…”?`` or nothing."""
    best = nearest(word, known)
    return f"; did you mean “{best}”?" if best else ""


def choice(known: Iterable[str]) -> str:
    """``write one of a, b, c`` for a cure; a long list is cut."""
    words = list(dict.fromkeys(known))
    if not words:
        return ""
    more = f" … ({len(words)} in all)" if len(words) > _LISTED else ""
    return f"write one of {', '.join(words[:_LISTED])}{more}"
