"""Which of our operations a call is, and which of its parts are variables."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

import phonenumbers

from nexnum_console.providers.importing import lexicon
from nexnum_console.providers.importing.sample import Pairs, Sample

LEAST: Final = 5
BY_ID: Final = frozenset({"status", "cancel", "finish", "resend", "ban"})
_VERB = re.compile(r"action|method|metod|cmd|command|act|do|op|status|state", re.I)
_ID = re.compile(r"(?=.*\d)[A-Za-z0-9-]{3,64}\Z")
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}|:(\w+)|<(\w+)>")
_VERSION = re.compile(r"v\d+(\.\d+)?\Z")
_REGIONS: Final = frozenset(region.lower() for region in phonenumbers.SUPPORTED_REGIONS)


def scores(sample: Sample) -> dict[str, int]:
    """How well a call fits each of our operations; an empty dictionary for what is not ours."""
    spoken = [*lexicon.words(sample.path), *lexicon.words(sample.title)]
    verbs = [value for name, value in (*sample.query, *(sample.fields or ())) if _VERB.match(name)]
    spoken += [word for value in verbs for word in lexicon.words(value)]
    joined = [lexicon.plain(part) for part in (*sample.path.split("/"), *verbs)]
    said = dict.fromkeys([*spoken, *joined, *(f"{a}{b}" for a, b in _pairs(spoken))])
    if any(word in lexicon.NOT_OURS for word in spoken) and not _names_an_order(spoken):
        return {}
    found = {
        operation: sum(table.get(word, 0) for word in said) + _fit(operation, sample)
        for operation, table in lexicon.OPERATIONS.items()
    }
    for value in verbs:
        named = lexicon.STATUS_NUMBERS.get(value)
        if named and any(lexicon.variable(n) == "id" for n in _names(sample)):
            found[named] = found.get(named, 0) + 12
            found["status"] -= 12
    return {operation: score for operation, score in found.items() if score >= LEAST}


def _pairs(words: list[str]) -> Iterable[tuple[str, str]]:
    return pairwise(words)


def _names_an_order(words: list[str]) -> bool:
    return bool({"buy", "getnumber", "cancel", "activation", "activations"} & set(words))


def _names(sample: Sample) -> list[str]:
    documented = [each.name for each in sample.parameters]
    placed = [next(filter(None, found)) for found in _PLACEHOLDER.findall(sample.path)]
    return [*(name for name, _ in sample.query), *(n for n, _ in sample.fields or ()), *placed,
            *documented]  # fmt: skip


def _fit(operation: str, sample: Sample) -> int:
    """What method and parameters say for or against an operation."""
    given = {lexicon.variable(name) for name in _names(sample)}
    has_id = "id" in given or _holds_id(sample.path)
    writes = sample.method in {"POST", "PUT", "PATCH"}
    score = 0
    if operation in BY_ID:
        score += 3 if has_id else -5
        if operation == "status":
            score -= 4 if sample.method in {"DELETE", "PUT", "PATCH"} else 0
        elif sample.method == "DELETE":
            score += 6 if operation == "cancel" else -6
    elif operation == "buy":
        score += 3 if writes else 0
        varies = len(_tail(sample.path.split("/"), operation)) > 1
        score += 3 if {"country", "service"} & given or varies else -2
        score -= 5 if "id" in given and not {"country", "service"} & given else 0
        score -= 4 if sample.method in {"DELETE", "PUT"} else 0
    else:
        score -= 4 if has_id and operation == "active" else 0
        score -= 3 if sample.method in {"DELETE", "PUT", "PATCH"} else 0
        score -= 2 if operation in {"active"} and writes else 0
        score -= 3 if operation == "services" and "service" in given else 0
    return score


def _holds_id(path: str) -> bool:
    parts = path.split("/")
    return any(_ID.match(part) and not _VERSION.match(part) for part in parts)


def templated(path: str, operation: str, sent: set[str]) -> tuple[str, list[str]]:
    """A path with ``{variable}`` for what varies, and what was only guessed.

    ``sent`` are the variables that query and body carry already.
    """
    doubts: list[str] = []
    parts = path.split("/")
    found = set(sent)
    for index, part in enumerate(parts):
        named = _PLACEHOLDER.fullmatch(part)
        if named:
            name = str(next(filter(None, named.groups())))
            ours = lexicon.variable(name) or ("id" if operation in BY_ID else None)
            if ours is None:
                doubts.append(f"{{{name}}} in the path is no variable of ours")
            parts[index] = f"{{{ours or name}{'|any' if ours == 'operator' else ''}}}"
            found.add(ours or name)
    if operation in BY_ID and "id" not in found:
        _id_at_the_end(parts)
    elif operation in {"buy", "prices", "services", "operators"}:
        doubts += _values_at_the_end(parts, found, operation)
    return "/".join(parts), doubts


def _id_at_the_end(parts: list[str]) -> None:
    for index in range(len(parts) - 1, 0, -1):
        if _ID.match(parts[index]) and not _VERSION.match(parts[index]):
            parts[index] = "{id}"
            return


def _values_at_the_end(parts: list[str], found: set[str], operation: str) -> list[str]:
    """Segments behind the last word of the trade are country, operator and service."""
    values = _tail(parts, operation)
    tail = [parts[index] for index in values]
    doubts = []
    free = [name for name in ("country", "operator", "service") if name not in found]
    if len(values) < len(free) and "operator" in free and not _has_any(tail):
        free.remove("operator")
    for index, name in zip(values, _ordered(tail, free), strict=False):
        doubts.append(f"“{parts[index]}” in the path was taken as the {name}")
        parts[index] = "{operator|any}" if name == "operator" else f"{{{name}}}"
    return doubts


def _tail(parts: list[str], operation: str) -> list[int]:
    """Where the segments stand that no word of the trade is, from the end of a path."""
    known = set(lexicon.OPERATIONS[operation]) | {"api", "user", "guest", "control", "stubs"}
    known |= {word for table in lexicon.OPERATIONS.values() for word in table}
    begin = len(parts)
    while begin > 1 and parts[begin - 1] and not _is_word(parts[begin - 1], known):
        begin -= 1
    return list(range(begin, len(parts)))


def _ordered(values: list[str], free: list[str]) -> list[str]:
    if len(values) == 1 and lexicon.plain(values[0]) in lexicon.SERVICES and "service" in free:
        return ["service"]
    if len(values) >= 2 and _is_service(values[0]) and _is_country(values[1]):
        return ["service", "country"]
    return free


def _has_any(values: list[str]) -> bool:
    return any(value.lower() == "any" for value in values)


def _is_word(part: str, known: set[str]) -> bool:
    if part.startswith("{") or _VERSION.match(part) or "." in part:
        return True
    return lexicon.plain(part) in known or any(
        word in known for word in lexicon.words(part) if not word.isdigit() and len(word) > 3
    )


def _is_service(value: str) -> bool:
    return lexicon.plain(value) in lexicon.SERVICES


def _is_country(value: str) -> bool:
    plain = lexicon.plain(value)
    return plain in lexicon.COUNTRIES or plain in _REGIONS


def parameters(
    sample: Sample, pairs: Pairs, operation: str, documented: set[str]
) -> tuple[dict[str, str], list[str]]:
    """Query or body of a config: variables where the name is one, constants elsewhere."""
    found: dict[str, str] = {}
    doubts: list[str] = []
    optional = {each.name for each in sample.parameters if not each.required} & documented
    taken = set[str]()
    for name, value in pairs:
        ours = _ours(name, operation)
        if ours is not None and ours not in taken and not _VERB.fullmatch(name):
            taken.add(ours)
            found[name] = f"${ours}"
        elif name in optional:
            continue
        elif value:
            found[name] = value
        else:
            doubts.append(f"the parameter “{name}” has no value and no variable of ours")
    return found, doubts


def _ours(name: str, operation: str) -> str | None:
    ours = lexicon.variable(name)
    if ours == "id" and operation not in BY_ID:
        return None
    if ours in {"limit", "offset", "page"} and operation != "active":
        return None
    if ours in {"country", "service", "operator", "max_price"} and operation == "active":
        return None
    return None if ours == "phone" and operation == "buy" else ours
