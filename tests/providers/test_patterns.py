"""Groups found the short way are the groups that RE2's own wrapper finds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexnum_console.providers.patterns import BadPattern, Groups, literal_start, pattern

PIECES = st.sampled_from(
    [
        "^",
        "(?s)",
        "STATUS_OK:",
        "ab",
        r"\s*",
        "(?<code>.+)",
        "(?<other>[^:|]*)",
        "(?:a|b)",
        "(?<maybe>x)?",
        "|",
        "[|(]",
        "[]a|]",
        r"\|",
        r"\(",
        "$",
        "?",
        "+",
        "{2}",
        "'",
        ".*",
        r"\d+",
        "(",
        ")",
        "é",
    ]
)
TEXTS = st.lists(
    st.sampled_from(
        [
            "STATUS_OK:",
            "ab",
            "a",
            "x",
            " ",
            "\n",
            "4821",
            "|",
            "(",
            "'",
            "é",
            "STATUS_",
            "]",
            "👍",
            "4" * 600,
        ]
    ),
    max_size=8,
).map("".join)


@settings(max_examples=500, deadline=None)
@given(written=st.lists(PIECES, max_size=7).map("".join), texts=st.lists(TEXTS, max_size=6))
def test_the_short_way_finds_what_finditer_finds(written: str, texts: list[str]) -> None:
    try:
        groups = Groups(written)
    except BadPattern:
        return
    compiled = pattern(written)
    for text in (*texts, literal_start(written), literal_start(written) + "ab"):
        found = [match.groupdict() for match in compiled.finditer(text)]
        assert groups.all(text) == found
        assert not found or text.startswith(literal_start(written))


@pytest.mark.parametrize(
    ("written", "start"),
    [
        (r"(?s)^STATUS_OK:\s*(?<code>.+)$", "STATUS_OK:"),
        (r"^ACCESS_BALANCE:(?<balance>-?[0-9.]+)$", "ACCESS_BALANCE:"),
        ("^abc?", "ab"),
        ("^abc|def", ""),
        ("^(abc|def)", ""),
        ("abc", ""),
        ("(?i)^abc", ""),
        ("^a.b", "a"),
        (r"^ab\|c", "ab"),
        ("^ab[[:alpha:](]|c", ""),
        (r"^ab\Q(\E|c", ""),
    ],
)
def test_a_start_is_told_only_where_it_is_certain(written: str, start: str) -> None:
    assert literal_start(written) == start


def test_the_short_way_is_there() -> None:
    assert Groups("^abc(?<rest>.*)$")._search is not None, "RE2's wrapper changed its inside"
