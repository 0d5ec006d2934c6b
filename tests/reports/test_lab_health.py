"""The lab says whether a config's limit is enough for the numbers that wait."""

from __future__ import annotations

import json
from typing import Any

from nexnum_console.providers import versions
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.reports.lab_health import need

CONFIG: dict[str, Any] = {
    "name": "acme",
    "baseUrl": "https://api.acme.example",
    "rateLimit": {"requests": 10, "perSeconds": 2},
    "lifetimes": {"pollSeconds": 4},
    "endpoints": {"status": {"path": "/orders/{id}"}},
    "mappings": {"status": {"type": "json_object", "fields": {"state": "s"}}},
}


def _compiled(**more: Any) -> CompiledProvider:
    return versions.compiled(json.dumps(CONFIG | more), "acme")


def test_each_number_is_asked_for_at_the_configs_pace() -> None:
    found = need(_compiled(), 800)
    assert found.words == (
        "Numbers waiting now: 800. This config needs 200.0 calls a second for them;"
        " its limit is 5.0."
    )
    assert not found.fits
    assert [(fact.label, fact.value) for fact in found.facts] == [
        ("Asks every", "4 s"),
        ("Room for", "20 numbers"),
    ]
    assert need(_compiled(), 20).fits
    assert not need(_compiled(), 21).fits


def test_a_list_asks_for_all_at_once() -> None:
    listed = {"type": "json_array", "fields": {"id": "id", "state": "s", "code": "c"}}
    several = _compiled(
        endpoints={"statuses": {"path": "/orders"}, **CONFIG["endpoints"]},
        mappings={"statuses": listed, **CONFIG["mappings"]},
    )
    found = need(several, 800)
    assert "needs 2.0 calls a second" in found.words
    assert found.fits
    assert found.facts[1].value == "2,000 numbers"
