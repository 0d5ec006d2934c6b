"""RE2 patterns: linear time, so an admin's regex can never hang a worker."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import re2

_GROUP = re.compile(r"\(\?P?<([A-Za-z_]\w*)>")
_MAX_MEMORY = 8 * 1024 * 1024


class BadPattern(ValueError):
    """A regex is not usable; ``offset`` is where in it, as far as that can be told."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.offset = offset


def pattern(written: str, *, ignore_case: bool = False) -> Any:
    """Compile a pattern; groups may be written ``(?<name>…)``. Raises BadPattern."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    options.case_sensitive = not ignore_case
    twice = [name for name, count in Counter(_GROUP.findall(written)).items() if count > 1]
    if twice:
        offset = written.rfind(f"<{twice[0]}>")
        raise BadPattern(f"the group “{twice[0]}” is named twice", max(offset, 0))
    try:
        return re2.compile(written, options)
    except re2.error as error:
        reason = _reason(error)
        fragment = reason.partition(": ")[2]
        raise BadPattern(
            f"the regex is not usable: {reason}", max(written.find(fragment), 0)
        ) from error


def search_pattern(written: str) -> Any:
    """``/regex/`` or plain text, to be found anywhere, case ignored. Raises BadPattern."""
    literal = re.fullmatch(r"/(.*)/i?", written, re.DOTALL)
    return pattern(literal[1] if literal else re2.escape(written), ignore_case=True)


def _reason(error: Exception) -> str:
    first = error.args[0] if error.args else ""
    return first.decode(errors="replace") if isinstance(first, bytes) else str(first)
