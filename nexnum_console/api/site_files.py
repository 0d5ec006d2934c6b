"""What search engines ask for: which pages there are, and which are nobody's business."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response

from nexnum_console.api.deps import ServicesDep, public

router = APIRouter(include_in_schema=False)

INDEXED: Final = ("/", "/pricing", "/login", "/register")


@router.get("/robots.txt")
@public("robots have no account")
def robots(services: ServicesDep) -> Response:
    """Public pages only."""
    lines = (
        "User-agent: *",
        "Disallow: /console",
        "Disallow: /store",
        "Disallow: /session",
        f"Sitemap: {services.settings.public_url}/sitemap.xml",
    )
    return PlainTextResponse("\n".join(lines) + "\n")


@router.get("/sitemap.xml")
@public("robots have no account")
def sitemap(services: ServicesDep) -> Response:
    """The public pages by their whole addresses (sitemaps.org 0.9)."""
    base = services.settings.public_url
    entries = "".join(f"<url><loc>{escape(base + path)}</loc></url>" for path in INDEXED)
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>\n'
    )
    return Response(text, media_type="application/xml")
