"""A word of a text answer that no group of the regex holds: the regex that would hold it, too."""

from __future__ import annotations

import re
from typing import Final

from nexnum_console.providers.patterns import BadPattern, pattern

_OPEN: Final = re.compile(r"\(\?P?<([A-Za-z_]\w*)>")
_FLAGS: Final = re.compile(r"\(\?[a-zA-Z]+\)")
_LONG: Final = 40


def with_group(written: str, text: str, start: int, end: int, name: str) -> str | None:
    """The regex with one more group ``name`` around the characters ``start`` to ``end`` of the
    text that it matches; None where that is beyond a proposal."""
    try:
        before = pattern(written)
        found = before.search(text)
        if found is None or name in before.groupindex:
            return None
        spans = {one: found.span(index) for one, index in before.groupindex.items()}
        parts = [(*span, _inside(written, one)) for one, span in spans.items() if span[0] >= 0]
        parts.append((start, end, f"(?P<{name}>{_kind(text, start, end)})"))
        proposed = _joined(written, text, found.span(), sorted(parts))
        wanted = spans | {name: (start, end)}
        return proposed if proposed and _reads(proposed, text) == wanted else None
    except BadPattern:
        return None


def _reads(written: str, text: str) -> dict[str, tuple[int, int]]:
    """Where each group of a regex finds its part of the text; nothing where it does not match."""
    compiled = pattern(written)
    found = compiled.search(text)
    if found is None:
        return {}
    return {name: found.span(index) for name, index in compiled.groupindex.items()}


def _joined(
    written: str, text: str, whole: tuple[int, int], parts: list[tuple[int, int, str]]
) -> str | None:
    low, high = min(whole[0], parts[0][0]), max(whole[1], parts[-1][1])
    flags = _FLAGS.match(written)
    body = written[flags.end() :] if flags else written
    out = [flags[0] if flags else "", "^" if body.startswith("^") and low == whole[0] else ""]
    at = low
    for start, end, inside in parts:
        if start < at:
            return None  # one group within another
        out += [_between(text[at:start]), inside]
        at = end
    out.append(_between(text[at:high]))
    tied = body.endswith("$") and not body.endswith("\\$") and high == whole[1]
    return "".join(out) + ("$" if tied else "")


def _between(text: str) -> str:
    """Text between two groups: words as they are, numbers as numbers, long text as any."""
    if len(text) > _LONG:
        return ".*?"
    return re.sub(r"\d+", lambda _: r"\d+", re.sub(r"([^\w\s])", r"\\\1", text))


def _kind(text: str, start: int, end: int) -> str:
    word = text[start:end]
    if word.isdigit():
        return r"\d+"
    if re.fullmatch(r"\+?\d+(\.\d+)?", word):
        return r"\+?[\d.]+"
    after = text[end : end + 1]
    return f"[^{re.escape(after)}]+" if after and not after.isspace() else r"\S+"


def _inside(written: str, name: str) -> str:
    """A named group as it is written."""
    begin = next((one.start() for one in _OPEN.finditer(written) if one[1] == name), None)
    if begin is None:
        raise BadPattern(f"the group “{name}” is not found", 0, "")
    depth, at, bracket = 0, begin, False
    while at < len(written):
        sign = written[at]
        if sign == "\\":
            at += 1
        elif bracket:
            bracket = sign != "]"
        elif sign == "[":
            bracket = True
        elif sign in "()":
            depth += 1 if sign == "(" else -1
            if depth == 0:
                return written[begin : at + 1]
        at += 1
    raise BadPattern(f"the group “{name}” has no end", begin, "")
