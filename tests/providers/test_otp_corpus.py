"""Codes in a corpus of messages as senders word them: measured, and what fails is named."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

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


def test_codes_are_found() -> None:
    wrong = [
        f"{message['language']} {message['text']!r}: {message['code']} is {found}"
        for message in CORPUS
        if (found := extract(message["text"])) != message["code"]
    ]

    assert len(wrong) <= (1 - LEAST) * len(CORPUS), "\n".join(wrong)
