"""Signatures over what is sent: a digest of a text that is made of the request and the key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from nexnum_console.providers.bodies import CompiledBody, Pairs, json_text, template
from nexnum_console.providers.parts import Sign, SignedParams
from nexnum_console.providers.templates import (
    VARIABLE_NAMES,
    Template,
    UnknownVariable,
    encoded,
    variable_name,
)
from nexnum_console.providers.transforms import text

REQUEST_PARTS: Final = ("method", "path", "query", "body", "params", "host", "url")
SIGN_NAMES: Final = (*REQUEST_PARTS, *VARIABLE_NAMES)

_PLACE: Final = re.compile(r"\{([A-Za-z_]\w*(?:\.\w+)*)\}")
_DIGESTS: Final[dict[str, Callable[[bytes], Any]]] = {
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False),
    "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False),
    "sha256": hashlib.sha256,
    "sha512": hashlib.sha512,
}
_FILTERS: Final = frozenset({*_DIGESTS, "base64", "percent", "upper", "lower"})
_ENCODINGS: Final[dict[str, Callable[[bytes], str]]] = {
    "hex": lambda made: made.hex(),
    "hex_upper": lambda made: made.hex().upper(),
    "base64": lambda made: base64.b64encode(made).decode(),
    "base64url": lambda made: base64.urlsafe_b64encode(made).decode().rstrip("="),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A request as far as it is known when it is signed. ``address`` has no query yet."""

    method: str
    address: str
    query: str
    content: bytes
    query_pairs: Pairs
    body_pairs: Pairs


@dataclass(frozen=True, slots=True)
class CompiledSign:
    """One signature, ready to be made. ``adds`` travel beside it and are signed with it."""

    place: str
    name: str
    adds: tuple[tuple[str, Template], ...]
    make: Callable[[Draft, Mapping[str, str]], str]
    names: frozenset[str]


class _Raw(bytes):
    """A digest that no filter has written out yet."""


def compile_sign(sign: Sign) -> CompiledSign:
    """Compile a signature; raises UnknownVariable where its text names nothing known."""
    signed, key = _text(sign.text), _text(sign.key)
    params = _params(sign)
    keyed, _, digest = sign.algorithm.rpartition("_")
    write = _ENCODINGS[sign.encoding]

    def make(draft: Draft, values: Mapping[str, str]) -> str:
        known = _of_request(draft, params) | dict(values)
        what = signed(known)
        if keyed:
            made = hmac.new(key(known), what, digest).digest()
        else:
            made = _DIGESTS[digest](what).digest()
        return sign.prefix + write(made)

    adds = tuple((name, template(value)) for name, value in sign.adds.items())
    written = [found for each in (sign.text, sign.key) for found in _PLACE.findall(each)]
    names = {_named(each)[0] for each in written} | {n for _, each in adds for n in each.names}
    return CompiledSign(sign.place, sign.name, adds, make, frozenset(names))


def body_pairs(body: CompiledBody | None, values: Mapping[str, str], extra: Pairs) -> Pairs:
    """Names and values of a body as a signature takes them: of JSON its members, nested ones
    as the JSON they are sent as."""
    if body is None:
        return list(extra)
    if body.tree is not None:
        tree = body.tree(values)
        members = tree.items() if isinstance(tree, dict) else ()
        return [*extra, *((name, _written(value)) for name, value in members)]
    filled = ((name, each.render(values)) for name, each in body.pairs)
    return [*extra, *((name, value) for name, value in filled if value is not None)]


def _written(value: Any) -> str:
    return json_text(value) if isinstance(value, dict | list) else text(value) or ""


def _of_request(draft: Draft, params: Callable[[Draft], str]) -> dict[str, str | bytes]:
    parts = urlsplit(draft.address)
    return {
        "method": draft.method,
        "path": parts.path or "/",
        "host": parts.netloc,
        "query": draft.query,
        "url": f"{draft.address}?{draft.query}" if draft.query else draft.address,
        "body": draft.content,
        "params": params(draft),
    }


def _params(sign: Sign) -> Callable[[Draft], str]:
    spec = sign.params or SignedParams()
    left_out = {sign.name, *spec.leave_out}
    write = encoded if spec.encode == "percent" else str

    def listed(draft: Draft) -> str:
        of = {"query": draft.query_pairs, "body": draft.body_pairs}
        pairs = [
            (name, value)
            for place in spec.of
            for name, value in of[place]
            if name not in left_out and (value or spec.empty)
        ]
        if spec.sort:
            pairs.sort()
        return spec.join.join(
            spec.pair.replace("{name}", write(name), 1).replace("{value}", write(value), 1)
            for name, value in pairs
        )

    return listed


def _text(written: str) -> Callable[[Mapping[str, str | bytes]], bytes]:
    """A template of bytes; a variable without a value is nothing."""
    pieces: list[tuple[str, tuple[str, ...]]] = []
    end = 0
    for found in _PLACE.finditer(written):
        pieces.append((written[end : found.start()], ()))
        pieces.append(_named(found[1]))
        end = found.end()
    pieces.append((written[end:], ()))

    def render(known: Mapping[str, str | bytes]) -> bytes:
        out = b""
        for index, (name, filters) in enumerate(pieces):
            fixed = index % 2 == 0
            out += name.encode() if fixed else _filtered(known.get(name, ""), filters)
        return out

    return render


def _named(written: str) -> tuple[str, tuple[str, ...]]:
    """``secret.app.md5`` is the part ``app`` of the key, and its digest."""
    name, *rest = written.split(".")
    cut = next((i for i, step in enumerate(rest) if step in _FILTERS), len(rest))
    named, filters = ".".join([name, *rest[:cut]]), tuple(rest[cut:])
    if cut > 1:
        raise UnknownVariable(named)
    unknown = next((step for step in filters if step not in _FILTERS), None)
    if unknown is not None:
        raise UnknownVariable(unknown)
    if named in REQUEST_PARTS:
        return named, filters
    return variable_name(named), filters


def _filtered(value: str | bytes, filters: tuple[str, ...]) -> bytes:
    data = value if isinstance(value, bytes) else value.encode()
    for name in filters:
        if name in _DIGESTS:
            data = _Raw(_DIGESTS[name](_plain(data)).digest())
        elif name == "base64":
            data = base64.b64encode(data)
        else:
            data = _changed(_plain(data).decode("utf-8", "replace"), name).encode()
    return _plain(data)


def _plain(data: bytes) -> bytes:
    return data.hex().encode() if isinstance(data, _Raw) else data


def _changed(written: str, name: str) -> str:
    if name == "percent":
        return encoded(written)
    return written.upper() if name == "upper" else written.lower()
