"""A trace for a page: the answer cut into pieces that can be pointed at, and its story in lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from nexnum_console.providers.compare import same
from nexnum_console.providers.spans import Span, leaves, mark_of, marked_document
from nexnum_console.providers.trace_model import Changed, FieldTrace, RowTrace, RuleTrace, Trace

SHOWN_MOST: Final = 24_000
PIECES_MOST: Final = 1_500
RULES_MOST: Final = 40
TONES: Final = 6
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORD: Final = re.compile(r"[\w.+-]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of the answer from byte ``start`` to ``end``; ``fields`` are the outputs it became.

    ``tone`` 1 to 6 is the colour of its first output, ``rule`` what an error rule saw. What is a
    ``value`` can be chosen for an output.
    """

    text: str
    start: int
    end: int
    fields: str = ""
    tone: str = ""
    value: bool = False


@dataclass(frozen=True, slots=True)
class TraceLine:
    """A step of the story. ``field`` names its output, ``place`` points into the config."""

    icon: str
    tone: str
    title: str
    detail: str = ""
    field: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An output beside what was expected of it."""

    name: str
    got: str
    expected: str
    same: bool


def row_of(told: Trace, number: int) -> RowTrace | None:
    """The told row of that number, of the reply taken or else of the last one that had rows."""
    replies = [one for one in told.replies if one.rows]
    chosen = told.reply if told.reply is not None and told.reply.rows else None
    reply = chosen or (replies[-1] if replies else None)
    if reply is None:
        return None
    return next((row for row in reply.rows if row.number == number), reply.rows[0])


def pieces(told: Trace, document: Any, number: int) -> list[Piece]:
    """The answer in pieces, its first part where it is long; ``document`` is its JSON value."""
    data = told.body.data
    end = min(len(data), SHOWN_MOST)
    used = _used(told, row_of(told, number))
    cuts: list[tuple[Span, bool]] = [(span, True) for span in _values(told, document)]
    known = {span for span, _ in cuts}
    cuts += [(span, False) for span in used if span not in known]
    found: list[Piece] = []
    at = 0
    for span, value in sorted(cuts, key=lambda cut: (cut[0].start, cut[0].end)):
        if span.start < at or span.end > end or len(found) > PIECES_MOST:
            continue
        if span.start > at:
            found.append(Piece(_text(data, at, span.start), at, span.start))
        fields, tone = used.get(span, ("", ""))
        found.append(
            Piece(_text(data, span.start, span.end), span.start, span.end, fields, tone, value)
        )
        at = span.end
    if at < end:
        found.append(Piece(_text(data, at, end), at, end))
    return found


def _text(data: bytes, start: int, end: int) -> str:
    return data[start:end].decode("utf-8", "replace")


def _values(told: Trace, document: Any) -> Iterator[Span]:
    """What can be chosen: the values of a JSON answer, the words of a text."""
    marked = marked_document(told.body, document) if isinstance(document, dict | list) else None
    if marked is not None:
        for leaf in leaves(marked):
            span = told.body.span(mark_of(leaf))
            if span is not None and span.start >= SHOWN_MOST:
                return
            if span is not None:
                yield span
        return
    for word in _WORD.finditer(told.body.text[:SHOWN_MOST]):
        yield Span(told.body.byte(word.start()), told.body.byte(word.end()))


def _used(told: Trace, row: RowTrace | None) -> dict[Span, tuple[str, str]]:
    """(outputs, colour) by where their values stand."""
    found: dict[Span, tuple[str, str]] = {}
    for index, one in enumerate(row.fields if row else ()):
        source = one.source
        if source is None or source.span is None:
            continue
        before, tone = found.get(source.span, ("", ""))
        found[source.span] = (
            f"{before} {one.target}".strip(),
            tone or str(index % TONES + 1),
        )
    fired = told.fired if told.error is not None else None
    if fired is not None and fired.span is not None:
        found[fired.span] = (found.get(fired.span, ("", ""))[0], "rule")
    return found


def lines(told: Trace, number: int, label: str) -> list[TraceLine]:
    """The story of an answer; ``label`` is the content type that came with it."""
    aside = f"Content-Type {label or 'none'} is not asked"
    story = [TraceLine("check", "ok", f"Read as {told.seen}", aside)]
    for index, reply in enumerate(told.replies):
        name = f"Reply {index + 1} of {len(told.replies)}, {reply.type}"
        if not reply.chosen:
            tone = "todo" if told.reply is not None else "danger"
            icon = "info" if told.reply is not None else "x"
            story.append(TraceLine(icon, tone, f"{name}: not taken", reply.why, "", reply.place))
            continue
        rows = f"{reply.total:,} rows, {reply.skipped:,} left out" if reply.total > 1 else "one row"
        root = f"root {reply.root}, {rows}" if reply.root else rows
        story.append(TraceLine("check", "ok", f"{name}: it fits", root, "", reply.place))
    row = row_of(told, number)
    if row is not None:
        story += [_field(row, one) for one in row.fields]
        told_already = {one.target for one in row.fields}
        story += [_finish(one) for one in row.finished if one.target not in told_already]
        if row.why:
            story.append(TraceLine("x", "danger", f"Row {row.number + 1} is left out", row.why))
    if told.error is not None:
        story += _rules(told.rules, str(told.error.code))
    return story


def _field(row: RowTrace, one: FieldTrace) -> TraceLine:
    """From the value as it stands in the answer, step by step, to the one of the result."""
    source, steps = one.source, row.steps_of(one)
    final = steps[-1].after if steps else one.value
    tried = [each.written for each in one.tried if each is not source]
    tone, icon = ("ok", "check") if final is not None else ("todo", "info")
    if final is None and one.needed:
        tone, icon = "danger", "x"
    if source is None:
        title = f"{one.target}: nothing at {' | '.join(tried)}"
        raw, told = None, []
    else:
        title = f"{one.target} ← {source.pointer or source.written}: {source.value}"
        raw, told = source.value, [f"after nothing at {', '.join(tried)}"] if tried else []
    if final != raw:
        title += f" → {final if final is not None else 'nothing'}"
    told += [f"{each.name}: {_brief(each.before)} → {_brief(each.after)}" for each in steps]
    return TraceLine(icon, tone, title, " · ".join(told), one.target, one.place)


def _brief(value: str | None) -> str:
    if value is None:
        return "nothing"
    return f"“{value[:40]}{'…' if len(value) > 40 else ''}”"


def _finish(one: Changed) -> TraceLine:
    detail = f"{_brief(one.before)} → {_brief(one.after)}"
    return TraceLine("check", "ok", one.name[:1].upper() + one.name[1:], detail, one.target)


def _rules(rules: tuple[RuleTrace, ...], code: str) -> list[TraceLine]:
    fired = [one for one in rules if one.fired]
    quiet = [one for one in rules if not one.fired][:RULES_MOST]
    told = [
        TraceLine(
            "alert", "warn", f"Error {code.replace('_', ' ')}: {one.name}", one.why, "", one.place
        )
        for one in fired
    ]
    told += [
        TraceLine("info", "todo", f"{one.name}: did not fire", one.why, "", one.place)
        for one in quiet
    ]
    return told


def verdicts(expected: Mapping[str, Any] | None, got: Mapping[str, Any]) -> list[Verdict]:
    """Outputs of a result beside those of a fixture; without one the result alone.

    Both are ``ok`` with a normal form, or ``error`` with its code.
    """
    wanted = _flat(expected) if expected is not None else {}
    found = _flat(got)
    names = [*wanted, *(name for name in found if name not in wanted)]
    return [
        Verdict(
            name,
            _cell(found.get(name)),
            _cell(wanted.get(name)),
            expected is None or name not in wanted or same(name, wanted[name], found.get(name)),
        )
        for name in names
        if name != "skipped"
    ]


def _flat(outcome: Mapping[str, Any]) -> dict[str, Any]:
    if "error" in outcome:
        return dict(outcome)
    return dict(outcome.get("ok") or {})


def _cell(value: Any) -> str:
    if isinstance(value, list | dict):
        return f"{len(value):,} rows"
    return "" if value is None else str(value)[:120]


@dataclass(frozen=True, slots=True)
class Choice:
    """A value chosen in an answer, and how a field of its row would name it."""

    shown: str
    pointer: str
    source: str


def choice_at(told: Trace, document: Any, start: int) -> Choice | None:
    """What a field would say to read the value at that byte; None where it cannot be named."""
    marked = marked_document(told.body, document) if isinstance(document, dict | list) else None
    if marked is None:
        return _group_at(told, start)
    for leaf in leaves(marked):
        mark = mark_of(leaf)
        span = told.body.span(mark)
        if mark is None or span is None or not span.start <= start < span.end:
            continue
        return Choice(str(leaf)[:80], mark.pointer, _relative(told, mark.pointer))
    return None


def _relative(told: Trace, pointer: str) -> str:
    """The path from the row, the root or the whole answer, whichever is nearest above."""
    bases = [reply.root for reply in told.replies if reply.root]
    bases += [row.pointer for reply in told.replies for row in reply.rows if row.pointer]
    above = [base for base in bases if pointer.startswith(base + "/")]
    base = max(above, key=len, default="")
    return path_of(pointer[len(base) :])


def path_of(pointer: str) -> str:
    """A pointer as configs write paths: ``data.sms[0].code``."""
    steps = [one.replace("~1", "/").replace("~0", "~") for one in pointer.split("/")[1:]]
    simple = all(_PLAIN.fullmatch(step) or step.isdigit() for step in steps)
    out = ""
    for step in steps:
        if step.isdigit() and out:
            out += f"[{step}]"
        else:
            plain = _PLAIN.fullmatch(step) or (simple and step.isdigit())
            out += ("." if out else "") + (step if plain else json.dumps(step, ensure_ascii=False))
    return out


def word_at(told: Trace, start: int) -> tuple[int, int] | None:
    """The word of a text answer at that byte: where its characters begin and end."""
    text = told.body.text[:SHOWN_MOST]
    for word in _WORD.finditer(text):
        if told.body.byte(word.start()) <= start < told.body.byte(word.end()):
            return word.span()
    return None


def _group_at(told: Trace, start: int) -> Choice | None:
    """In a text, the named group of the regex that the word belongs to."""
    for reply in told.replies:
        for row in reply.rows:
            for one in row.fields:
                source = one.source
                if source is not None and source.span is not None:
                    span = source.span
                    if span.start <= start < span.end:
                        return Choice(source.value or "", "", source.written)
    return None
