"""From the calls of a source to a draft config: operations, requests, replies, refusals."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlsplit

from nexnum_console.providers.importing import lexicon
from nexnum_console.providers.importing.answers import reading
from nexnum_console.providers.importing.credentials import Credentials, carries, credentials
from nexnum_console.providers.importing.draft import Draft, Open, recording, settle
from nexnum_console.providers.importing.families import family_draft, family_of
from nexnum_console.providers.importing.roles import BY_ID, parameters, scores, templated
from nexnum_console.providers.importing.sample import Answer, ImportFault, Sample, split_url
from nexnum_console.providers.vocabulary import EFFECTS

WANTED: Final = ("balance", "countries", "services", "prices", "buy", "status", "cancel", "finish")
_KEPT_HEADERS: Final = frozenset({"accept", "x-requested-with", "x-client-version", "x-platform"})
_SUBDOMAINS: Final = frozenset({"api", "www", "app", "backend", "rest", "gateway", "v1", "v2"})
_VARIES = re.compile(r"(?=[^/]*\d)[A-Za-z0-9-]{3,}")
_SLUG = re.compile(r"[^a-z0-9_-]+")


@dataclass
class _Call:
    """All samples of one request. ``path`` is templated once the operation is known."""

    sample: Sample
    answers: list[Answer] = field(default_factory=list)
    exchanges: list[tuple[Sample, Answer]] = field(default_factory=list)
    states: list[str] = field(default_factory=list)


def assemble(
    samples: Iterable[Sample],
    source: str,
    templates: Mapping[str, str],
    *,
    name: str = "",
    title: str = "",
    base_url: str = "",
) -> Draft:
    """A draft from samples. ``templates`` are shipped configs by name, the bases of families.

    Raises ImportFault when no call of the source is one of ours.
    """
    if base_url:
        split_url(base_url)
        base_url = base_url.rstrip("/")
    read = list(samples)
    known = credentials(read)
    origin = base_url or _origin(read)
    own = [each for each in read if not each.origin or each.origin == _origin(read)]
    draft = Draft(_head(origin, name, title), secrets=known.found)
    if not origin:
        draft.config["baseUrl"] = "https://unknown.invalid"
        draft.unknowns.append(Open("/baseUrl", "the source does not tell the host; write it here"))
    family = family_of(own)
    if family and family in templates:
        return settle(family_draft(draft, family, templates[family], own, known, source))
    calls = _assigned(_grouped(own), draft)
    if not calls:
        raise ImportFault(_nothing(own))
    draft.config["auth"] = known.auth or {"type": "none"}
    if known.auth is None:
        draft.unknowns.append(Open("/auth", "no key was seen in the calls; say how it travels"))
    _write(draft, calls, known, source)
    return settle(draft)


def _nothing(samples: list[Sample]) -> str:
    labels = ", ".join(dict.fromkeys(each.label for each in samples[:5]))
    return (
        f"no call is one that a provider of numbers has (seen: {labels or 'none'}); a source needs "
        "at least one of buy, status, cancel, prices or balance"
    )


def _origin(samples: list[Sample]) -> str:
    origins = Counter(each.origin for each in samples if each.origin)
    return origins.most_common(1)[0][0] if origins else ""


def _head(origin: str, name: str, title: str) -> dict[str, Any]:
    host = urlsplit(origin).hostname or "provider"
    labels = [label for label in host.split(".")[:-1] if label not in _SUBDOMAINS] or [host]
    slug = _SLUG.sub("_", (name or labels[-1]).lower()).strip("_-") or "provider"
    head: dict[str, Any] = {"$schema": "schema.json", "name": slug[:64]}
    if title:
        head["displayName"] = title
    return head | {"baseUrl": origin, "auth": {"type": "none"}, "endpoints": {}, "mappings": {}}


def _grouped(samples: list[Sample]) -> list[_Call]:
    """One call for each request, whatever ids it was made with."""
    groups: dict[tuple[object, ...], _Call] = {}
    for sample in samples:
        verbs = tuple(value for name, value in sample.query if name.lower() in _VERBS)
        names = tuple(sorted(name for name, _ in (*sample.query, *(sample.fields or ()))))
        statuses = tuple(v for n, v in (*sample.query, *(sample.fields or ())) if n == "status")
        shape = _VARIES.sub("#", sample.path)
        call = groups.setdefault((sample.method, shape, verbs, names, statuses), _Call(sample))
        call.answers += sample.answers
        call.exchanges += [(sample, answer) for answer in sample.answers if answer.real]
        call.states += sample.states
    return list(groups.values())


_VERBS: Final = frozenset({"action", "method", "metod", "cmd", "command", "act", "do", "op"})


def _assigned(calls: list[_Call], draft: Draft) -> dict[str, _Call]:
    """The call that fits each operation best; the others are told."""
    found: dict[str, _Call] = {}
    ranked = sorted(
        (
            (-score, index, operation)
            for index, call in enumerate(calls)
            for operation, score in scores(call.sample).items()
        )
    )
    placed: dict[int, str] = {}
    for _, index, operation in ranked:
        if index in placed:
            continue
        call = calls[index]
        if operation not in found:
            found[operation] = call
            placed[index] = operation
        elif _alike(operation, found[operation], call):
            found[operation].answers += call.answers
            found[operation].exchanges += call.exchanges
            placed[index] = operation
    for index, call in enumerate(calls):
        if index not in placed:
            what = f"{call.sample.label} was not taken for any operation"
            draft.unknowns.append(Open("", what))
    return {operation: found[operation] for operation in EFFECTS if operation in found}


def _alike(operation: str, one: _Call, other: _Call) -> bool:
    """Whether two calls are the same request for other countries or services."""
    paths = [templated(each.sample.path, operation, set())[0] for each in (one, other)]
    return one.sample.method == other.sample.method and paths[0] == paths[1]


def _write(draft: Draft, calls: dict[str, _Call], known: Credentials, source: str) -> None:
    words: dict[str, str] = {}
    paths: list[str] = []
    states: list[str] = []
    for operation, call in calls.items():
        route, sent, doubts = _route(operation, call.sample, known)
        read = reading(operation, call.answers, sent)
        draft.config["endpoints"][operation] = route
        draft.config["mappings"][operation] = read.mapping
        draft.evidence[operation] = call.sample.label
        states += [*call.states, *read.states] if operation in {*BY_ID, "active"} else []
        draft.unknowns += [Open(f"/endpoints/{operation}", doubt) for doubt in doubts]
        draft.unknowns += [
            Open(f"/mappings/{operation}", doubt) for doubt in dict.fromkeys(read.doubts)
        ]
        for place, word in read.refusals:
            _refusal(draft, place, known.clean(word), words, paths)
        draft.recordings += [
            recording(operation, number, *each, known, source)
            for number, each in enumerate(call.exchanges, start=1)
        ]
    _states(draft, states)
    if words or paths:
        draft.config["errors"] = {"words": words} | ({"paths": paths} if paths else {})
    _missing(draft, bool(words))


def _route(
    operation: str, sample: Sample, known: Credentials
) -> tuple[dict[str, Any], set[str], list[str]]:
    """The request of the grammar, the variables it sends, and what is open about it."""
    own = replace(
        sample,
        query=tuple(p for p in sample.query if p[0].lower() not in known.names),
        fields=None
        if sample.fields is None
        else tuple(p for p in sample.fields if p[0].lower() not in known.names),
    )
    documented = {each.name for each in sample.parameters}
    query, doubts = parameters(own, own.query, operation, documented)
    fields, more = parameters(own, own.fields or (), operation, documented)
    sent = {value[1:] for value in (*query.values(), *fields.values()) if value.startswith("$")}
    path, guessed = templated(sample.path or "/", operation, sent)
    sent |= {name for name in re.findall(r"\{(\w+)", path)}
    route: dict[str, Any] = {"method": sample.method} if sample.method != "GET" else {}
    route["path"] = path
    if query:
        route["queryParams"] = query
    headers = {n: v for n, v in sample.headers if n.lower() in _KEPT_HEADERS and v != "*/*"}
    if headers:
        route["headers"] = headers
    if sample.fields is not None and sample.method != "GET":
        route["body"] = {"type": sample.body_type, "fields": fields}
    if known.auth is not None and known.carrying and not carries(known, sample):
        route["authenticated"] = False
    if operation == "buy" and "max_price" not in sent:
        more.append("no parameter limits the price; add $maxPrice if the provider has one")
    needed = (
        {"id"} if operation in BY_ID else {"country", "service"} if operation == "buy" else set()
    )
    more += [f"the call does not send our {name}" for name in sorted(needed - sent)]
    return route, sent, [*doubts, *more, *guessed]


def _refusal(draft: Draft, place: str, word: str, words: dict[str, str], paths: list[str]) -> None:
    code = lexicon.refusal_of(word)
    if place and place not in paths:
        paths.append(place)
    if code is None:
        what = f"what the refusal “{word}” means; add it to “words” with an error of ours"
        draft.unknowns.append(Open("/errors", what))
    elif word.casefold() not in {each.casefold() for each in words}:
        words[word] = code


def _states(draft: Draft, states: list[str]) -> None:
    table: dict[str, str] = {}
    for word in dict.fromkeys(states):
        state = lexicon.state_of(word)
        if state is not None:
            table.setdefault(word, state)
        elif word:
            what = f"what the status “{word}” means; add it to “statuses”"
            draft.unknowns.append(Open("/statuses", what))
    if table:
        draft.config["statuses"] = table


def _missing(draft: Draft, refusals: bool) -> None:
    config = draft.config
    for operation in WANTED:
        if operation not in config["endpoints"]:
            what = f"no call was seen for “{operation}”; add it, or leave it if there is none"
            draft.unknowns.append(Open("/endpoints", what))
    if not refusals:
        what = "no refusal was seen: only the HTTP status tells what went wrong"
        draft.unknowns.append(Open("/errors", what))
    if "currency" not in config:
        draft.unknowns.append(Open("/currency", "the currency was taken as USD"))
