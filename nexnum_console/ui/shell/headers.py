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

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
        self._canonical = dict(canonical or {})
        self._headers = {**_ALWAYS, "Content-Security-Policy": policy}
        if secure:
            self._headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and add headers to the answer's start."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def decorated(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", _cache_rule(scope["path"]))
                # The built pages do not know their address; a header may name it (RFC 6596).
                address = self._canonical.get(scope["path"].rstrip("/") or "/")
                if address:
                    headers.setdefault("Link", f'<{address}>; rel="canonical"')
            await send(message)

        await self._app(scope, receive, decorated)


def _cache_rule(path: str) -> str:
    return "public, max-age=31536000, immutable" if path.startswith(_HASHED_FILES) else "no-cache"
