"""RE2 patterns, so an admin's regex can never hang a worker.

RE2 takes time linear in the text, yet up to a dozen nanoseconds for each character and each
instruction of the pattern: 500 ms where both are large. So a pattern has a greatest size, and
what it searches at a time is as long as its size allows.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import re2

from nexnum_console.providers.errors import Code, ProviderError

_GROUP = re.compile(r"\(\?P?<([A-Za-z_]\w*)>")
_SHORT = 512
_ANYWHERE = re2._re2.RE2.Anchor.UNANCHORED
_START = re.compile(r"(?:\(\?s\))?\^([A-Za-z0-9_: ,-]*)")
_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)  # escapes and classes are one
_MAX_MEMORY = 256 * 1024
_MAX_WRITTEN = 1_000
_MAX_SIZE = 1_500
# Instructions times characters for one look: about 8 ms at most.
_STEPS = 600_000
_SECONDS = 0.25
_SECONDS_A_MATCH = 1e-4


_SMALLER: Final = "write + or * for a long repeat, and a class such as [^:] for a dot"
_PLAIN: Final = "write it in the syntax of RE2; a sign meant as itself gets a backslash"
_CURES: Final = {
    "invalid perl operator": "RE2 has no look-around; match the text around and name a group",
    "invalid escape sequence": "RE2 has no back-reference; write the text out",
    "missing )": "close the group with )",
    "unexpected )": "remove the ) or open its group with (",
    "missing ]": "close the class with ]",
    "invalid repetition size": "repeat at most 1000 times; + and * have no limit",
    "bad repetition operator": "write one of * + ? {n} after each part",
    "no argument for repetition operator": "put what repeats before it",
    "invalid character class range": "write the smaller character first",
    "invalid named capture group": "a name has letters, digits and _: (?<name>…)",
    "pattern too large": _SMALLER,
    "trailing \\": "remove the \\ at the end or double it",
}


class BadPattern(ValueError):
    """A regex is not usable; ``offset`` is where in it, ``cure`` what to do."""

    def __init__(self, message: str, offset: int = 0, cure: str = "") -> None:
        super().__init__(message)
        self.offset = offset
        self.cure = cure


class _Shifted:
    """A match in some lines of a text, with its places in the whole text."""

    __slots__ = ("_match", "_offset")

    def __init__(self, match: Any, offset: int) -> None:
        self._match = match
        self._offset = offset

    def groupdict(self) -> dict[str, str | None]:
        """As re.Match.groupdict."""
        found: dict[str, str | None] = self._match.groupdict()
        return found

    def __getitem__(self, group: int) -> str | None:
        found: str | None = self._match[group]
        return found

    def span(self, group: int = 0) -> tuple[int, int]:
        """As re.Match.span."""
        start, end = self._match.span(group)
        return (start, end) if start < 0 else (start + self._offset, end + self._offset)

    def start(self, group: int = 0) -> int:
        """As re.Match.start."""
        return self.span(group)[0]

    def end(self, group: int = 0) -> int:
        """As re.Match.end."""
        return self.span(group)[1]


class Pattern:
    """A compiled pattern as RE2's own, except that no look costs more than ``_STEPS``."""

    __slots__ = ("_inner", "_reach", "_regexp", "groupindex")

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._regexp = inner._regexp
        self._reach: int = max(1, _STEPS // inner.programsize)
        self.groupindex: Any = inner.groupindex

    def reaches(self, text: str) -> bool:
        """Whether one look at all of the text is affordable."""
        return len(text) <= self._reach

    def search(self, text: str) -> Any:
        """The first match, or None; of a text that is too long for this pattern, its beginning is
        searched, and a match that ends only because that does is none."""
        if len(text) <= self._reach:
            return self._inner.search(text)
        found = self._inner.search(text, 0, self._reach)
        return None if found is None or found.end() == self._reach else found

    def finditer(self, text: str) -> Iterator[Any]:
        """Every match; a long text is searched some whole lines at a time.

        Raises ProviderError where a line is too long for this pattern, or all of it takes too long.
        """
        if len(text) <= self._reach:
            return iter(self._inner.finditer(text))
        return self._some_lines_at_a_time(text)

    def _some_lines_at_a_time(self, text: str) -> Iterator[Any]:
        begins, spent, matches = 0, 0.0, 0
        while begins < len(text):
            ends = self._whole_lines(text, begins)
            began = time.thread_time()
            found = list(self._inner.finditer(text[begins:ends]))
            spent += time.thread_time() - began
            matches += len(found)
            if spent > _SECONDS + matches * _SECONDS_A_MATCH:
                raise ProviderError(Code.PARSE_ERROR, "a regex takes too long on this answer")
            for match in found:
                yield _Shifted(match, begins)
            begins = ends

    def _whole_lines(self, text: str, begins: int) -> int:
        most = begins + self._reach
        if most >= len(text):
            return len(text)
        ends = text.rfind("\n", begins, most) + 1
        if ends <= begins:
            message = f"a line of this answer is longer than its regex can search ({self._reach})"
            raise ProviderError(Code.PARSE_ERROR, message)
        return ends


def own_pattern(written: str) -> Any:
    """A pattern that stands in this code: nobody's choice, so nothing caps it."""
    return re2.compile(written)


def pattern(written: str, *, ignore_case: bool = False) -> Pattern:
    """Compile a pattern; groups may be written ``(?<name>…)``. Raises BadPattern."""
    if len(written) > _MAX_WRITTEN:
        raise BadPattern(
            f"the regex is longer than {_MAX_WRITTEN} characters",
            _MAX_WRITTEN,
            "write several short ones, each for one word of the answer",
        )
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    options.case_sensitive = not ignore_case
    twice = [name for name, count in Counter(_GROUP.findall(written)).items() if count > 1]
    if twice:
        offset = written.rfind(f"<{twice[0]}>")
        cure = "give each group a name of its own; a field takes either with first|second"
        raise BadPattern(f"the group “{twice[0]}” is named twice", max(offset, 0), cure)
    try:
        compiled = re2.compile(written, options)
    except re2.error as error:
        reason = _reason(error)
        raise BadPattern(
            f"the regex is not usable: {reason}", _place(reason, written), _cure(reason)
        ) from error
    if compiled.programsize > _MAX_SIZE:
        message = f"the regex is too large: {compiled.programsize} steps, {_MAX_SIZE} at most"
        raise BadPattern(message, 0, _SMALLER)
    return Pattern(compiled)


class Groups:
    """Named groups of every match of a pattern, as ``finditer`` and ``groupdict`` give them.
    Raises BadPattern.

    A text that cannot match by its start is not searched. A pattern tied to the start has one
    match at most, and of short plain ASCII, whose bytes are its characters, RE2 itself is asked:
    its wrapper's match object costs several times the search.
    """

    def __init__(self, written: str) -> None:
        self._pattern = pattern(written)
        self._start = literal_start(written)
        self._groups = tuple(self._pattern.groupindex.items())
        self._search: Any = getattr(getattr(self._pattern, "_regexp", None), "Match", None)

    def all(self, text: str) -> list[dict[str, str | None]]:
        """The groups of each match; None for a group that took no part."""
        if not text.startswith(self._start):
            return []
        short = len(text) <= _SHORT and text.isascii()
        if self._search and self._start and short and self._pattern.reaches(text):
            return self._only(text)
        return [match.groupdict() for match in self._pattern.finditer(text)]

    def _only(self, text: str) -> list[dict[str, str | None]]:
        data = text.encode()
        spans = self._search(_ANYWHERE, data, 0, len(data))
        if spans[0][0] < 0:
            return []
        found: dict[str, str | None] = {}
        for name, index in self._groups:
            start, end = spans[index]
            found[name] = None if start < 0 else text[start:end]
        return [found]


def literal_start(written: str) -> str:
    """What every text that matches begins with; "" where the pattern does not tell plainly."""
    found = _START.match(written)
    if found is None or "[[:" in written or "\\Q" in written or _alternatives(written):
        return ""
    quantified = written[found.end() : found.end() + 1] in {"?", "*", "+", "{"}
    return found[1][:-1] if quantified else found[1]


def _alternatives(written: str) -> bool:
    """Whether a ``|`` divides the whole pattern."""
    depth = 0
    for piece in _PIECE.findall(written):
        if piece == "|" and depth == 0:
            return True
        depth += {"(": 1, ")": -1}.get(piece, 0)
    return False


def search_pattern(written: str) -> Pattern:
    """``/regex/`` or plain text, to be found anywhere, case ignored. Raises BadPattern."""
    literal = re.fullmatch(r"/(.*)/i?", written, re.DOTALL)
    try:
        return pattern(literal[1] if literal else re2.escape(written), ignore_case=True)
    except BadPattern as error:
        raise BadPattern(str(error), error.offset + 1, error.cure) from error


def _reason(error: Exception) -> str:
    first = error.args[0] if error.args else ""
    return first.decode(errors="replace") if isinstance(first, bytes) else str(first)


def _cure(reason: str) -> str:
    return next((cure for start, cure in _CURES.items() if reason.startswith(start)), _PLAIN)


def _place(reason: str, written: str) -> int:
    """Where RE2's complaint is: it tells the fragment, never the position."""
    if reason.startswith("missing )"):
        return _unclosed(written)
    if reason.startswith("trailing \\"):
        return len(written) - 1
    return max(written.rfind(reason.partition(": ")[2]), 0)


def _unclosed(written: str) -> int:
    """The last ( that has no ) of its own; classes and escapes stepped over."""
    opened: list[int] = []
    index, inside = 0, False
    while index < len(written):
        sign = written[index]
        if sign == "\\":
            index += 1
        elif inside:
            inside = sign != "]"
        elif sign == "[":
            inside = True
            index += written[index + 1 : index + 2] == "]"
        elif sign == "(":
            opened.append(index)
        elif sign == ")" and opened:
            opened.pop()
        index += 1
    return opened[-1] if opened else 0
