"""SIGKILL at random moments while people buy; ``./nexnum bench torture`` does 200 of them."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.harness import Console
from bench.kills import kill_at_random

pytestmark = [pytest.mark.torture, pytest.mark.timeout(240)]

KILLS = 5
SEED = 20260801


def test_kills_at_random_lose_nothing(console: Console) -> None:
    killed = Counter[str]()
    kill_at_random(console, KILLS, SEED, killed)
    assert killed.total() == KILLS
