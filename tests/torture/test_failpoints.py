"""kill -9 at every named place: within seconds the order is settled or visibly held."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from bench.falls import POLLING, SETTLING, WEB, all_falls
from bench.harness import RECOVERY, Console
from nexnum_console.core.failpoints import POINTS

pytestmark = [pytest.mark.torture, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def falls(console: Console) -> dict[str, dict[str, Any]]:
    """What each story saw; they run side by side, for two minutes."""
    return all_falls(console)


def test_every_point_has_its_story_once() -> None:
    stories = Counter(story.point for story in (*WEB, *POLLING, *SETTLING))
    assert stories == Counter(POINTS)


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_loses_nothing(point: str, falls: dict[str, dict[str, Any]]) -> None:
    seen = falls[point]
    assert not seen["problem"], seen
    assert seen["recovery_s"] <= RECOVERY


def test_the_books_agree_after_all_of_them(falls: dict[str, dict[str, Any]]) -> None:
    assert not falls["audit"]["problem"]
