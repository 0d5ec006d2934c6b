"""A press on a word that no group holds proposes the regex that holds it."""

from __future__ import annotations

import pytest

from nexnum_console.providers.patterns import pattern
from nexnum_console.reports.lab_groups import with_group


@pytest.mark.parametrize(
    ("written", "text", "word", "wanted"),
    [
        (
            r"ACCESS_NUMBER:(?P<id>\d+)",
            "ACCESS_NUMBER:38496653:66846426435",
            "66846426435",
            r"ACCESS_NUMBER\:?",
        ),
        (r"^(?<state>\w+):(?<code>\d+)$", "STATUS_OK:4821", "STATUS_OK", None),
        (r"(?i)ok (?P<id>[^;(\])]+)", "OK a7; price=0.42 RUB", "0.42", r"(?i)"),
        (r"^OK:(?P<id>\d+):.*$", "OK:5:Jane Doe", "Jane", "^OK"),
    ],
)
def test_the_proposal_keeps_every_group_and_adds_one(
    written: str, text: str, word: str, wanted: str | None
) -> None:
    start = text.index(word)
    found = with_group(written, text, start, start + len(word), "new")
    if wanted is None:
        assert found is None, "a group within a group is beyond a proposal"
        return
    assert found is not None
    assert found.startswith(wanted.removesuffix(r"\:?"))
    match, before = pattern(found).search(text), pattern(written).search(text)
    assert match.group("new") == word
    kept = {name: value for name, value in match.groupdict().items() if name != "new"}
    assert kept == before.groupdict()


def test_it_reads_the_next_answer_as_well() -> None:
    text = "ACCESS_NUMBER:38496653:66846426435"
    found = with_group(r"^ACCESS_NUMBER:(?P<id>\d+)", text, 23, 34, "phone")
    assert found == r"^ACCESS_NUMBER\:(?P<id>\d+)\:(?P<phone>\d+)"
    assert pattern(found).search("ACCESS_NUMBER:9:447700900123").group("phone") == "447700900123"


def test_what_does_not_match_or_is_named_already_has_no_proposal() -> None:
    assert with_group(r"NO:(?P<id>\d+)", "YES:5", 4, 5, "x") is None
    assert with_group(r"NO:(?P<id>\d+)", "NO:5:6", 5, 6, "id") is None
    assert with_group(r"NO:(", "NO:5:6", 5, 6, "id") is None
