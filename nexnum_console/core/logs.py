"""Structured logs on standard error: one JSON object a line, secrets masked."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime

_SECRETS = re.compile(
    r"(?i)\b(bearer\s+|api_?key[=:]\s*|token[=:]\s*|password[=:]\s*|authorization[=:]\s*"
    r"|nexnum_session=|x-sandbox-key[=:]\s*)[^\s&,;'\"}]+"
)
_TOKENS = re.compile(r"\b(sk|rk|whsec)_[A-Za-z0-9_]{6,}")
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]*:[^/@\s]*(?=@)")


def redact(text: str) -> str:
    """``text`` with the values of keys, tokens, cookies and URL credentials masked."""
    masked = _TOKENS.sub(r"\1_***", _SECRETS.sub(r"\1***", text))
    return _CREDENTIALS.sub("***", masked)


class JsonLines(logging.Formatter):
    """``{"at", "level", "logger", "message", "error"?}``"""

    def format(self, record: logging.LogRecord) -> str:
        """One line for one record."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        if record.exc_info:
            line["error"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def configure_logging(level: int = logging.INFO) -> None:
    """Send every logger's records to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("httpx", "httpcore", "rq.worker", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
