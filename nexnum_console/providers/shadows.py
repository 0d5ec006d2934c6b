"""Error rules that can never decide, because one before them always does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from nexnum_console.providers import grammar
from nexnum_console.providers.patterns import BadPattern, pattern

_CONDITIONS = frozenset({"text", "contains", "regex", "path", "empty", "equals"})
_FALSY = frozenset({"", "null", "false", "0"})
_CLASS_SIZE = 3


class Shadow(NamedTuple):
    """``late`` says why the part at ``key`` is never reached; ``early`` names the one before."""

    late: str
    early: str
    key: tuple[str | int, ...]


def unreachable(errors: grammar.Errors) -> Iterator[Shadow]:
    """Rules, words and patterns of one place that an earlier one of that place always answers."""
    for index, rule in enumerate(errors.rules):
        for before in range(index):
            if _covers(errors.rules[before], rule):
                why = "holds whenever this one does"
                yield Shadow(why, f"rule {before + 1}", ("rules", index))
                break
    seen: dict[str, str] = {}
    for word, code in errors.words.items():
        folded = word.strip().casefold()
        if folded in seen and errors.words[seen[folded]] != code:
            yield Shadow("is the same word", f"“{seen[folded]}”", ("words", word))
        seen.setdefault(folded, word)
    yield from _patterns(errors.patterns)


def _patterns(patterns: dict[str, str | list[str]]) -> Iterator[Shadow]:
    before: list[str] = []
    for name, written in patterns.items():
        several = isinstance(written, list)
        for index, each in enumerate(written if isinstance(written, list) else [written]):
            early = next((other for other in before if _found_in(other, each)), None)
            if early is not None:
                key = ("patterns", name, index) if several else ("patterns", name)
                yield Shadow("is found wherever this is", f"“{early}”", key)
            before.append(each)


def _found_in(early: str, late: str) -> bool:
    plain = not (early.startswith("/") or late.startswith("/"))
    return early == late or (plain and early.casefold() in late.casefold())


def _covers(early: grammar.ErrorRule, late: grammar.ErrorRule) -> bool:
    """Whether the earlier rule holds for every answer that the later one holds for."""
    given = early.model_fields_set & _CONDITIONS
    if not _statuses_cover(early.status, late.status):
        return False
    if not given:  # by status alone: tried after every rule that looks at the content
        return early.status is not None and not late.model_fields_set & _CONDITIONS
    if early.path != late.path:
        return False
    return all(_implied(name, early, late) for name in given - {"path"}) and (
        given != {"path"} or _is_there(late)
    )


def _implied(name: str, early: grammar.ErrorRule, late: grammar.ErrorRule) -> bool:
    """Whether one condition of the earlier rule follows from those of the later one."""
    wanted = getattr(early, name)
    if name == "contains":
        part = wanted.casefold()
        return any(part in (held or "").casefold() for held in (late.contains, late.text))
    if name == "text":
        return late.text is not None and wanted.casefold() == late.text.casefold()
    if name == "equals":
        return "equals" in late.model_fields_set and _words(late.equals) <= _words(wanted)
    if name == "regex":
        return wanted == late.regex or _regex_finds(wanted, late)
    return bool(getattr(late, name) == wanted)


def _regex_finds(written: str, late: grammar.ErrorRule) -> bool:
    """A later whole text is caught when the pattern finds it in either case."""
    words = [late.text] if late.text is not None else []
    if late.path is not None and "equals" in late.model_fields_set:
        words += [str(word) for word in _listed(late.equals) if word is not None]
    if not words:
        return False
    try:
        compiled = pattern(written)
    except BadPattern:
        return False
    return all(
        compiled.search(form)
        for word in words
        for form in {word, word.lower(), word.upper(), word.title()}
    )


def _is_there(late: grammar.ErrorRule) -> bool:
    """Whether the later rule asks for a value that is there and not empty."""
    if "equals" in late.model_fields_set:
        return not _words(late.equals) & _FALSY
    if late.empty is not None:
        return late.empty is False
    return bool(late.text or late.contains) or late.model_fields_set & _CONDITIONS == {"path"}


def _words(value: Any) -> set[str]:
    return {"null" if each is None else str(each).casefold() for each in _listed(value)}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _statuses_cover(early: Any, late: Any) -> bool:
    if early is None:
        return True
    if late is None:
        return False
    wide = {str(each) for each in _listed(early)}
    return all(
        str(each) in wide or (len(str(each)) == _CLASS_SIZE and f"{str(each)[0]}xx" in wide)
        for each in _listed(late)
    )
