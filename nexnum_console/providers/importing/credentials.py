"""How the key travels in the calls of a source, and the keys themselves, so that none is kept."""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from nexnum_console.providers.importing.lexicon import plain
from nexnum_console.providers.importing.sample import Sample

_HEADERS: Final = frozenset(
    {"authorization", "xapikey", "apikey", "xauthtoken", "xaccesstoken", "xtoken", "token", "key",
     "xauthorization", "xkey", "accesstoken", "authtoken", "xapitoken", "apitoken"}
)  # fmt: skip
_PARAMETERS: Final = frozenset(
    {"apikey", "key", "token", "accesstoken", "apitoken", "authtoken", "auth", "secret", "apiid",
     "authkey", "userkey"}
)  # fmt: skip
_PLACEHOLDER = re.compile(
    r"\{.*\}|<.*>|\$\w+|\[.*\]|(your|my|the)?[\W_]*(api|access|auth|secret|bearer)?[\W_]*"
    r"(key|token|secret)([\W_]*here)?|x{3,}|\*+|\.{3}|…|KEY|TOKEN|text|",
    re.IGNORECASE,
)
_LONG = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9_.\-]{24,}\Z")


class SecretFound(NamedTuple):
    """A key that stood in the source. ``place`` says where; the key itself is in no message."""

    place: str

    def __str__(self) -> str:
        return (
            f"a key stood in {self.place}; it is not part of the draft. Rotate it if you shared it"
        )


class _Way(NamedTuple):
    type: str
    name: str
    prefix: str = ""
    username: str = ""


@dataclass
class Credentials:
    """``auth`` as the grammar has it; ``names`` of headers and parameters that carry the key;
    ``values`` are the keys found."""

    auth: dict[str, Any] | None = None
    names: set[str] = field(default_factory=set)
    values: set[str] = field(default_factory=set)
    found: list[SecretFound] = field(default_factory=list)
    carrying: set[str] = field(default_factory=set)

    def clean(self, text: str) -> str:
        """A text with every key that was found written as KEY."""
        for value in sorted(self.values, key=len, reverse=True):
            text = text.replace(value, "KEY")
        return text


def credentials(samples: Iterable[Sample]) -> Credentials:
    """The way of the key that most calls use, and every key that stands in them."""
    known = Credentials()
    ways: Counter[_Way] = Counter()
    for sample in samples:
        for way, value in _ways(sample):
            ways[way] += 1
            known.names.add(way.name.lower())
            known.carrying.add(_id(sample))
            _keep(known, value, f"{_words(way)} of {sample.label}")
        for name, value in sample.headers:
            named = name.lower() in {"cookie", "set-cookie", "x-csrf-token"}
            looks = _LONG.match(value) and plain(name) not in {"useragent", "ifnonematch"}
            if named or looks:
                _keep(known, value, f"the header {name} of {sample.label}")
    if ways:
        known.auth = _auth(ways.most_common(1)[0][0])
    return known


def carries(known: Credentials, sample: Sample) -> bool:
    """Whether a call was made with the key."""
    return _id(sample) in known.carrying


def _id(sample: Sample) -> str:
    return f"{sample.method} {sample.origin}{sample.path} {sample.query} {sample.fields}"


def _ways(sample: Sample) -> Iterable[tuple[_Way, str]]:
    if sample.basic:
        user, _, password = sample.basic.partition(":")
        yield _basic(user, password)
    for name, value in sample.headers:
        if name.startswith("?"):
            yield _Way("query_param", name[1:]), value
        elif plain(name) in _HEADERS and value:
            yield _header(name, value)
    for kind, pairs in (("query_param", sample.query), ("form_param", sample.fields or ())):
        for name, value in pairs:
            if plain(name) in _PARAMETERS:
                yield _Way(kind, name), value


def _header(name: str, value: str) -> tuple[_Way, str]:
    scheme, blank, rest = value.partition(" ")
    if name.lower() == "authorization" and scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(rest, validate=True).decode().partition(":")
        except ValueError:
            user, password = "", rest
        return _basic(user, password)
    if scheme.lower() == "bearer":
        return _Way("bearer", name), rest
    if blank and scheme.isalpha() and " " not in rest:
        return _Way("header", name, f"{scheme} "), rest
    return _Way("header", name), value


def _basic(user: str, password: str) -> tuple[_Way, str]:
    """The key is the password; where there is none it is the user name, with nothing behind."""
    return (_Way("basic", "Authorization", "", user), password) if password else (
        _Way("basic", "Authorization"), user)  # fmt: skip


def _auth(way: _Way) -> dict[str, Any]:
    if way.type == "bearer":
        standard = way.name.lower() == "authorization"
        return {"type": "bearer"} if standard else {"type": "bearer", "name": way.name}
    if way.type == "basic":
        return {"type": "basic"} | ({"username": way.username} if way.username else {})
    found = {"type": way.type, "name": way.name}
    return found | ({"prefix": way.prefix} if way.prefix else {})


def _words(way: _Way) -> str:
    kinds = {"query_param": "the query parameter", "form_param": "the body field"}
    if way.type == "basic":
        return "the basic authorisation"
    return f"{kinds.get(way.type, 'the header')} {way.name}"


def _keep(known: Credentials, value: str, place: str) -> None:
    if not value or _PLACEHOLDER.fullmatch(value.strip()):
        return
    if value not in known.values:
        known.values.add(value)
        known.found.append(SecretFound(place))
