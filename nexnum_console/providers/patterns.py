"""RE2 patterns: linear time, so an admin's regex can never hang a worker."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Final

import re2

_GROUP = re.compile(r"\(\?P?<([A-Za-z_]\w*)>")
_MAX_MEMORY = 8 * 1024 * 1024


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
    "trailing \\": "remove the \\ at the end or double it",
}


class BadPattern(ValueError):
    """A regex is not usable; ``offset`` is where in it, ``cure`` what to do."""

    def __init__(self, message: str, offset: int = 0, cure: str = "") -> None:
        super().__init__(message)
        self.offset = offset
        self.cure = cure


def pattern(written: str, *, ignore_case: bool = False) -> Any:
    """Compile a pattern; groups may be written ``(?<name>…)``. Raises BadPattern."""
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
        return re2.compile(written, options)
    except re2.error as error:
        reason = _reason(error)
        raise BadPattern(
            f"the regex is not usable: {reason}", _place(reason, written), _cure(reason)
        ) from error


def search_pattern(written: str) -> Any:
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
    return next((cure for start, cure in _CURES.items() if reason.startswith(start)), "")


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
