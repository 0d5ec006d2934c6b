from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from nexnum_console.api.site_files import INDEXED
from nexnum_console.ui import site
from nexnum_console.ui.shell.headers import (
    SecurityHeaders,
    content_security_policy,
    script_hashes,
)


def test_every_inline_script_and_no_linked_one_is_hashed(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        '<script>a=1</script><script type="module">b=2</script><script src="/x.js"></script>'
    )
    found = script_hashes([page])
    assert len(found) == 2
    digest = base64.b64encode(hashlib.sha256(b"a=1").digest()).decode()
    assert f"'sha256-{digest}'" in found


def test_scripts_need_a_hash_or_our_origin() -> None:
    policy = content_security_policy(["'sha256-x'"])
    assert "script-src 'self' 'sha256-x';" in policy
    script_rule = next(rule for rule in policy.split("; ") if rule.startswith("script-src"))
    assert "unsafe" not in script_rule
    assert policy.startswith("default-src 'none'")


def test_what_an_inner_app_says_stays(tmp_path: Path) -> None:
    async def strict(request: object) -> PlainTextResponse:
        return PlainTextResponse("x", headers={"Content-Security-Policy": "default-src 'none'"})

    async def plain(request: object) -> PlainTextResponse:
        return PlainTextResponse("x")

    inner = Starlette(
        routes=[Route("/api/x", strict), Route("/", plain), Route("/assets/a", plain)]
    )
    client = TestClient(SecurityHeaders(inner, policy="script-src 'self'", secure=True))
    assert client.get("/api/x").headers["content-security-policy"] == "default-src 'none'"
    page = client.get("/").headers
    assert page["content-security-policy"] == "script-src 'self'"
    assert page["cache-control"] == "no-cache"
    assert "max-age" in page["strict-transport-security"]
    assert "immutable" in client.get("/assets/a").headers["cache-control"]


def test_public_pages_name_their_address_and_others_do_not() -> None:
    async def plain(request: object) -> PlainTextResponse:
        return PlainTextResponse("x")

    inner = Starlette(routes=[Route("/pricing/", plain), Route("/store", plain)])
    known = {"/pricing": "https://numbers.example/pricing"}
    client = TestClient(SecurityHeaders(inner, policy="", secure=True, canonical=known))
    told = client.get("/pricing/").headers["link"]
    assert told == '<https://numbers.example/pricing>; rel="canonical"'
    assert "link" not in client.get("/store").headers


def test_what_may_be_found_is_a_public_page() -> None:
    assert set(INDEXED) <= {page.route for page in site.PUBLIC}
