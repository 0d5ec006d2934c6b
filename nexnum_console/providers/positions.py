"""JSON read with forgiving eyes: every fault of the syntax is told at once, where it stands.

Strict about what counts as JSON, generous in going on: a trailing comma, a comment or a key given
twice is a problem of its own, and whatever follows it is still read.
"""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any, Final

from nexnum_console.providers.places import (
    Document,
    Path,
    Position,
    SyntaxProblem,
    excerpt,
    pointer,
)

__all__ = [
    "Document",
    "Path",
    "Position",
    "SyntaxProblem",
    "excerpt",
    "parse",
    "parse_all",
    "pointer",
]

MAX_DEPTH = 60
_MAX_PROBLEMS = 100
_MAX_DIGITS = 40

_SPACE = re.compile(r"[ \t\r\n]*")
_COMMENT = re.compile(r"//[^\n]*|#[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+])")
_BARE = re.compile(r"[+-]?[\w.$+-]+")
_STRING = re.compile(r'"(?:[^"\\\n]|\\[^\n])*"')
_SINGLE = re.compile(r"'(?:[^'\\\n]|\\[^\n])*'")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|[^\n])")
_ODD_QUOTES = "“”„«»‘’"
_WORDS: Final[dict[str, Any]] = {"true": True, "false": False, "null": None}
_FOREIGN: Final = {
    "True": ("true", True),
    "False": ("false", False),
    "None": ("null", None),
    "undefined": ("null", None),
    "yes": ("true", True),
    "no": ("false", False),
}
_NOT_NUMBERS = frozenset({"NaN", "Infinity", "-Infinity", "+Infinity", "nan", "inf", "-inf"})
_SHORT = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def parse(text: str) -> Document:
    """Parse JSON text; raises SyntaxProblem, also for a key given twice and for deep nesting."""
    document = parse_all(text)
    if document.problems:
        raise document.problems[0]
    return document


def parse_all(text: str) -> Document:
    """Parse JSON text as far as it can be read; faults are in ``problems``, in file order."""
    reader = _Reader(text)
    with contextlib.suppress(_Stop):  # the problem that stopped it is in the list
        reader.run()
    document = reader.document
    document.problems.sort(key=lambda problem: problem.position)
    return document


class _Stop(Exception):
    """Nothing sensible can be read after this."""


