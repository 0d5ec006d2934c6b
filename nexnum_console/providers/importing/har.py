"""HAR files of a browser or proxy: the calls to one host with what it really answered."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qsl

from nexnum_console.providers.importing.sample import (
    Answer,
    ImportFault,
    Pairs,
    Sample,
    flat,
    split_url,
)

_PAGE_PARTS: Final = ("text/html", "text/css", "javascript", "image/", "font/", "video/", "audio/")
_MAX_BODY = 2 * 1024 * 1024


def samples(text: str, host: str | None = None) -> list[Sample]:
    """Calls to ``host``, else to the host with most calls that answer data; raises ImportFault."""
    try:
        found = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise ImportFault(f"not JSON: {error}; save the HAR again, with content") from error
    log = found.get("log") if isinstance(found, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        raise ImportFault("no HAR: it has no log.entries; save it from the network panel")
    read = list(_samples(entries))
    if not read:
        raise ImportFault("no call in the HAR answers data; record while the API is used")
    hosts = Counter(each.origin for each in read)
    wanted = [name for name in hosts if host and name.partition("://")[2].startswith(host)]
    if host and not wanted:
        known = ", ".join(name.partition("://")[2] for name, _ in hosts.most_common(5))
        raise ImportFault(f"no call to {host} in the HAR; there are {known}")
    origin = wanted[0] if wanted else hosts.most_common(1)[0][0]
    return [each for each in read if each.origin == origin]


def _samples(entries: list[Any]) -> Iterator[Sample]:
    for entry in entries:
        request = entry.get("request") if isinstance(entry, dict) else None
        response = entry.get("response") if isinstance(entry, dict) else None
        if not isinstance(request, dict) or not isinstance(response, dict):
            continue
        if request.get("method") in {"OPTIONS", "HEAD", "CONNECT"} or not _is_data(response):
            continue
        try:
            origin, path, query = split_url(str(request.get("url") or ""))
        except ImportFault:
            continue  # data:, blob: and extensions
        fields, kind = _body(request.get("postData"))
        yield Sample(
            method=str(request.get("method") or "GET").upper(),
            origin=origin,
            path=path,
            query=query,
            headers=_headers(request),
            fields=fields,
            body_type=kind,
            answers=tuple(_answer(response)),
        )


def _is_data(response: dict[str, Any]) -> bool:
    content = response.get("content")
    mime = str(content.get("mimeType") or "").lower() if isinstance(content, dict) else ""
    if "text/html" in mime and isinstance(content, dict):  # text APIs that call themselves pages
        body = str(content.get("text") or "").lstrip()
        return bool(body) and not body.startswith("<")
    return not any(part in mime for part in _PAGE_PARTS)


def _headers(side: dict[str, Any]) -> Pairs:
    listed = side.get("headers")
    return tuple(
        (str(each["name"]), str(each.get("value") or ""))
        for each in (listed if isinstance(listed, list) else [])
        if isinstance(each, dict) and each.get("name") and not str(each["name"]).startswith(":")
    )


def _body(data: Any) -> tuple[Pairs | None, str]:
    if not isinstance(data, dict):
        return None, "form"
    mime = str(data.get("mimeType") or "")
    listed = data.get("params")
    if isinstance(listed, list) and listed:
        pairs = tuple(
            (str(each.get("name")), str(each.get("value") or ""))
            for each in listed
            if isinstance(each, dict)
        )
        return pairs, "multipart" if "multipart" in mime else "form"
    text = str(data.get("text") or "")
    try:
        return flat(json.loads(text, parse_float=str)), "json"
    except ValueError:
        return (tuple(parse_qsl(text, keep_blank_values=True)) or None), "form"


def _answer(response: dict[str, Any]) -> Iterator[Answer]:
    content = response.get("content")
    status = response.get("status")
    if not isinstance(status, int) or not 100 <= status <= 599:
        return  # a call that was cut off
    text = str(content.get("text") or "") if isinstance(content, dict) else ""
    if isinstance(content, dict) and content.get("encoding") == "base64":
        try:
            text = base64.b64decode(text).decode("utf-8", errors="replace")
        except ValueError:
            return
    if len(text) <= _MAX_BODY:
        headers = {name.lower(): value for name, value in _headers(response)}
        yield Answer(status, text, headers)
