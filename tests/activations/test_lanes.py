"""A lane is one worker's: as long as it works, and not a moment after another took it."""

from __future__ import annotations

import time
from datetime import timedelta

from nexnum_console.activations import lanes


def _taken(world, holder: str):
    return lanes.take(world.desk.database, world.account(), "settle", holder, world.clock())


def test_a_lane_is_kept_while_its_work_waits_for_a_slow_carrier(world, monkeypatch):
    monkeypatch.setattr(lanes, "RENEW", timedelta(seconds=0.02))
    lane = _taken(world, "slow")
    with lanes.kept(lane, world.clock):
        for _ in range(5):
            world.clock.advance(lanes.LEASE_SECONDS / 2)
            seen = lane.renewed_at
            until = time.monotonic() + 5
            while lane.renewed_at == seen:
                assert time.monotonic() < until, "nobody renews it"
                time.sleep(0.01)
            assert _taken(world, "other") is None
    world.clock.advance(lanes.LEASE_SECONDS + 1)
    assert _taken(world, "other") is not None, "whose work is over keeps nobody out"


def test_a_lane_that_was_lost_is_not_believed_to_be_held_a_moment_later(world):
    lane = _taken(world, "slow")
    world.clock.advance(lanes.LEASE_SECONDS + 1)
    assert _taken(world, "other") is not None
    assert not lane.renew(world.clock())
    assert not lane.renew(world.clock())
