"""Workers of their own processes are killed, for real, and every message still arrives."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest

from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import Database
from nexnum_console.core.outbox import Outbox
from nexnum_console.stack.layout import CHECKOUT
from tests.support.services import DatabaseUrls

KEYS, EACH = 25, 16
SEED = 20261126


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "delivered"
    made.touch()
    return made


def child(urls: DatabaseUrls, file: Path, mode: str = "live") -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.core.outbox_child", urls.app, str(file), mode],
        cwd=CHECKOUT,
    )


def put(database: Database, key: str, *numbers: int) -> None:
    with database.transaction() as unit:
        for number in numbers:
            Outbox(lambda topic: None).put(unit, "told", key, {"number": number}, now=utc_now())


def delivered(file: Path) -> list[list[str]]:
    return [line.split() for line in file.read_text().splitlines()]


def states(database: Database) -> dict[str, int]:
    with database.transaction() as unit:
        rows = unit.all("select state, count(*) as number from outbox group by state")
        return {row["state"]: row["number"] for row in rows}


@pytest.mark.parametrize(("mode", "lines"), [("before", 0), ("after", 1)])
def test_a_worker_killed_over_a_message_is_followed_by_another(
    database: Database, fresh_urls: DatabaseUrls, file: Path, mode: str, lines: int
) -> None:
    put(database, "activation:1", 1)
    assert child(fresh_urls, file, mode).wait(30) == -signal.SIGKILL
    assert len(delivered(file)) == lines
    assert states(database) == {"waiting": 1}
    assert child(fresh_urls, file).wait(30) == 0
    assert len(delivered(file)) == lines + 1
    assert len({message for message, _, _ in delivered(file)}) == 1, "one id for both copies"
    assert states(database) == {"done": 1}


def test_random_kills_lose_nothing_and_keep_the_order_of_every_key(
    database: Database, fresh_urls: DatabaseUrls, file: Path
) -> None:
    rng = random.Random(SEED)
    for number in range(EACH):
        for key in rng.sample(range(KEYS), KEYS):
            put(database, f"activation:{key}", number)
    kills = 0
    while states(database).get("waiting"):
        workers = [child(fresh_urls, file), child(fresh_urls, file)]
        enough = len(delivered(file)) + rng.randrange(30, 120)
        _wait_for(lambda n=enough, all_=workers: len(delivered(file)) > n or _all_ended(all_))
        for worker in workers:
            if worker.poll() is None:
                worker.kill()
                kills += 1
            worker.wait()
    once: dict[str, list[int]] = defaultdict(list)
    seen: set[str] = set()
    for message, key, number in delivered(file):
        if message not in seen:
            seen.add(message)
            once[key].append(int(number))
    assert kills >= 4
    assert len(once) == KEYS
    assert all(numbers == list(range(EACH)) for numbers in once.values())
    assert states(database) == {"done": KEYS * EACH}


def _all_ended(workers: list[subprocess.Popen[bytes]]) -> bool:
    """Nothing was left for them to do."""
    return all(worker.poll() is not None for worker in workers)


def _wait_for(true, seconds: float = 20.0) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends and not true():
        time.sleep(0.01)
