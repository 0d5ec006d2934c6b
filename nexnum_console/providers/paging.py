"""Following a list over its pages until it is complete, or saying that it is not."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from nexnum_console.providers import grammar
from nexnum_console.providers.body import Reply
from nexnum_console.providers.convert import moment
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.headers import answer_path
from nexnum_console.providers.normal import NormalForm
from nexnum_console.providers.request import Request
from nexnum_console.providers.transforms import integer, text
from nexnum_console.providers.vocabulary import LIST_KEYS

_NEXT = re.compile(r'<([^>]*)>[^,]*;\s*rel="?next"?')
_NO_MORE = (None, False, 0, "", "0", "false", "no")
_IDENTITY = {"active": "activation_id", "statuses": "activation_id"}


class Pages:
    """Collects rows page by page. Ask ``variables`` and ``link`` for the next call, ``take`` its
    result; rows of the same id are one."""

    def __init__(self, operation: str, spec: grammar.Pagination | None, now: datetime) -> None:
        self._spec = spec
        self._key = LIST_KEYS.get(operation, "")
        self._identity = _IDENTITY.get(operation)
        self._total = answer_path(spec.total) if spec and spec.total else None
        self._next = answer_path(spec.next) if spec and spec.next else None
        self._more = answer_path(spec.more) if spec and spec.more else None
        self._oldest = (
            now - timedelta(seconds=spec.horizon_seconds) if spec and spec.horizon_seconds else None
        )
        self._rows: dict[Any, NormalForm] = {}
        self._pages = 0
        self._read = 0
        self._unreadable = 0
        self._cursor: str | None = None
        self.open = True

    @property
    def link(self) -> str | None:
        """The address of the next page, where the provider tells addresses."""
        return self._cursor if self._spec and self._spec.type == "link" else None

    def variables(self) -> dict[str, str]:
        """Variables of the next call."""
        if self._spec is None:
            return {}
        page = str(self._pages + self._spec.first)
        given = {"limit": str(self._spec.size), "offset": str(self._read), "page": page}
        return given | ({"cursor": self._cursor} if self._cursor else {})

    def result(self, last: NormalForm) -> NormalForm:
        """The whole list in the form of one page."""
        return last | {self._key: list(self._rows.values()), "skipped": self._unreadable}

    def take(self, result: NormalForm, reply: Reply) -> None:
        """Add a page; raises ProviderError when the list is too long to be complete."""
        rows, skipped = result[self._key], result["skipped"]
        known = len(self._rows)
        for row in rows:
            self._rows[self._name(row)] = row
        self._pages += 1
        self._read += len(rows) + skipped
        self._unreadable += skipped
        before, self._cursor = self._cursor, self._following(reply)
        if self._spec is None or self._ended(rows, skipped, reply):
            self.open = False
        elif len(self._rows) == known and (self._next is None or self._cursor == before):
            self.open = False
            if self._total or self._next or self._more:
                raise ProviderError("parse_error", "the list repeats a page before its end")
        if self._spec and self.open and self._pages >= self._spec.max_pages:
            message = f"the list goes on after {self._pages} pages; raise maxPages"
            raise ProviderError("parse_error", message)

    def _name(self, row: NormalForm) -> Any:
        return row[self._identity] if self._identity else tuple(sorted(row.items()))

    def _following(self, reply: Reply) -> str | None:
        told = text(self._next(reply)) if self._next else None
        if told and self._spec and self._spec.type == "link" and told.startswith("<"):
            found = _NEXT.search(told)  # a Link header
            return found[1] if found else None
        return told

    def _ended(self, rows: list[NormalForm], skipped: int, reply: Reply) -> bool:
        if self._past_horizon(rows):
            return True
        if self._more is not None:
            return self._more(reply) in _NO_MORE
        if self._next is not None:
            return self._cursor is None
        if not (rows or skipped):
            return True
        total = integer(self._total(reply)) if self._total else None
        if total is not None:
            return len(self._rows) + self._unreadable >= total
        return self._spec is None or len(rows) + skipped < self._spec.size

    def _past_horizon(self, rows: list[NormalForm]) -> bool:
        """Newest first is believed only where the page shows it."""
        times = [found for row in rows if (found := moment(row.get("created_at")))]
        if self._oldest is None or not times or times[-1] > self._oldest:
            return False
        return all(later >= earlier for later, earlier in pairwise(times))


def at_link(request: Request, link: str) -> Request:
    """The same request at the address of another page; what carries the key is added again.

    Raises ProviderError when the address is on another host: the key stays where it belongs.
    """
    here, there = urlsplit(request.url), urlsplit(urljoin(request.url, link))
    if (here.scheme, here.netloc) != (there.scheme, there.netloc):
        raise ProviderError(
            "parse_error", f"{request.provider}: the next page is on another host", sent=False
        )
    told = parse_qsl(there.query, keep_blank_values=True)
    names = {name for name, _ in told}
    kept = [pair for pair in parse_qsl(here.query) if pair[0] not in names]
    url = urlunsplit((there.scheme, there.netloc, there.path, urlencode([*kept, *told]), ""))
    return replace(request, url=url)
