"""A first config from a few answers: a dialect that is known, or the usual names of fields."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from nexnum_console.providers.importing.draft import Draft, Open, settle
from nexnum_console.providers.importing.naming import usual
from nexnum_console.providers.importing.sample import ImportFault, split_url
from nexnum_console.providers.problems import suggestion

BLANK: Final = "blank"
AUTHS: Final = ("bearer", "header", "query_param", "form_param", "basic", "none")
NAMED: Final = frozenset({"header", "query_param", "form_param"})
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}\Z")
_CURRENCY = re.compile(r"[A-Z]{3}\Z")
_ROUTES: Final[dict[str, dict[str, Any]]] = {
    "balance": {"path": "/balance"},
    "countries": {"path": "/countries"},
    "services": {"path": "/services"},
    "prices": {"path": "/prices", "queryParams": {"country": "$country", "service": "$service"}},
    "buy": {
        "method": "POST",
        "path": "/orders",
        "body": {
            "type": "json",
            "fields": {"country": "$country", "service": "$service", "maxPrice": "$maxPrice"},
        },
    },
    "status": {"path": "/orders/{id}"},
    "cancel": {"method": "POST", "path": "/orders/{id}/cancel"},
    "finish": {"method": "POST", "path": "/orders/{id}/finish"},
}


@dataclass(frozen=True, slots=True)
class Beginning:
    """Answers to the questions of ``new``. ``auth_name`` is the header or parameter of the key."""

    name: str
    base_url: str
    auth: str
    auth_name: str = ""
    template: str = BLANK
    currency: str = "USD"
    display_name: str = ""


def begin(answers: Beginning, templates: Mapping[str, str]) -> Draft:
    """A draft that passes validation; raises ImportFault with every answer that is at fault."""
    faults = list(_faults(answers, templates))
    if faults:
        raise ImportFault("\n".join(faults))
    auth: dict[str, Any] = {"type": answers.auth}
    if answers.auth in NAMED:
        auth["name"] = answers.auth_name
    head: dict[str, Any] = {"$schema": "schema.json", "name": answers.name}
    if answers.display_name:
        head["displayName"] = answers.display_name
    head |= {"baseUrl": answers.base_url.rstrip("/"), "currency": answers.currency, "auth": auth}
    if answers.template == BLANK:
        return _blank(head)
    base: dict[str, Any] = json.loads(templates[answers.template])
    for key in ("description", "websiteUrl", "docsUrl", "displayName"):
        base.pop(key, None)
    what = (
        f"every path, field and word is that of {answers.template}; compare with the documentation"
    )
    return settle(Draft(base | head, [Open("", what)]))


def _blank(head: dict[str, Any]) -> Draft:
    mappings = {operation: usual(operation) for operation in _ROUTES}
    config = head | {
        "statuses": {"PENDING": "waiting", "RECEIVED": "received", "CANCELED": "cancelled",
                     "FINISHED": "finished", "TIMEOUT": "expired"},
        "errors": {"words": {"no_numbers": "no_numbers", "no_balance": "no_balance"}},
        "endpoints": dict(_ROUTES),
        "mappings": mappings,
    }  # fmt: skip
    points = [
        Open("/endpoints", "every path and parameter is an example; write those of the provider"),
        Open("/mappings", "the usual names of fields are tried; write those of the answers"),
        Open("/statuses", "the words are examples; write those of the provider"),
        Open("/errors", "the words are examples; write those of the provider"),
    ]
    return settle(Draft(config, points))


def _faults(answers: Beginning, templates: Mapping[str, str]) -> list[str]:
    found = []
    if not _NAME.match(answers.name):
        found.append(f"name: “{answers.name}” is not a name; write a-z, 0-9, _ and -")
    try:
        origin, _, query = split_url(answers.base_url)
        if query or not answers.base_url.startswith(origin):
            raise ImportFault(f"“{answers.base_url}” is not a base URL; write https://host/path")
    except ImportFault as error:
        found.append(f"base_url: {error}")
    if answers.auth not in AUTHS:
        near = suggestion(answers.auth, AUTHS)
        found.append(f"auth: “{answers.auth}” is none of {', '.join(AUTHS)}{near}")
    elif answers.auth in NAMED and not answers.auth_name:
        found.append(f"auth_name: auth by {answers.auth} needs the name that carries the key")
    if answers.template != BLANK and answers.template not in templates:
        near = suggestion(answers.template, templates)
        known = ", ".join([BLANK, *templates])
        found.append(f"template: “{answers.template}” is none of {known}{near}")
    if not _CURRENCY.match(answers.currency):
        found.append(f"currency: “{answers.currency}” is not a code as USD")
    return found
