"""curl commands as people paste them: several lines, several commands, any quoting."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

from nexnum_console.providers.importing.sample import ImportFault, Pairs, Sample, flat, split_url

_CURL = re.compile(r"(?:(?<=[\s;&|(`$/])|\A)curl(?:\.exe)?(?=\s)")
_DOUBLE = re.compile(r'\\(["\\$`])')
_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r]+)
    |(?P<join>[\\^`]\r?\n)
    |(?P<end>\n|;|&&|\|\||\||&)
    |(?P<comment>\#[^\n]*)
    |(?P<ansi>\$'(?:[^'\\]|\\.)*')
    |(?P<single>'[^']*')
    |(?P<double>"(?:[^"\\]|\\.)*")
    |(?P<escape>\\.)
    |(?P<plain>[^\s'"\\;|&$^`\#]+|[$^`\\])""",
    re.DOTALL | re.VERBOSE,
)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "'": "'", '"': '"', "\\": "\\", "a": "\a"}
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|[0-7]{1,3}|.)", re.DOTALL)
_WITH_VALUE: Final = {
    "-X": "method", "--request": "method", "-H": "header", "--header": "header",
    "-d": "data", "--data": "data", "--data-raw": "data", "--data-ascii": "data",
    "--data-binary": "data", "--data-urlencode": "encoded", "--json": "json",
    "-F": "part", "--form": "part", "--form-string": "part", "-u": "user", "--user": "user",
    "--url": "url", "-A": "", "--user-agent": "", "-b": "cookie", "--cookie": "cookie",
    "-e": "", "--referer": "", "-o": "", "--output": "", "-m": "", "--max-time": "",
    "--connect-timeout": "", "-x": "", "--proxy": "", "--retry": "", "-w": "", "--write-out": "",
    "-c": "", "--cookie-jar": "", "--cacert": "", "-E": "", "--cert": "", "--key": "",
    "--resolve": "", "--oauth2-bearer": "bearer", "-T": "", "--upload-file": "",
}  # fmt: skip
_SHORT: Final = frozenset("XHdFuAbeomxwcET")
_PIECES: Final[dict[str, Callable[[re.Match[str]], str]]] = {
    "ansi": lambda found: _unescaped(found.group()[2:-1]),
    "single": lambda found: found.group()[1:-1],
    "double": lambda found: re.sub(r"\\\r?\n", "", _DOUBLE.sub(r"\1", found.group()[1:-1])),
    "escape": lambda found: found.group()[1:],
}
_IN_URL: Final = frozenset({"&", ";", "|", "&&", "||"})  # unquoted, but not at a word's beginning


@dataclass
class _Call:
    """A command while its words are read."""

    method: str = ""
    url: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    encoded: list[tuple[str, str]] = field(default_factory=list)
    parts: list[tuple[str, str]] = field(default_factory=list)
    json: list[str] = field(default_factory=list)
    user: str = ""
    as_query: bool = False
    head: bool = False


def samples(text: str) -> list[Sample]:
    """Every curl command of a text; raises ImportFault."""
    calls = list(_commands(text))
    if not calls:
        raise ImportFault("no curl command in the text; it begins with the word curl")
    return [_sample(_read(words)) for words in calls]


def _commands(text: str) -> Iterator[list[str]]:
    """The words after each ``curl``; prose, prompts and other commands around are left out."""
    index = 0
    while begin := _CURL.search(text, index):
        words, index = _command(text, begin.end())
        yield words


def _command(text: str, index: int) -> tuple[list[str], int]:
    """The words of one command as a POSIX shell reads them, and where it ends."""
    words: list[str] = []
    word: list[str] | None = None
    while index < len(text):
        found = _TOKEN.match(text, index)
        if found is None:
            raise _unclosed(text, index)
        kind, index = str(found.lastgroup), found.end()
        if kind == "join":
            continue
        between = kind in {"blank", "end", "comment"} and word is None
        inside = found.group() in _IN_URL and not text[index : index + 1].isspace()
        if kind in {"blank", "end"} and word is not None and not (inside and index < len(text)):
            words.append("".join(word))
            word, between = None, True  # what ended the word may end the command
        if not between:
            word = [*(word or []), _PIECES.get(kind, _whole)(found)]
        elif kind == "end":
            break
    if word is not None:
        words.append("".join(word))
    return words, index


