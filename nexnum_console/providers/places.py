"""Where things stand in a JSON text: pointers, lines, columns, excerpts with a caret."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

Path = tuple[str | int, ...]

_SHOWN = 100  # characters of a line that an excerpt shows


class Position(NamedTuple):
    """Line and column, both counted from 1."""

    line: int
    column: int


class SyntaxProblem(ValueError):
    """The text is not JSON at ``position``.

    ``path`` is the value it was in, ``cure`` what to do; ``lost``: that value could not be read.
    """

    def __init__(
        self,
        message: str,
        position: Position,
        cure: str = "",
        path: Path = (),
        *,
        lost: bool = False,
    ) -> None:
        super().__init__(message)
        self.lost = lost
        self.message = message
        self.position = position
        self.cure = cure
        self.path = path


@dataclass(slots=True)
class Document:
    """A parsed text. ``keys`` holds where each object key stands, ``values`` where each value,
    ``problems`` what is wrong with the syntax, in file order."""

    text: str
    value: Any = None
    keys: dict[Path, int] = field(default_factory=dict)
    values: dict[Path, int] = field(default_factory=dict)
    problems: list[SyntaxProblem] = field(default_factory=list)

    def position(self, path: Path, *, key: bool = False, inside: int | None = None) -> Position:
        """Where the value (or its key) stands; of a missing path, where its parent stands.

        ``inside`` counts characters of a text value: its position, escapes stepped over.
        """
        while path and path not in self.values:
            path, inside = path[:-1], None
        offset = self.keys.get(path, 0) if key and path in self.keys else self.values.get(path, 0)
        if inside is not None and self.text[offset : offset + 1] == '"':
            offset = _inside(self.text, offset + 1, inside)
        return self.at(offset)

    def at(self, offset: int) -> Position:
        """Line and column of an offset."""
        line = self.text.count("\n", 0, offset) + 1
        return Position(line, offset - self.text.rfind("\n", 0, offset))


def pointer(path: Path) -> str:
    """RFC 6901 pointer of a path."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def excerpt(text: str, position: Position) -> str:
    """The line at a position and a caret under its column; of a long line the part around it."""
    lines = text.split("\n")
    if not 0 < position.line <= len(lines):
        return ""
    line = "".join(sign if sign.isprintable() else " " for sign in lines[position.line - 1])
    column = min(position.column, len(line) + 1) - 1
    start = max(0, min(column - _SHOWN // 2, len(line) - _SHOWN))
    shown = line[start : start + _SHOWN]
    lead = "…" if start else ""
    tail = "…" if start + _SHOWN < len(line) else ""
    return f"{lead}{shown}{tail}\n{' ' * (column - start + len(lead))}^"


def _inside(text: str, index: int, count: int) -> int:
    """The offset of the n-th character of a text literal that begins at ``index``."""
    while count > 0 and index < len(text) and text[index] not in '"\n':
        if text[index] != "\\":
            index += 1
        elif text[index + 1 : index + 2] != "u":
            index += 2
        else:
            high = text[index + 2 : index + 4].lower() in {"d8", "d9", "da", "db"}
            paired = high and text[index + 6 : index + 8] == "\\u"
            index += 12 if paired else 6
        count -= 1
    return index
