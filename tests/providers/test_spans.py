"""Marks of a document: each value's place holds it, whatever is looked at and in which order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jmespath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexnum_console.providers.body import Reply
from nexnum_console.providers.spans import (
    Body,
    leaves,
    mark_of,
    marked_document,
    plain_of,
    read_through,
)

NUMBER = r"-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,3})?([eE][+-]?[0-9])?"
BLANK = st.text(alphabet=" \t\r\n", max_size=2)
TEXTS = st.text(max_size=5) | st.sampled_from(["{", "]}", '\\"', "\\", "é", "😀", "a/b~c", "</b>"])
SCALARS = st.none() | st.booleans() | st.integers() | TEXTS


@st.composite
def written(draw: st.DrawFn, depth: int = 0) -> str:
    """JSON in any spelling: blanks, escapes, keys given twice, fractions."""
    kind = draw(st.sampled_from(["scalar", "fraction", "object", "list"][: 4 if depth < 4 else 2]))
    narrow = draw(st.booleans())

    def blanks() -> str:
        return draw(BLANK)

    if kind == "scalar":
        return json.dumps(draw(SCALARS), ensure_ascii=narrow)
    if kind == "fraction":
        return draw(
            st.from_regex(r"-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,3})?([eE][+-]?[0-9])?", fullmatch=True)
        )
    inner = range(draw(st.integers(0, 4)))
    if kind == "list":
        return "[" + ",".join(blanks() + draw(written(depth + 1)) + blanks() for _ in inner) + "]"
    members = []
    for _ in inner:
        key = json.dumps(draw(TEXTS), ensure_ascii=narrow)
        members.append(f"{blanks()}{key}{blanks()}:{blanks()}{draw(written(depth + 1))}{blanks()}")
    return "{" + ",".join(members) + "}"


def everything(value: Any) -> Iterator[Any]:
    """Every value and every key."""
    yield value
    if isinstance(value, dict):
        for key, member in value.items():
            yield key
            yield from everything(member)
    elif isinstance(value, list):
        for member in value:
            yield from everything(member)


def at(document: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        document = document[int(name)] if isinstance(document, list) else document[name]
    return document


def held(document: Any, body: Body, plain: Any) -> None:
    """Each mark's bytes are the JSON of its value, and its pointer leads to it or to its member."""
    for value in everything(document):
        mark = mark_of(value)
        if value is None or isinstance(value, bool):
            assert mark is None
            continue
        assert mark is not None
        span = body.span(mark)
        assert span is not None
        piece = body.data[span.start : span.end].decode()
        assert Reply(200, {}, f"[{piece}]").document == [value]
        if mark.key is not value:  # a key's pointer is that of its member
            assert at(plain, mark.pointer) == value


@settings(max_examples=300, deadline=None)
@given(
    text=written().filter(lambda each: each[:1] in "{["),
    before=st.sampled_from(["", "\ufeff", " \n", "\ufeff\t", "\xa0"]),
    after=BLANK,
    in_bytes=st.booleans(),
)
def test_a_mark_is_where_its_value_stands(
    text: str, before: str, after: str, in_bytes: bool
) -> None:
    raw = before + text + after
    reply = Reply(200, {}, raw.encode() if in_bytes else raw)
    body = Body(reply.body)
    document = marked_document(body, reply.document)
    assert document == reply.document
    held(document, body, reply.document)
    assert [plain_of(leaf) for leaf in leaves(document)] == [
        each for each in _scalars(reply.document) if each is not None and not isinstance(each, bool)
    ]


def _scalars(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _scalars(member)
    else:
        yield value


def fresh(text: str) -> Any:
    return marked_document(Body(text), Reply(200, {}, text).document)


OBJECT = '{"a": {"x": 1, "y": [2]}, "b": [3, {"z": "4"}]}'


@pytest.mark.parametrize(
    "path",
    ["a.x", "a.y[0]", "a.*", "b[1].z", "keys(a)", "values(a)", "length(b)", "b[?z]", "b[::-1]",
     "merge(a, b[1])", "type(a)", "type(b)", "not_null(c, a.y)", "a == b", "contains(b, `3`)",
     "[a, b][]", "b[].z", "reverse(b)", "to_array(a)", "join('-', b[1:].z)", "{q: a, r: b}"],
)  # fmt: skip
def test_a_path_finds_the_same_in_containers_nobody_looked_into(path: str) -> None:
    assert jmespath.search(path, fresh(OBJECT)) == jmespath.search(path, json.loads(OBJECT))


def test_containers_are_looked_into_by_whatever_is_asked_of_them() -> None:
    plain = json.loads(OBJECT)
    asks = [len, list, bool, repr, lambda v: "x" in v, lambda v: {**v}, lambda v: v | {"q": 1},
            lambda v: list(reversed(v)), lambda v: v.copy(), dict, lambda v: v != {},
            lambda v: v == {"x": 1, "y": [2]}, sorted, lambda v: v.get("y")]  # fmt: skip
    for ask in asks:
        assert ask(fresh(OBJECT)["a"]) == ask(plain["a"])
    for ask in [len, list, bool, repr, lambda v: 3 in v, lambda v: v[1], lambda v: v[:1],
                lambda v: v * 2, lambda v: [*v], lambda v: v.index(3), lambda v: v == [3],
                lambda v: list(reversed(v)), lambda v: v.count(3), tuple]:  # fmt: skip
        assert ask(fresh(OBJECT)["b"]) == ask(plain["b"])


def test_what_writes_values_out_needs_them_read_through() -> None:
    document = fresh(OBJECT)
    read_through(document)
    assert json.dumps(document) == OBJECT
    assert jmespath.search("to_string(b)", document) == '[3,{"z":"4"}]'


def test_a_document_whose_marking_ended_is_the_same_without_marks() -> None:
    body = Body(OBJECT)
    document = marked_document(body, json.loads(OBJECT))
    body.marking = False
    assert document == json.loads(OBJECT)
    assert mark_of(document["a"]) is not None
    assert mark_of(document["a"]["x"]) is None


def test_tags_are_left_out_and_places_stay_those_of_the_page() -> None:
    page = '<pre>{"a": [1<b>2</b>, "x<i>y</i>"],<br> "k<u>e</u>y": nu<s>ll</s>}</pre>'
    body, plain = Body(page), Reply(200, {}, page).document
    document = marked_document(body, plain)
    assert document == plain == {"a": [12, "xy"], "key": None}
    span = body.span(mark_of(document["a"][0]))
    assert span is not None
    assert page[span.start : span.end] == "1<b>2"
    assert mark_of(list(document)[1]) is not None


def test_form_fields_have_places() -> None:
    text = "id=7&tel=%2B447700&empty="
    reply = Reply(200, {"content-type": "application/x-www-form-urlencoded"}, text)
    body = Body(text)
    document = marked_document(body, reply.document)
    span = body.span(mark_of(document["tel"]))
    assert span is not None
    assert text[span.start : span.end] == "%2B447700"
    assert document == {"id": "7", "tel": "+447700", "empty": ""}


def test_another_document_than_the_one_that_was_read_has_no_marks() -> None:
    assert marked_document(Body('{"a": 1}'), {"b": 1}) is None
    assert marked_document(Body("[1]"), [1, 2]) is None
    assert marked_document(Body('"text"'), "else") is None
    assert mark_of(marked_document(Body(' "te\\u0078t"'), "text")) is not None
    assert marked_document(Body("words"), {"a": 1}) is None