def _unclosed(text: str, index: int) -> ImportFault:
    line = text.count("\n", 0, index) + 1
    column = index - text.rfind("\n", 0, index)
    return ImportFault(f"line {line}, column {column}: the quote {text[index]} is not closed")


def _whole(found: re.Match[str]) -> str:
    return found.group()


def _unescaped(inner: str) -> str:
    def one(found: re.Match[str]) -> str:
        name = found[1]
        if name[0] in "xu" and len(name) > 1:
            return chr(int(name[1:], 16))
        if name.isdigit():
            return chr(int(name, 8)) if set(name) <= set("01234567") else name
        return _ESCAPES.get(name, f"\\{name}")

    return _ESCAPE.sub(one, inner)


def _read(words: list[str]) -> _Call:
    call = _Call()
    rest = iter(words)
    for word in rest:
        name, value = _option(word)
        if name is None:
            call.url = call.url or word
            continue
        if name in {"-G", "--get"}:
            call.as_query = True
        elif name in {"-I", "--head"}:
            call.head = True
        elif name in _WITH_VALUE:
            given = value if value is not None else next(rest, None)
            if given is None:
                raise ImportFault(f"{name} has no value; the command seems to be cut off")
            _take(call, _WITH_VALUE[name], given)
    if not call.url:
        raise ImportFault("a curl command has no URL; paste it whole")
    return call


def _option(word: str) -> tuple[str | None, str | None]:
    """The option of a word, and its value where it is written in one with it."""
    if not word.startswith("-") or word == "-":
        return None, None
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        return name, value if equals else None
    for index, sign in enumerate(word[1:], start=1):  # -sSX POST, -XPOST, -uname:pass
        if sign == "G":
            return "-G", None
        if sign in _SHORT:
            return f"-{sign}", word[index + 1 :] or None
    return word[:2] if len(word) == 2 else "-", None


def _take(call: _Call, kind: str, value: str) -> None:
    name, equals, rest = value.partition("=")
    match kind:
        case "method":
            call.method = value.upper()
        case "header":
            title, _, told = value.partition(":")
            call.headers.append((title.strip(), told.strip()))
        case "cookie":
            call.headers.append(("Cookie", value))
        case "bearer":
            call.headers.append(("Authorization", f"Bearer {value}"))
        case "encoded":
            call.encoded.append((name, rest) if equals and name else (value.lstrip("="), ""))
        case "part":
            call.parts.append((name, rest.strip('"')))
        case "data" | "json":
            getattr(call, kind).append(value)
        case "user" | "url":
            setattr(call, kind, value)


def _sample(call: _Call) -> Sample:
    origin, path, query = split_url(call.url.replace("{{", "{").replace("}}", "}"))
    fields, body_type = _body(call)
    if call.as_query and fields is not None:
        query, fields = (*query, *fields), None
    sends = fields is not None
    method = call.method or ("HEAD" if call.head else "POST" if sends else "GET")
    return Sample(
        method=method,
        origin=origin,
        path=path,
        query=query,
        headers=tuple(call.headers),
        fields=fields,
        body_type=body_type,
        basic=call.user,
    )


def _body(call: _Call) -> tuple[Pairs | None, str]:
    if call.json:
        return flat(_decoded("".join(call.json))) or (), "json"
    if call.parts:
        return tuple(call.parts), "multipart"
    if not call.data and not call.encoded:
        return None, "form"
    text = "&".join(call.data)
    if text.startswith("@"):
        raise ImportFault(f"the body is in the file {text[1:]}; put its text into the command")
    value = _decoded(text) if text.lstrip()[:1] in {"{", "["} else None
    if value is not None:
        return flat(value) or (), "json"
    pairs = [(unquote_plus(n), unquote_plus(v)) for n, v in parse_qsl(text, keep_blank_values=True)]
    return (*pairs, *call.encoded), "form"


def _decoded(text: str) -> object:
    try:
        return json.loads(text, parse_float=str)
    except ValueError as error:
        raise ImportFault(f"the JSON body cannot be read: {error}") from error


def basic_pair(value: str) -> str:
    """``user:password`` of a Basic authorisation header, or nothing."""
    try:
        return base64.b64decode(value, validate=True).decode("utf-8")
    except ValueError:
        return ""
