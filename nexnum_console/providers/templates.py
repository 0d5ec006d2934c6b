"""Templates of requests: ``$variable|fallback``, ``@variable``, ``{variable}`` inside text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

from nexnum_console.providers.vocabulary import ANY, VARIABLE_ALIASES, VARIABLES

Variables = Mapping[str, str]
Encode = Callable[[str], str]

VARIABLE_NAMES: Final = {name: name for name in VARIABLES} | VARIABLE_ALIASES

_WHOLE = re.compile(r"[$@]((?:secret\.)?[A-Za-z_]\w*)(?:\|(.*))?\Z", re.DOTALL)
_BRACED = re.compile(r"\{((?:secret\.)?[A-Za-z_]\w*)(\?|\|[^{}]*)?\}")
SECRET_PART: Final = "secret."  # noqa: S105  (how a variable begins)
_PART: Final = "secret__"
LISTS: Final = frozenset({"list", "integers"})  # sent once for each of their values
_ANY_MEANS_NONE = frozenset({"operator"})


class UnknownVariable(ValueError):
    """A template names a variable that no operation has."""

    def __init__(self, name: str) -> None:
        super().__init__(f"“{name}” is not a variable")
        self.name = name


class Piece(NamedTuple):
    """``name`` is a variable with ``text`` as its fallback, or "" with ``text`` as it is."""

    name: str
    text: str
    optional: bool = False

    def value(self, variables: Variables) -> str:
        """What the piece stands for; "" when the variable is not given and has no fallback."""
        if not self.name:
            return self.text
        given = variables.get(self.name) or ""
        if self.name in _ANY_MEANS_NONE and given.lower() in ANY:
            given = ""
        return given or self.text


class Template:
    """A compiled value."""

    __slots__ = ("_back", "constant", "names", "pieces", "written")

    def __init__(self, written: str, segment: str = ".+") -> None:
        self.written = written
        self.pieces = _pieces(written)
        self.names = tuple(piece.name for piece in self.pieces if piece.name)
        self.constant = None if self.names else "".join(piece.text for piece in self.pieces)
        self._back = re.compile(_pattern(self.pieces, segment), re.DOTALL)

    def render(self, variables: Variables, encode: Encode = str) -> str | None:
        """The value, or None when a variable it needs is not given."""
        if self.constant is not None:
            return self.constant
        out = []
        for piece in self.pieces:
            value = piece.value(variables)
            if piece.name and not value and not piece.optional:
                return None
            out.append(encode(value) if piece.name else value)
        return "".join(out)

    def missing(self, variables: Variables) -> list[str]:
        """Variables that it needs and that are not given."""
        return [
            piece.name
            for piece in self.pieces
            if piece.name and not piece.optional and not piece.value(variables)
        ]

    def read(self, text: str) -> dict[str, str] | None:
        """The way back: variables out of a rendered text, None where it cannot be ours."""
        found = self._back.fullmatch(text)
        if found is None:
            return None
        return {k: v for k, v in found.groupdict().items() if v and not k.startswith(_PART)}


class PathTemplate(Template):
    """A path whose variables are single segments that cannot climb or leave the host."""

    __slots__ = ()

    def __init__(self, written: str) -> None:
        super().__init__(written, segment="[^/]+")

    def render(self, variables: Variables, encode: Encode = str) -> str | None:
        """The path with its variables percent-encoded."""
        if self.constant is not None:
            return self.constant
        return super().render(variables, path_segment if encode is str else encode)

    def read(self, text: str) -> dict[str, str] | None:
        """Variables out of a requested path, or None."""
        found = super().read(text)
        return None if found is None else {name: unquote(value) for name, value in found.items()}


class Query:
    """Parameters of an address, encoded beforehand as far as they never change."""

    __slots__ = ("_parts",)

    def __init__(self, params: Iterable[tuple[str, Template]]) -> None:
        self._parts = [_part(f"{encoded(name)}=", template) for name, template in params]

    def render(self, variables: Variables, first: Iterable[tuple[str, str]] = ()) -> str:
        """The query, ``first`` in front; a parameter whose variable is not given is left out."""
        pairs = [f"{_encoded_name(name)}={encoded(value)}" for name, value in first]
        for text, template in self._parts:
            if template is None:
                pairs.append(text)
                continue
            value = template.render(variables)
            if value is None:
                continue
            if getattr(template, "kind", "") in LISTS:
                pairs.extend(text + encoded(part) for part in value.split(","))
            else:
                pairs.append(text + encoded(value))
        return "&".join(pairs)


def _part(start: str, template: Template) -> tuple[str, Template | None]:
    """What is sent whatever the variables are has no template left."""
    if type(template) is not Template or template.constant is None:
        return start, template
    return start + encoded(template.constant), None


def encoded(text: str) -> str:
    """Percent-encoded, also slashes and plus signs."""
    return text if text.isascii() and text.isalnum() else quote(text, safe="")


_encoded_name = lru_cache(maxsize=256)(encoded)


def path_segment(value: str) -> str:
    """One path segment; a dot or two would climb, so their dots are encoded."""
    if value in {".", ".."}:
        return value.replace(".", "%2E")
    return quote(value, safe="+@:,-_.~")


def variable_name(written: str) -> str:
    """Our name of a variable however the config writes it; raises UnknownVariable.

    ``secret.name`` is a member of a key that is a JSON object.
    """
    if written.startswith(SECRET_PART):
        return written
    name = VARIABLE_NAMES.get(written)
    if name is None:
        raise UnknownVariable(written)
    return name


def _pieces(written: str) -> tuple[Piece, ...]:
    whole = _WHOLE.match(written)
    if whole:
        return (Piece(variable_name(whole[1]), whole[2] or ""),)
    pieces: list[Piece] = []
    end = 0
    for found in _BRACED.finditer(written):
        if found.start() > end:
            pieces.append(Piece("", written[end : found.start()]))
        extra = found[2] or ""
        pieces.append(Piece(variable_name(found[1]), extra[1:], optional=extra == "?"))
        end = found.end()
    if end < len(written) or not pieces:
        pieces.append(Piece("", written[end:]))
    return tuple(pieces)


def _group(name: str) -> str:
    """A name that a group of a pattern may have."""
    return name.replace(SECRET_PART, _PART, 1)


def _pattern(pieces: tuple[Piece, ...], segment: str) -> str:
    seen: set[str] = set()
    out = []
    for piece in pieces:
        if not piece.name:
            out.append(re.escape(piece.text))
        elif piece.name in seen:
            out.append(f"(?P={_group(piece.name)})")
        else:
            seen.add(piece.name)
            out.append(f"(?P<{_group(piece.name)}>{segment}){'?' if piece.optional else ''}")
    return "".join(out)