class _Reader:
    """One pass over a text; ``index`` is where the next thing begins."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.document = Document(text)
        self.index = 0

    def run(self) -> None:
        if self.text.startswith("\ufeff"):
            self.index = 1
            message = "the file begins with a byte order mark (BOM)"
            self.tell(message, "save it as UTF-8 without BOM", (), 0)
        self.skip(())
        if self.index == len(self.text):
            self.stop("the file is empty", "a config is a JSON object: { … }", ())
        self.document.value = self.value(())
        self.skip(())
        if self.index < len(self.text):
            cure = "remove it, or move it inside the outer braces"
            self.tell("the document ends here, but more text follows", cure, ())

    def tell(
        self, message: str, cure: str, path: Path, at: int | None = None, *, lost: bool = False
    ) -> None:
        place = self.document.at(self.index if at is None else at)
        self.document.problems.append(SyntaxProblem(message, place, cure, path, lost=lost))
        if len(self.document.problems) >= _MAX_PROBLEMS:
            raise _Stop

    def stop(self, message: str, cure: str, path: Path) -> None:
        self.tell(message, cure, path)
        raise _Stop

    def sign(self) -> str:
        return self.text[self.index : self.index + 1]

    def skip(self, path: Path) -> None:
        """Step over blanks, and over comments, which are told."""
        while True:
            found = _SPACE.match(self.text, self.index)
            self.index = found.end() if found else self.index
            comment = _COMMENT.match(self.text, self.index)
            if not comment:
                return
            self.tell("JSON has no comments", "remove it, or use “description”", path)
            self.index = comment.end()

    def value(self, path: Path) -> Any:
        if len(path) > MAX_DEPTH:
            cure = f"a config needs fewer than {MAX_DEPTH} levels"
            self.stop("nested too deeply", cure, path)
        self.document.values[path] = self.index
        sign = self.sign()
        if sign == "{":
            return self.members(path, "}")
        if sign == "[":
            return self.members(path, "]")
        if sign in {'"', "'"} and sign:
            return self.string(path)
        return self.bare(path)

    def bare(self, path: Path) -> Any:
        number = _NUMBER.match(self.text, self.index)
        if number and len(number.group()) <= _MAX_DIGITS:
            self.index = number.end()
            return json.loads(number.group())
        found = _BARE.match(self.text, self.index)
        word = found.group() if found else ""
        if not word:
            self.unreadable(path)
        if word in _WORDS:
            self.index += len(word)
            return _WORDS[word]
        value = self.wrong_word(word, path)
        self.index += len(word)
        return value

    def unreadable(self, path: Path) -> None:
        """No value begins here; raises _Stop."""
        sign = self.sign()
        if sign and sign in _ODD_QUOTES:
            cure = 'use the straight double quote "'
            self.stop(f"{sign} is a typographic quote", cure, path)
        if not sign:
            self.stop("the file ends where a value is due", "add the rest of the file", path)
        cure = "write text in double quotes, a number, true, false, null, a list or an object"
        self.stop("expected a value", cure, path)

    def wrong_word(self, word: str, path: Path) -> Any:
        """A word that is not JSON is told; what it most likely means is read."""
        if word in _NOT_NUMBERS:
            message = f"expected a value: {word} is not JSON"
            self.tell(message, "write a number", path, lost=True)
            return None
        if word in _FOREIGN:
            json_word, value = _FOREIGN[word]
            self.tell(f"expected a value: {word} is not JSON", f"write {json_word}", path)
            return value
        if word.lstrip("+-.")[:1].isdigit():
            cure = "write 7, 0.5 or -1: no leading zero or plus, a digit on both sides of the point"
            self.tell(f"“{word}” is not a JSON number", cure, path, lost=True)
            return None
        message = f"expected a value: “{word}” has no quotes"
        self.tell(message, f'write "{word}"', path, lost=True)
        return word

    def string(self, path: Path) -> str:
        start = self.index
        single = self.sign() == "'"
        found = (_SINGLE if single else _STRING).match(self.text, start)
        if found is None:
            cure = 'close the text with " on the line where it begins; write \\n for a line break'
            self.stop("the text has no closing quote", cure, path)
            return ""
        if single:
            self.tell("text stands in single quotes", 'use double quotes "', path)
        self.index = found.end()
        inner = found.group()[1:-1]
        for offset, each in enumerate(inner):
            if each < " ":
                cure = "write \\t for a tab, or remove it"
                self.tell("a control character stands in a text", cure, path, start + 1 + offset)
        if "\\" not in inner:
            return inner
        return self.unescaped(inner, start + 1, path)

    def unescaped(self, inner: str, start: int, path: Path) -> str:
        def one(escape: re.Match[str]) -> str:
            name = escape[1]
            if len(name) > 1:
                return chr(int(name[1:], 16))
            if name not in _SHORT:
                cure = f"write \\\\{name}: a backslash is doubled in JSON"
                message = f"“\\{name}” is not an escape of JSON"
                self.tell(message, cure, path, start + escape.start())
                return escape[0]
            return _SHORT[name]

        joined = _ESCAPE.sub(one, inner)
        whole = joined.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        if "\ufffd" in whole and "\ufffd" not in joined:
            cure = "write the character itself"
            self.tell("a \\u escape is half of a character", cure, path, start)
        return whole

    def members(self, path: Path, closing: str) -> Any:
        """What stands between brackets: an object or a list."""
        opened = self.index
        keyed = closing == "}"
        found: dict[str, Any] = {}
        listed: list[Any] = []
        self.index += 1
        self.skip(path)
        while self.sign() != closing:
            self.ended(opened, path)
            if keyed:
                self.member(found, path)
            else:
                listed.append(self.value((*path, len(listed))))
            self.separator(closing, opened, path)
        self.index += 1
        return found if keyed else listed

    def ended(self, opened: int, path: Path) -> None:
        if self.index >= len(self.text):
            line, column = self.document.at(opened)
            kind = "{" if self.text[opened] == "{" else "["
            cure = f"close the “{kind}” of line {line}, column {column}"
            self.stop("the file ends before its brackets are closed", cure, path)

    def member(self, found: dict[str, Any], path: Path) -> None:
        at = self.index
        key = self.key(path)
        inner = (*path, key)
        twice = key in found
        if twice:
            line, column = self.document.at(self.document.keys[inner])
            cure = f"remove one of them; the first stands at line {line}, column {column}"
            self.tell(f"the key “{key}” is given twice", cure, inner, at)
        self.skip(path)
        if self.sign() == ":":
            self.index += 1
        else:
            self.tell("expected “:”", f"write “:” between “{key}” and its value", inner)
            self.index += self.sign() == "="
        self.skip(inner)
        if twice:
            self.value((*inner, "…"))  # read to go on behind it; the first one stands
        else:
            self.document.keys[inner] = at
            found[key] = self.value(inner)

    def key(self, path: Path) -> str:
        if self.sign() in {'"', "'"}:
            return self.string(path)
        word = _BARE.match(self.text, self.index)
        if not word:
            sign = self.sign()
            odd = sign in _ODD_QUOTES
            cure = 'use the straight double quote "' if odd else 'a key is text: "name": value'
            self.stop("expected a key in double quotes", cure, path)
            return ""
        cure = f'write "{word.group()}"'
        self.tell(f"expected a key in double quotes, not “{word.group()}”", cure, path)
        self.index = word.end()
        return word.group()

    def separator(self, closing: str, opened: int, path: Path) -> None:
        self.skip(path)
        if self.sign() == closing:
            return
        self.ended(opened, path)
        if self.sign() != ",":
            self.no_comma(closing, path)
            return
        at = self.index
        self.index += 1
        self.skip(path)
        while self.sign() == ",":
            self.tell("two commas stand in a row", "remove one", path)
            self.index += 1
            self.skip(path)
        if self.sign() == closing:
            self.tell("a comma stands before the closing bracket", "remove the comma", path, at)

    def no_comma(self, closing: str, path: Path) -> None:
        sign = self.sign()
        if sign in {"}", "]"}:
            cure = f"the bracket opened before needs “{closing}”"
            self.stop(f"expected “,” or “{closing}”, not “{sign}”", cure, path)
        if sign in {'"', "'", "{", "["} or _BARE.match(self.text, self.index):
            cure = "put a comma after the value before this one"
            self.tell(f"expected “,” or “{closing}”", cure, path)
            return
        self.stop(f"expected “,” or “{closing}”, not “{sign}”", "remove it", path)
