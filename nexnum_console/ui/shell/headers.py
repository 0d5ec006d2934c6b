"""Security headers on everything served, with a CSP that allows no inline script but ours.

Reflex writes inline scripts into each exported page. Their hashes are computed from the built
files at start, so the policy needs neither ``unsafe-inline`` nor ``unsafe-eval`` for scripts.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nexnum_console.core.answer_headers import add_missing, encoded

_INLINE: Final = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_HASHED_FILES: Final = "/assets/"
_SELF: Final = "'self'"
(_KEPT,) = encoded({"Cache-Control": "public, max-age=31536000, immutable"})
(_ASKED_AGAIN,) = encoded({"Cache-Control": "no-cache"})


def script_hashes(pages: Iterable[Path]) -> list[str]:
    """CSP sources of every inline script in the pages, sorted and without repeats."""
    found = {
        sha256(script).digest() for page in pages for script in _INLINE.findall(page.read_bytes())
    }
    return sorted(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in found)


def content_security_policy(hashes: list[str]) -> str:
    """The policy of every page. Styles may be inline: widths and countdowns are set so."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join((_SELF, *hashes))}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "object-src 'none'",
            "frame-ancestors 'none'",
        )
    )


class SecurityHeaders:
    """ASGI wrapper; what an inner app set already (the API does) is left as it is.

    ``canonical`` gives public paths the whole address that search engines should keep.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        policy: str,
        secure: bool,
        canonical: Mapping[str, str] | None = None,
    ) -> None:
        self._app = app
        headers = {**_ALWAYS, "Content-Security-Policy": policy}
        if secure:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        self._headers = encoded(headers)
        # The built pages do not know their address; a header may name it (RFC 6596).
        self._canonical = {
            path: encoded({"Link": f'<{address}>; rel="canonical"'})
            for path, address in (canonical or {}).items()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and add headers to the answer's start."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def decorated(message: Message) -> None:
            if message["type"] == "http.response.start":
                path = scope["path"]
                canonical = self._canonical.get(path.rstrip("/") or "/", ())
                add_missing(message, (*self._headers, _cache_rule(path), *canonical))
            await send(message)

        await self._app(scope, receive, decorated)


def _cache_rule(path: str) -> tuple[bytes, bytes]:
    return _KEPT if path.startswith(_HASHED_FILES) else _ASKED_AGAIN
