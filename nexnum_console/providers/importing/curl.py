"""curl commands as people paste them: several lines, several commands, any quoting."""

from __future__ import annotations

import base64
import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

from nexnum_console.providers.importing.sample import ImportFault, Pairs, Sample, flat, split_url

_ANSI = re.compile(r"\$'((?:[^'\\]|\\.)*)'", re.DOTALL)
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
_ENDS: Final = frozenset({";", "&&", "||", "|", "&"})


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
    calls = [list(words) for words in _commands(text)]
    if not calls:
        raise ImportFault("no curl command in the text; it begins with the word curl")
    return [_sample(_read(words)) for words in calls]


def _commands(text: str) -> Iterator[list[str]]:
    """The words after each ``curl``; prompts, comments and other commands are left out."""
    joined = re.sub(r"[\\^`]\r?\n[ \t]*", " ", text)
    joined = _ANSI.sub(lambda found: shlex.quote(_unescaped(found[1])), joined)
    current: list[str] | None = None
    for word in _words(joined):
        bare = word.rsplit("/", 1)[-1]
        if bare in {"curl", "curl.exe"}:
            if current is not None:
                yield current
            current = []
        elif word in _ENDS or word == "\n":
            if current:
                yield current
            current = None
        elif current is not None:
            current.append(word)
    if current:
        yield current


def _words(text: str) -> Iterator[str]:
    lexer = shlex.shlex(text, posix=True, punctuation_chars=";|&")
    lexer.whitespace = " \t\r"
    lexer.whitespace_split = True
    lexer.commenters = ""
    pending = True
    try:
        for word in lexer:
            pieces = word.split("\n") if "\n" in word and not _quoted(word, text) else [word]
            for index, piece in enumerate(pieces):
                if index:
                    yield "\n"
                if piece:
                    yield piece
            pending = False
    except ValueError as error:
        line = lexer.lineno
        raise ImportFault(f"line {line}: a quote is not closed ({error})") from error
    if pending:
        raise ImportFault("the text is empty; paste a curl command")


def _quoted(word: str, text: str) -> bool:
    """Whether a word's line break stood inside quotes, and so belongs to it."""
    return any(f"{quote}{word}{quote}" in text for quote in "'\"") or "\n" not in word


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
    if kind == "method":
        call.method = value.upper()
    elif kind == "header":
        name, _, rest = value.partition(":")
        call.headers.append((name.strip(), rest.strip()))
    elif kind == "cookie":
        call.headers.append(("Cookie", value))
    elif kind == "bearer":
        call.headers.append(("Authorization", f"Bearer {value}"))
    elif kind == "data":
        call.data.append(value)
    elif kind == "encoded":
        name, equals, rest = value.partition("=")
        call.encoded.append((name, rest) if equals and name else (value.lstrip("="), ""))
    elif kind == "part":
        name, _, rest = value.partition("=")
        call.parts.append((name, rest.strip('"')))
    elif kind == "json":
        call.json.append(value)
    elif kind == "user":
        call.user = value
    elif kind == "url":
        call.url = value


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
    value = _decoded(text) if text.lstrip()[:1] in {"{", "["} else None
    if value is not None:
        return flat(value) or (), "json"
    pairs = [(unquote_plus(n), unquote_plus(v)) for n, v in parse_qsl(text, keep_blank_values=True)]
    return (*pairs, *call.encoded), "form"


def _decoded(text: str) -> object:
    if text.startswith("@"):
        raise ImportFault(f"the body is in the file {text[1:]}; put its text into the command")
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
