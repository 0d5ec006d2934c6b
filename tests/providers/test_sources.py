"""Accessors and sources: what a field can be read from."""

from __future__ import annotations

from typing import Any

import pytest

from nexnum_console.providers.sources import BadSource, path, source

NODE = {
    "price": ["0.30", "0.2", "1.00"],
    "map": {"0.5": 3, "0.25": 10},
    "one": "0.7",
    "inner": '{"code": "0042", "list": [1, 2]}',
    "sms": [{"code": "1"}, {"code": "2"}],
}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("price.$first", "0.30"),
        ("price.$last", "1.00"),
        ("price.$min", "0.2"),
        ("price.$max", "1.00"),
        ("price.$sum", "1.50"),
        ("price.$count", 3),
        ("one.$first", "0.7"),
        ("one.$min", "0.7"),
        ("one.$count", None),
        ("map.$min", "0.25"),
        ("map.$firstKey", "0.5"),
        ("map.$lastKey", "0.25"),
        ("map.$sum", "13"),
        ("map.$values.$max", "10"),
        ("map.$keys.$last", "0.25"),
        ("inner.$json.code", "0042"),
        ("inner.$json.list.$last", 2),
        ("sms.$last.code", "2"),
        ("sms[-1].code", "2"),
        ("nothing.$first", None),
        ("nothing.$json.code", None),
    ],
)
def test_accessors(written: str, value: Any) -> None:
    assert path(written)(NODE) == value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("$key", "11"),
        ("$parentKey", "wa"),
        ("$grandParentKey", "6"),
        ("$atDepth:0", "6"),
        ("$depth", "3"),
        ("$parent.name", "above"),
        ("$country", "7"),
        ("nothing|one", "0.7"),
        ("nothing|=said", "said"),
        ("$header.x-price", "0.11"),
        ("$header.X-Price", "0.11"),
    ],
)
def test_sources_beside_the_node(written: str, value: str) -> None:
    read = source(written)
    variables = {"country": "7", "$header.x-price": "0.11"}
    assert read(NODE, ("6", "wa", "11"), {"name": "above"}, variables) == value


@pytest.mark.parametrize(
    ("written", "node"),
    [
        ("keys(@)", []),
        ("max(a)", {"a": "x"}),
        ("sort_by(@, &a)", {"a": 1}),
        ("a.$json.b", {"a": "[" * 100_000}),
        ("a.$min", {"a": {"b": [[]]}}),
        ("a.$first.b", {"a": 7}),
        ("a.$count", {"a": 7}),
    ],
)
def test_a_path_that_does_not_fit_finds_nothing(written: str, node: Any) -> None:
    assert path(written)(node) is None


@pytest.mark.parametrize("written", ["price.$frist", "a.$json.$nope.b", "a..b["])
def test_what_is_not_a_source(written: str) -> None:
    with pytest.raises(BadSource):
        path(written)
