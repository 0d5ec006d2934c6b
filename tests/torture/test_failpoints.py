"""kill -9 at every named place: within seconds the order is settled or visibly held."""

from __future__ import annotations

import fcntl
import json
from collections import Counter
from typing import Any

import pytest

from nexnum_console.core.failpoints import POINTS
from tests.support.services import SharedServices
from tests.torture.falls import POLLING, SETTLING, WEB, all_falls
from tests.torture.harness import RECOVERY

pytestmark = [pytest.mark.torture, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def falls(
    stack_services: SharedServices, request: pytest.FixtureRequest
) -> dict[str, dict[str, Any]]:
    """What each story saw. Told once for a whole run: they run side by side, for two minutes."""
    told = stack_services.folder / "falls.json"
    with (stack_services.folder / "falls.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            told.write_text(json.dumps(all_falls(request.getfixturevalue("console"))))
        return json.loads(told.read_text())


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
