"""The API reference as one self-contained page: no script, no foreign asset."""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from importlib import resources
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from nexnum_console.api.deps import public

router = APIRouter(prefix="/api/docs", include_in_schema=False)

_STYLE: Final = resources.files("nexnum_console.api").joinpath("docs.css").read_text("utf-8")
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)


@router.get("")
@public("a reference without any data in it")
def reference(request: Request) -> HTMLResponse:
    """Every endpoint with its parameters, bodies and answers."""
    page = render(request.app.openapi())
    return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})


def render(openapi: dict[str, Any]) -> str:
    """The page for an OpenAPI document."""
    schemas = openapi.get("components", {}).get("schemas", {})
    areas: dict[str, list[str]] = {}
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            area = (operation.get("tags") or ["other"])[0]
            areas.setdefault(area, []).append(_operation(path, method, operation, schemas))
    sections = "".join(
        f'<section id="{escape(area)}"><h2>{escape(area)}</h2>{"".join(found)}</section>'
        for area, found in areas.items()
    )
    contents = "".join(f'<a href="#{escape(area)}">{escape(area)}</a>' for area in areas)
    title = escape(openapi["info"]["title"])
    summary = escape(openapi["info"].get("summary", ""))
    version = escape(openapi["info"]["version"])
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><main>"
        f"<header><h1>{title} <small>{version}</small></h1><p>{summary}</p>{_INTRODUCTION}"
        f"<nav>{contents}</nav></header>{sections}</main></body></html>"
    )


_INTRODUCTION: Final = (
    "<p>Bodies and answers are JSON. Log in with <code>POST /api/auth/login</code>; the session"
    " cookie it sets authenticates the calls after it. Amounts are decimal text in the wallet’s"
    " currency. A refusal is <code>{&quot;error&quot;: {&quot;code&quot;, &quot;message&quot;,"
    " &quot;request_id&quot;, &quot;details&quot;}}</code>, with <code>Retry-After</code> where"
    ' waiting helps. The same in machine form: <a href="/api/openapi.json">openapi.json</a>.</p>'
)


def _operation(path: str, method: str, operation: dict[str, Any], schemas: dict[str, Any]) -> str:
    parts = [f"<p>{escape(operation.get('description', ''))}</p>"]
    if operation.get("parameters"):
        parts.append(_parameters(operation["parameters"], schemas))
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body:
        parts.append(f"<h3>Body</h3>{_shape(body['schema'], schemas)}")
    parts.extend(
        f"<h3>Answer {escape(status)}</h3>{_answer(answer, schemas)}"
        for status, answer in operation.get("responses", {}).items()
        if status != "422"
    )
    verb = f'<b class="{escape(method)}">{escape(method.upper())}</b>'
    return (
        f"<details><summary>{verb}<code>{escape(path)}</code>"
        f"<span>{escape(operation.get('summary', ''))}</span></summary>{''.join(parts)}</details>"
    )


def _parameters(parameters: list[dict[str, Any]], schemas: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(one['name'])}</code></td><td>{escape(one['in'])}</td>"
        f"<td>{escape(_type(one.get('schema', {}), schemas))}</td>"
        f"<td>{'required' if one.get('required') else ''}</td>"
        f"<td>{escape(one.get('description', ''))}</td></tr>"
        for one in parameters
    )
    return f"<h3>Parameters</h3><table>{rows}</table>"


def _answer(answer: dict[str, Any], schemas: dict[str, Any]) -> str:
    content = answer.get("content", {}).get("application/json")
    if not content or not content.get("schema"):
        return f"<p>{escape(answer.get('description', ''))}</p>"
    return _shape(content["schema"], schemas)


def _shape(schema: dict[str, Any], schemas: dict[str, Any]) -> str:
    return f"<pre>{escape(json.dumps(_sample(schema, schemas, 4), indent=2))}</pre>"


def _sample(schema: dict[str, Any], schemas: dict[str, Any], depth: int) -> Any:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _sample(schemas.get(name, {}), schemas, depth - 1) if depth else name
    if "anyOf" in schema:
        return _sample(schema["anyOf"][0], schemas, depth)
    if "properties" in schema:
        return {
            name: _sample(field, schemas, depth) for name, field in schema["properties"].items()
        }
    if schema.get("type") == "array":
        return [_sample(schema.get("items", {}), schemas, depth)]
    if schema.get("examples"):
        return schema["examples"][0]
    return _type(schema, schemas)


def _type(schema: dict[str, Any], schemas: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(_type(one, schemas) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    return str(schema.get("format") or schema.get("type") or "any")
