"""Codes in a corpus of messages as senders word them: measured, and what fails is named."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from nexnum_console.providers.otp import extract

LEAST = 0.99
CORPUS = [
    json.loads(line)
    for line in (Path(__file__).parent / "otp_corpus.jsonl").read_text("utf-8").splitlines()
]


def test_the_corpus_is_wide_enough_to_mean_something() -> None:
    languages = Counter(message["language"] for message in CORPUS)
    without = sum(message["code"] is None for message in CORPUS)

    assert len(CORPUS) >= 300
    assert len(languages) >= 15
    assert without >= 30


@pytest.mark.parametrize("language", [None, *sorted({m["language"] for m in CORPUS})])
def test_codes_are_found(language: str | None) -> None:
    chosen = [message for message in CORPUS if language in {None, message["language"]}]
    wrong = [
        f"{message['text']!r}: {message['code']} is {found}"
        for message in chosen
        if (found := extract(message["text"])) != message["code"]
    ]
    most_wrong = (1 - LEAST) * len(chosen) if language is None else max(1, len(chosen) // 20)

    assert len(wrong) <= most_wrong, "\n".join(wrong)
