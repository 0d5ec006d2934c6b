"""Reading by column gives what the general readers give, for any config and any answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexnum_console.providers import blocks, columns, fast_rows, grammar, transforms
from nexnum_console.providers.body import NOT_JSON, Reply, json_value
from nexnum_console.providers.compile import compile_config
from nexnum_console.providers.convert import offer_rows
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.replay import load_recordings, replay
from nexnum_console.providers.reply import read, read_offers
from tests.providers.conftest import CONFIGS, shipped

RECORDED = CONFIGS / "recordings"
HEADERS = {"content-type": "application/json"}
NAMES = ("price", "cost", "count", "qty", "country", "service", "deep")
PLAIN = st.sampled_from(
    [
        "price",
        "cost|price",
        "price|cost|qty",
        "qty|count|cost|price",
        "deep.price",
        "deep.price|price",
        "count",
        "country",
        "service|=other",
        "$key",
        "$parentKey",
        "$country",
    ]
)
SOURCES = PLAIN | st.sampled_from(
    [
        "$grandParentKey|$key",
        "$atDepth:0",
        "$atDepth:7",
        "$value",
        "=fixed",
        "deep[0]",
        "$parent.price",
    ]
)
LEVELS = st.sampled_from(
    [
        ["country", "service", "operator"],
        ["country", "service", "-"],
        ["service", "country"],
        ["country"],
        ["-"],
        ["-", "-"],
        ["country", "service", "price"],
        ["country", ".deep", "service"],
    ]
)
OPTIONAL = {
    "stock": SOURCES | st.just({"from": "count", "default": "3"}),
    "country": SOURCES,
    "service": SOURCES | st.just({"from": "$key", "as": "upper"}),
    "operator": SOURCES,
}
FIELDS = st.fixed_dictionaries(
    {"price": PLAIN | st.just({"from": "cost", "as": "trim", "map": {"1": "2"}})},
    optional=OPTIONAL,
) | st.fixed_dictionaries({}, optional=OPTIONAL)
EXTRAS: dict[str, st.SearchStrategy[Any]] = {
    "rootPath": st.sampled_from(["", "deep", "deep.count"]),
    "rowNeeds": st.lists(st.sampled_from(["price", "deep.price", "deep[0]"]), max_size=2),
    "everyRow": st.booleans(),
    "transform": st.sampled_from([{"service": "lower"}, {"stock": "digits"}]),
    "constants": st.just({"operator": "one"}),
    "match": st.just({"deep": 1}),
    "levels": LEVELS,
}
SCALARS = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        7,
        -3,
        10**25,
        "",
        "1.50",
        "0",
        " 2 ",
        "-1",
        "1e3",
        "1E-7",
        "n/a",
        "1\n2",
        "\n",
        "1.2.3",
        "12.",
        "9" * 21,
        "١٢",
        "é",
        "tg",
        0.5,
        -0.25,
        1e300,
    ]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from((*NAMES, "", "x")), inner)
    ),
    max_leaves=6,
)
PRICES = st.sampled_from(["1.50", "0.1", 3, 0.25, "7"]) | SCALARS
ROWS = st.fixed_dictionaries({}, optional={name: PRICES for name in NAMES}) | st.fixed_dictionaries(
    {"price": PRICES, "deep": st.fixed_dictionaries({"price": PRICES}) | VALUES}
)
KEYS = st.sampled_from(["1", "2.5", "usa", "tg", "deep", "price", "é"])
ODD_KEYS = KEYS | st.just("")


@st.composite
def exchanges(draw: st.DrawFn) -> tuple[dict[str, Any], Any]:
    """A reply, and a document that has its structure, by and large."""
    keyed = draw(st.booleans())
    made: dict[str, Any] = {
        "type": "json_dictionary" if keyed else "json_array",
        "fields": draw(FIELDS),
    }
    if keyed:
        made["levels"] = draw(LEVELS)
        bound = {level for level in made["levels"] if level not in {"-", ".deep"}}
        if draw(st.integers(0, 9)):
            made["fields"] = {n: s for n, s in made["fields"].items() if n not in bound}
    for name in draw(st.lists(st.sampled_from(sorted(EXTRAS)), max_size=1)):
        made[name] = draw(EXTRAS[name])
    document = draw(_nested(made.get("levels") or [], keyed))
    for step in reversed((made.get("rootPath") or "").split(".")):
        document = {step: document} if step else document
    return made, document


def _nested(levels: list[str], keyed: bool) -> st.SearchStrategy[Any]:
    found: st.SearchStrategy[Any] = ROWS if keyed else st.lists(ROWS, max_size=9)
    for level in reversed(levels) if keyed else ():
        if level.startswith("."):
            found = st.fixed_dictionaries({level[1:]: found}) | ROWS
        else:
            inside = st.dictionaries(KEYS, found, max_size=5)
            found = st.one_of(inside, inside, inside, st.dictionaries(ODD_KEYS, found | VALUES))
    return found if levels or not keyed else VALUES


VARIABLES = st.sampled_from([{}, {"country": "de"}, {"country": "any", "service": "wa"}])


@pytest.fixture(autouse=True, scope="module")
def every_answer_is_long() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast_rows, "WORTHWHILE", 0)
        patch.setattr(blocks, "BLOCK", 4)
        yield


def config(*replies: dict[str, Any]) -> grammar.ProviderConfig:
    return grammar.ProviderConfig.model_validate(
        {
            "name": "any",
            "baseUrl": "https://carrier.test",
            "endpoints": {"prices": {"path": "/prices"}},
            "mappings": {"prices": {"replies": list(replies)}},
        }
    )


def outcome(work: Any) -> Any:
    try:
        return work()
    except ProviderError as error:
        return (error.code, error.message)


def agree(made: grammar.ProviderConfig, body: bytes | str, variables: dict[str, str]) -> Any:
    fast, general = compile_config(made), compile_config(made, fast=False)
    reply = Reply(200, HEADERS, body)
    expected = outcome(lambda: read(general, "prices", reply, variables))
    assert outcome(lambda: read(fast, "prices", reply, variables)) == expected
    typed = outcome(lambda: read_offers(fast, reply, variables))
    if isinstance(typed, tuple):
        assert typed == expected
    else:
        assert typed.rows == offer_rows(expected)
        assert typed.skipped == expected["skipped"]
    return expected


@pytest.mark.timeout(600)  # making the examples takes most of it, and long on a busy machine
@settings(max_examples=250, deadline=None)
@given(
    exchange=exchanges(),
    other=st.none() | exchanges(),
    variables=VARIABLES,
    as_text=st.booleans(),
)
def test_the_same_rows_for_any_config_and_document(
    exchange: tuple[dict[str, Any], Any],
    other: tuple[dict[str, Any], Any] | None,
    variables: dict[str, str],
    as_text: bool,
) -> None:
    reply, document = exchange
    replies = [reply] if other is None else [other[0], reply]
    written = json.dumps(document, ensure_ascii=as_text)
    agree(config(*replies), written if as_text else written.encode(), variables)


@pytest.mark.timeout(600)
@settings(max_examples=150, deadline=None)
@given(
    exchange=exchanges(),
    at=st.integers(0, 10_000),
    put=st.sampled_from(
        [b"", b"\xff", b"\x00", b"\\", b'"', b",", b"}", b"NaN", b"\\ud800", b"\xef\xbb\xbf", b"01"]
    ),
    cut=st.integers(0, 2),
)
def test_the_same_outcome_for_broken_bytes(
    exchange: tuple[dict[str, Any], Any], at: int, put: bytes, cut: int
) -> None:
    reply, document = exchange
    written = json.dumps(document, ensure_ascii=False).encode()
    at %= len(written) + 1
    agree(config(reply), written[:at] + put + written[at + cut :], {})


@settings(max_examples=300, deadline=None)
@given(values=st.lists(SCALARS | st.lists(SCALARS, max_size=2), max_size=12))
def test_a_column_of_decimals_is_each_decimal(values: list[Any]) -> None:
    values = [repr(value) if isinstance(value, float) else value for value in values]
    assert columns.decimals(list(values)) == [transforms.decimal(value) for value in values]


TOKENS = st.sampled_from(
    [
        *'{}[]:,"',
        '"a"',
        "1",
        "-0",
        "1.50",
        "1e5",
        "1E400",
        "01",
        "1.",
        "-",
        "NaN",
        "Infinity",
        "true",
        "nul",
        "null",
        '"\\ud800"',
        '"\\ud83d\\ude00"',
        '"\x01"',
        '"\\x"',
        " ",
        "\n",
        "\x0b",
        "é",
        "18446744073709551616",
        "9" * 30,
    ]
)


@settings(max_examples=600, deadline=None)
@given(written=st.lists(TOKENS, max_size=9).map("".join))
def test_the_quick_decoder_takes_nothing_else(written: str) -> None:
    def standard() -> Any:
        def refuse(constant: str) -> Any:
            raise ValueError(constant)

        return json.loads(written, parse_float=str, parse_constant=refuse)

    found: list[str] = []
    for work in (standard, lambda: json_value(written)):
        try:
            found.append(repr(work()))
        except (ValueError, RecursionError):
            found.append("refused")
    assert found[0] == found[1]


@pytest.mark.parametrize("depth", [50, 500, 5_000, 100_000])
def test_a_deep_answer_is_refused_or_read_as_before(depth: int) -> None:
    body = b'{"a":' * depth + b"1" + b"}" * depth
    assert agree(config({"type": "json_dictionary", "levels": ["country"], "fields": {}}), body, {})


@pytest.mark.parametrize("name", sorted(path.stem for path in RECORDED.glob("*.json")))
def test_recordings_pass_by_column_too(name: str) -> None:
    recordings = RECORDED / f"{name}.json"
    wrong = [
        (each.id, each.difference)
        for each in replay(shipped(name), load_recordings(recordings.read_text("utf-8"), name))
        if not each.passed
    ]
    assert wrong == []


def long_list(rows: int) -> bytes:
    row = '"op{0}":{{"cost":{0}.50,"count":{0},"rate":99.1}}'
    inside = ",".join(row.format(number) for number in range(rows))
    return b'{"usa":{"tg":{%s}}}' % inside.encode()


def reader(made: dict[str, Any]) -> fast_rows.FastReader | None:
    reply = grammar.Reply.model_validate(made)
    return fast_rows.fast_reader(config(made), reply, "prices")


def test_a_usual_list_is_read_by_column() -> None:
    made = {
        "type": "json_dictionary",
        "levels": ["country", "service", "operator"],
        "fields": {"price": "cost", "stock": "count"},
    }
    fast = reader(made)
    assert fast is not None
    found = fast.rows(Reply(200, HEADERS, long_list(50)), {})
    assert found is not None
    assert len(found.rows) == 50
    assert found.rows[7] == {
        "country": "usa",
        "service": "tg",
        "operator": "op7",
        "price": "7.50",
        "stock": 7,
    }


def test_bad_rows_are_skipped_and_counted_block_by_block() -> None:
    rows: list[Any] = [{"price": "1.00", "service": str(n)} for n in range(20)]
    rows[3] = {"price": None}
    rows[4] = "no row at all"
    rows[17] = {"price": "free", "service": "17"}
    fast = reader({"type": "json_array", "fields": {"price": "price", "service": "service"}})
    assert fast is not None
    offers = fast.offers(Reply(200, HEADERS, json.dumps(rows).encode()), {}, {"country": "de"})
    assert offers is not None
    assert (len(offers.rows), offers.skipped) == (17, 3)
    assert {row.country for row in offers.rows} == {"de"}


@pytest.mark.parametrize(
    "made",
    [
        {"type": "json_dictionary", "levels": ["country"], "fields": {"price": "a[0]"}},
        {"type": "json_dictionary", "levels": [], "fields": {"price": "cost"}},
        {"type": "json_array", "fields": {"price": "p"}, "match": {"ok": True}},
        {"type": "json_array", "fields": {"price": "$value", "stock": "count"}},
        {"type": "json_object", "fields": {"price": "price"}},
    ],
)
def test_what_is_not_understood_is_left_to_the_general_reader(made: dict[str, Any]) -> None:
    assert reader(made) is None


def test_a_short_answer_is_left_to_the_general_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast_rows, "WORTHWHILE", 4_096)
    fast = reader({"type": "json_array", "fields": {"price": "price"}})
    assert fast is not None
    assert fast.rows(Reply(200, HEADERS, b'[{"price":1}]'), {}) is None
    assert Reply(200, {}, "no json").document is NOT_JSON


@pytest.mark.parametrize(
    ("written", "number"),
    [("1e999999999", None), ("1e3", 1000), (" 12.9 ", 12), ("-4", -4), ("inf", None), ("0e99", 0)],
)
def test_a_short_number_of_a_billion_digits_is_no_stock(written: str, number: int | None) -> None:
    assert transforms.integer(written) == number
