"""Postman collections v2.0 and v2.1: requests with their saved answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from nexnum_console.providers.importing.sample import (
    Answer,
    ImportFault,
    Pairs,
    Sample,
    flat,
    split_url,
)

_VARIABLE = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_PATH_VARIABLE = re.compile(r"/:(\w+)")
_MAX_DEPTH = 12


def samples(text: str) -> list[Sample]:
    """Every request of a collection; raises ImportFault."""
    try:
        found = json.loads(text.removeprefix("\ufeff"), parse_float=str)
    except (ValueError, RecursionError) as error:
        raise ImportFault(f"not JSON: {error}; export the collection as v2.1") from error
    if not isinstance(found, dict) or not isinstance(found.get("item"), list):
        raise ImportFault("no Postman collection: it has no list “item”; export it as v2.1")
    reader = _Collection(found)
    return list(reader.items(found["item"], found.get("auth"), 0))


class _Collection:
    def __init__(self, root: dict[str, Any]) -> None:
        listed = root.get("variable") if isinstance(root.get("variable"), list) else []
        self.values = {
            str(each.get("key")): str(each.get("value") or "")
            for each in listed or []
            if isinstance(each, dict)
        }

    def items(self, items: list[Any], auth: Any, depth: int) -> Iterator[Sample]:
        for item in items if depth < _MAX_DEPTH else []:
            if not isinstance(item, dict):
                continue
            own = item.get("auth") or auth
            if isinstance(item.get("item"), list):
                yield from self.items(item["item"], own, depth + 1)
            elif isinstance(item.get("request"), dict | str):
                yield self.sample(item, own)

    def sample(self, item: dict[str, Any], auth: Any) -> Sample:
        request = item["request"]
        request = {"url": request} if isinstance(request, str) else request
        origin, path, query = self.url(request.get("url"))
        listed = request.get("header")
        headers = [*self.pairs(listed if isinstance(listed, list) else [])]
        carried, basic = self.auth(request.get("auth") or auth)
        fields, kind = self.body(request.get("body"))
        return Sample(
            method=str(request.get("method") or "GET").upper(),
            origin=origin,
            path=path,
            query=query,
            headers=(*headers, *carried),
            fields=fields,
            body_type=kind,
            basic=basic,
            title=str(item.get("name") or ""),
            answers=tuple(self.answers(item.get("response"))),
        )

    def url(self, url: Any) -> tuple[str, str, Pairs]:
        raw = url.get("raw") if isinstance(url, dict) else url
        written = self.filled(str(raw or ""))
        query: Pairs = ()
        if isinstance(url, dict) and isinstance(url.get("query"), list):
            query = tuple(self.pairs(url["query"]))
            written = written.partition("?")[0]
        if written.startswith("{"):  # a base URL that the collection does not tell
            _, _, rest = written.partition("}")
            found = "", f"/{rest.lstrip('/')}".partition("?")[0], query
        else:
            origin, path, inline = split_url(written)
            found = origin, path, query or inline
        return found[0], _PATH_VARIABLE.sub(r"/{\1}", found[1]), found[2]

    def filled(self, text: str) -> str:
        """A text with the collection's variables in it; unknown ones stay as ``{name}``."""

        def one(found: re.Match[str]) -> str:
            return self.values.get(found[1]) or f"{{{found[1]}}}"

        return _VARIABLE.sub(one, _VARIABLE.sub(one, text))

    def pairs(self, listed: list[Any]) -> Iterator[tuple[str, str]]:
        for each in listed:
            if isinstance(each, dict) and each.get("key") and not each.get("disabled"):
                yield str(each["key"]), self.filled(str(each.get("value") or ""))

    def auth(self, auth: Any) -> tuple[Pairs, str]:
        if not isinstance(auth, dict):
            return (), ""
        kind = str(auth.get("type"))
        listed = auth.get(kind)
        values = dict(self.pairs(listed)) if isinstance(listed, list) else dict(listed or {})
        if kind == "bearer":
            return (("Authorization", f"Bearer {values.get('token') or 'KEY'}"),), ""
        if kind == "basic":
            return (), f"{values.get('username', '')}:{values.get('password', '')}"
        if kind == "apikey":
            lead = "?" if values.get("in") == "query" else ""
            return ((f"{lead}{values.get('key')}", values.get("value") or "KEY"),), ""
        return (), ""

    def body(self, body: Any) -> tuple[Pairs | None, str]:
        if not isinstance(body, dict):
            return None, "form"
        mode = body.get("mode")
        if mode in {"urlencoded", "formdata"}:
            listed = body.get(mode)
            kind = "multipart" if mode == "formdata" else "form"
            return tuple(self.pairs(listed if isinstance(listed, list) else [])), kind
        raw = self.filled(str(body.get("raw") or ""))
        try:
            return flat(json.loads(raw, parse_float=str)), "json"
        except ValueError:
            return None, "form"

    def answers(self, listed: Any) -> Iterator[Answer]:
        for each in listed if isinstance(listed, list) else []:
            if isinstance(each, dict) and isinstance(each.get("code"), int):
                headers = each.get("header")
                pairs = self.pairs(headers if isinstance(headers, list) else [])
                named = {name.lower(): value for name, value in pairs}
                yield Answer(each["code"], str(each.get("body") or ""), named)
