"""OpenAPI 3.x documents, JSON or YAML: one sample for each operation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

from nexnum_console.providers.importing.sample import (
    Answer,
    ImportFault,
    Pairs,
    Parameter,
    Sample,
    split_url,
)

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_MAX_DEPTH = 10
_MAX_SIZE = 8 * 1024 * 1024
_MAX_ALIASES = 2_000
_STATE_NAMES: Final = frozenset({"status", "state", "orderstatus", "activationstatus"})


class _Yaml(yaml.SafeLoader):  # type: ignore[misc]
    """Values as JSON has them: a date stays text."""


_Yaml.yaml_implicit_resolvers = {
    sign: [(tag, test) for tag, test in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for sign, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def document(text: str) -> Any:
    """JSON or YAML; raises ImportFault with line and column."""
    if len(text) > _MAX_SIZE:
        raise ImportFault(f"the document is larger than {_MAX_SIZE // 2**20} MB; cut it down")
    try:
        return json.loads(text, parse_float=str)
    except (ValueError, RecursionError):
        pass  # perhaps YAML, of which JSON is nearly a part
    try:
        aliases = sum(isinstance(each, yaml.AliasEvent) for each in yaml.parse(text, Loader=_Yaml))
        if aliases > _MAX_ALIASES:
            raise ImportFault(
                f"the document has {aliases} aliases; at most {_MAX_ALIASES} are read"
            )
        return yaml.load(text, Loader=_Yaml)  # noqa: S506 - a SafeLoader
    except ImportFault:
        raise
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise ImportFault(f"{where}neither JSON nor YAML: {error.problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ImportFault(f"neither JSON nor YAML: {error}") from error


def samples(text: str) -> list[Sample]:
    """Every operation of an OpenAPI 3.x document; raises ImportFault."""
    found = document(text)
    if not isinstance(found, dict) or "openapi" not in found:
        old = isinstance(found, dict) and "swagger" in found
        cure = "convert it to OpenAPI 3 first" if old else "it has no key “openapi”"
        raise ImportFault(f"this is {'Swagger 2' if old else 'no OpenAPI document'}; {cure}")
    if not str(found["openapi"]).startswith("3."):
        raise ImportFault(f"OpenAPI {found['openapi']} is not read; 3.0 and 3.1 are")
    return list(_Spec(found).samples())


def title(text: str) -> str:
    """The document's own name."""
    found = document(text)
    info = found.get("info") if isinstance(found, dict) else None
    return str(info.get("title") or "") if isinstance(info, dict) else ""


