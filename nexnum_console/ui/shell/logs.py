"""Keeps cookies and tab tokens out of the log: Reflex logs whole events it does not know."""

from __future__ import annotations

import logging
import re
from typing import Final

_COOKIE: Final = re.compile(r"(['\"]?(?:set-)?cookie['\"]?\s*[:=]\s*)(['\"]).*?\2", re.IGNORECASE)
_TOKEN: Final = re.compile(
    r"(['\"]?(?:client_token|token|authorization)['\"]?\s*[:=]\s*['\"]?)[\w.-]{8,}", re.IGNORECASE
)
_SESSION: Final = re.compile(r"((?:__Host-)?nexnum_session=)[^;\s'\"]+")
_MOST: Final = 4000


def redacted(text: str) -> str:
    """The text without cookies and tokens, cut to a length a log can bear."""
    text = _COOKIE.sub(r"\1\2…\2", text[:_MOST])
    return _SESSION.sub(r"\1…", _TOKEN.sub(r"\1…", text))


class Redact(logging.Filter):
    """Rewrites a record's message before any handler sees it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always keep the record."""
        record.msg, record.args = redacted(record.getMessage()), None
        return True


def guard_framework_logs() -> None:
    """Put the filter on every logger of Reflex and its socket server, now and later ones."""
    factory = logging.getLogRecordFactory()

    def make(*args: object, **kwargs: object) -> logging.LogRecord:
        record = factory(*args, **kwargs)
        if record.name.partition(".")[0] in {"reflex", "reflex_base", "socketio", "engineio"}:
            Redact().filter(record)
        return record

    logging.setLogRecordFactory(make)
