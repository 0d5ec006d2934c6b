"""Following a list over its pages until it is complete, or saying that it is not."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from nexnum_console.providers import grammar
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.results import ActiveRow
from nexnum_console.providers.sources import path
from nexnum_console.providers.transforms import integer


class Pages:
    """Collects rows page by page. Ask ``variables`` for the next call, ``take`` its answer."""

    def __init__(self, spec: grammar.Pagination | None, now: datetime) -> None:
        self._spec = spec
        self._total = path(spec.total) if spec and spec.total else None
        self._oldest = (
            now - timedelta(seconds=spec.horizon_seconds) if spec and spec.horizon_seconds else None
        )
        self._rows: dict[str, ActiveRow] = {}
        self._pages = 0
        self._read = 0
        self._unreadable = 0
        self.open = True

    @property
    def rows(self) -> list[ActiveRow]:
        """Every row so far, once each."""
        return list(self._rows.values())

    def variables(self) -> dict[str, str]:
        """Variables of the next call."""
        if self._spec is None:
            return {}
        offset, page = str(self._read), str(self._pages + 1)
        return {"limit": str(self._spec.size), "offset": offset, "page": page}

    def take(self, rows: list[ActiveRow], skipped: int, document: Any) -> None:
        """Add a page; raises ProviderError when the list is too long to be complete."""
        known = len(self._rows)
        self._rows.update((row.activation_id, row) for row in rows)
        self._pages += 1
        self._read += len(rows) + skipped
        self._unreadable += skipped
        if self._spec is None or not (rows or skipped) or self._ended(rows, skipped, document):
            self.open = False
        elif len(self._rows) == known:
            self.open = False
            if self._total is not None:
                raise ProviderError("parse_error", "the list repeats a page before its end")
        if self._spec and self.open and self._pages >= self._spec.max_pages:
            message = f"the list goes on after {self._pages} pages; raise maxPages"
            raise ProviderError("parse_error", message)

    def _ended(self, rows: list[ActiveRow], skipped: int, document: Any) -> bool:
        if self._past_horizon(rows):
            return True
        total = integer(self._total(document)) if self._total else None
        if total is not None:
            return len(self._rows) + self._unreadable >= total
        return self._spec is None or len(rows) + skipped < self._spec.size

    def _past_horizon(self, rows: list[ActiveRow]) -> bool:
        """Newest first is believed only where the page shows it."""
        times = [row.created_at for row in rows if row.created_at]
        if self._oldest is None or not times or times[-1] > self._oldest:
            return False
        return all(later >= earlier for later, earlier in pairwise(times))