class _Spec:
    def __init__(self, root: dict[str, Any]) -> None:
        self.root = root

    def samples(self) -> Iterator[Sample]:
        origin, base = self.server()
        for path, written in _members(self.root.get("paths")):
            item = self.resolved(written)
            shared = item.get("parameters") or []
            for method in _METHODS:
                if isinstance(item.get(method), dict):
                    yield self.sample(origin, base + path, method, item[method], shared)

    def server(self) -> tuple[str, str]:
        servers = self.root.get("servers") or []
        first = self.resolved(servers[0]) if servers and isinstance(servers, list) else {}
        url = str(first.get("url") or "")
        for name, spec in _members(first.get("variables")):
            url = url.replace(f"{{{name}}}", str(self.resolved(spec).get("default", "")))
        if "://" not in url:
            return "", url.rstrip("/")
        origin, path, _ = split_url(url)
        return origin, path.rstrip("/")

    def sample(
        self, origin: str, path: str, method: str, spec: dict[str, Any], shared: list[Any]
    ) -> Sample:
        listed = [self.resolved(each) for each in [*shared, *(spec.get("parameters") or [])]]
        parameters = [self.parameter(each) for each in listed if isinstance(each.get("name"), str)]
        body, kind = self.body(spec)
        states: list[str] = []
        answers = tuple(self.answers(spec, states))
        fields: Pairs | None = None
        if body is not None:
            parameters += body
            fields = tuple((each.name, each.example or "") for each in body)
        words = (spec.get("operationId"), spec.get("summary"))
        return Sample(
            method=method.upper(),
            origin=origin,
            path=path,
            query=_named(parameters, "query"),
            headers=(*_named(parameters, "header"), *self.security(spec)),
            fields=fields,
            body_type=kind,
            title=" ".join(str(word) for word in words if word),
            parameters=tuple(parameters),
            answers=answers,
            states=tuple(dict.fromkeys(states)),
        )

    def parameter(self, spec: Mapping[str, Any]) -> Parameter:
        value = spec.get("example")
        if value is None:
            value = self.example(spec.get("schema"), 0, [])
        required = bool(spec.get("required"))
        written = None if value is None or isinstance(value, dict | list) else _text(value)
        return Parameter(str(spec["name"]), str(spec.get("in", "query")), required, written)

    def body(self, spec: dict[str, Any]) -> tuple[list[Parameter] | None, str]:
        content = self.resolved(spec.get("requestBody") or {}).get("content") or {}
        kinds = {
            "application/json": "json",
            "application/x-www-form-urlencoded": "form",
            "multipart/form-data": "multipart",
        }
        for media, kind in kinds.items():
            if isinstance(content, dict) and media in content:
                schema = self.resolved(self.resolved(content[media]).get("schema") or {})
                schema = self.merged(schema)
                required = schema.get("required") or []
                return [
                    self.parameter(
                        {"name": name, "in": "body", "schema": each, "required": name in required}
                    )
                    for name, each in _members(schema.get("properties"))
                ], kind
        return None, "form"

    def security(self, spec: dict[str, Any]) -> Iterator[tuple[str, str]]:
        """How the key travels, as the header that a call would carry; a query key by ``?name``."""
        wanted = spec.get("security", self.root.get("security"))
        components = self.resolved(self.root.get("components") or {})
        schemes = self.resolved(components.get("securitySchemes") or {})
        names = [name for each in wanted or [] if isinstance(each, dict) for name in each]
        if wanted is None:
            names = list(schemes)
        for name in names[:2]:
            scheme = self.resolved(schemes.get(name) or {})
            kind, place = scheme.get("type"), scheme.get("in")
            if kind == "apiKey" and place in {"header", "query"}:
                lead = "?" if place == "query" else ""
                yield f"{lead}{scheme.get('name')}", "KEY"
            elif kind == "http" and str(scheme.get("scheme")).lower() == "basic":
                yield "Authorization", "Basic KEY"
            elif kind in {"http", "oauth2", "openIdConnect"}:
                yield "Authorization", "Bearer KEY"

    def answers(self, spec: dict[str, Any], states: list[str]) -> Iterator[Answer]:
        for status, response in _members(spec.get("responses")):
            content = self.resolved(response).get("content") or {}
            code = int(status) if status.isdigit() else 200 if status == "default" else 0
            code = code or int(status[0]) * 100 if status[:1].isdigit() else code
            for media, each in _members(content):
                for value in self.examples(self.resolved(each), states):
                    body = value if isinstance(value, str) else json.dumps(value)
                    yield Answer(code, body, {"content-type": media}, real=False)
            if not content and 200 <= code < 300:
                yield Answer(code, "", real=False)

    def examples(self, media: dict[str, Any], states: list[str]) -> Iterator[Any]:
        schema_example = self.example(media.get("schema"), 0, states)
        named = [self.resolved(each).get("value") for _, each in _members(media.get("examples"))]
        given = [media["example"]] if "example" in media else [each for each in named if each]
        if given:
            yield from given
        elif schema_example is not None:
            yield schema_example

    def example(self, schema: Any, depth: int, states: list[str], name: str = "") -> Any:
        """A value as a schema describes it; enumerated words of a state are collected."""
        if not isinstance(schema, dict) or depth > _MAX_DEPTH:
            return None
        spec = self.merged(self.resolved(schema))
        if isinstance(spec.get("enum"), list) and name.lower().replace("_", "") in _STATE_NAMES:
            states += [_text(word) for word in spec["enum"] if word is not None]
        for key in ("example", "default", "const"):
            if key in spec:
                return spec[key]
        for key in ("examples", "enum"):
            if isinstance(spec.get(key), list) and spec[key]:
                return spec[key][0]
        return self.made_up(spec, depth, states)

    def made_up(self, spec: dict[str, Any], depth: int, states: list[str]) -> Any:
        kind = spec.get("type")
        kind = next((each for each in kind if each != "null"), None) if type(kind) is list else kind
        if kind == "object" or "properties" in spec or "additionalProperties" in spec:
            found = {
                name: self.example(each, depth + 1, states, name)
                for name, each in _members(spec.get("properties"))
            }
            more = spec.get("additionalProperties")
            if isinstance(more, dict) and not found:
                found["1"] = self.example(more, depth + 1, states)
            return found
        if kind == "array":
            member = self.example(spec.get("items"), depth + 1, states)
            return [] if member is None else [member]
        if kind == "string":
            return "2026-01-01T00:00:00Z" if spec.get("format") == "date-time" else "text"
        return {"integer": 1, "number": "0.5", "boolean": True}.get(str(kind))

    def merged(self, spec: dict[str, Any]) -> dict[str, Any]:
        """A schema with its allOf parts in it, or the first of its alternatives."""
        for key in ("oneOf", "anyOf"):
            options = spec.get(key)
            if isinstance(options, list) and options:
                return self.resolved(options[0])
        parts = spec.get("allOf")
        if not isinstance(parts, list):
            return spec
        found: dict[str, Any] = {key: each for key, each in spec.items() if key != "allOf"}
        for part in map(self.resolved, parts):
            inner = found.get("properties") or {}
            found = part | found | {"properties": (part.get("properties") or {}) | inner}
        return found

    def resolved(self, spec: Any) -> dict[str, Any]:
        """An object with its local ``$ref`` followed; others are empty."""
        for _ in range(_MAX_DEPTH):
            if not isinstance(spec, dict):
                return {}
            reference = spec.get("$ref")
            if not isinstance(reference, str):
                return spec
            spec = self.root if reference.startswith("#/") else {}
            for step in reference[2:].split("/"):
                name = step.replace("~1", "/").replace("~0", "~")
                spec = spec.get(name) if isinstance(spec, dict) else None
        return {}


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield str(name), each


def _named(parameters: list[Parameter], place: str) -> Pairs:
    return tuple((each.name, each.example or "") for each in parameters if each.place == place)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
