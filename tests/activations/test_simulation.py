"""Random faults and deaths against the real code: one integer seed replays a run.

After the dust has settled every invariant holds (checked by the fixture), no number is without an
owner, and the carrier has charged us for exactly the numbers that our books know of.
"""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from nexnum_console.activations import cancel, lanes, polling, purchase, reconcile
from nexnum_console.activations.closing import close_due, drop_orphans
from nexnum_console.activations.sweep import sweep
from nexnum_console.core.errors import BusinessError
from tests.support.loops import finish

MOODS = (
    ["sell"] * 8
    + ["lose"] * 2
    + ["sell_and_lose"] * 3
    + ["refuse", "no_numbers", "rate_limited", "no_balance", "twice"]
)
STEPS = 60


class Died(BaseException):
    """The process ends here, between two statements."""


class Simulation:
    def __init__(self, world, monkeypatch) -> None:
        self.world = world
        self.rng = world.rng
        self.deaths = Counter()
        for module in (purchase, cancel, polling, reconcile):
            monkeypatch.setattr(module, "failpoint", self.failpoint)
        for carrier in world.carriers.values():
            carrier.mood = lambda: self.rng.choice(MOODS)

    def failpoint(self, name: str) -> None:
        if self.rng.random() < 0.08:
            self.deaths[name] += 1
            raise Died

    def run(self) -> None:
        steps = [self.buy, self.buy, self.buy, self.poll, self.settle, self.cancel, self.sms]
        for _ in range(STEPS):
            self.attempt(self.rng.choice(steps))
            self.world.clock.advance(self.rng.uniform(0, 12))
        self.calm_down()

    def attempt(self, step) -> None:
        try:
            step()
        except (Died, BusinessError):
            return

    def buy(self) -> None:
        wish = purchase.Order(self.world.user_id, "telegram", "GB", max_price=200_000)
        purchase.purchase(self.world.desk, wish)

    def poll(self) -> None:
        for account_id in self.world.carriers:
            lane = lanes.take(self.world.desk.database, account_id, "poll", "t", self.world.clock())
            if lane is not None:
                once = partial(next, iter((True, False)), False)
                finish(polling.poll_lane(self.world.desk, lane, once))
                lane.leave()

    def settle(self) -> None:
        sweep(self.world.desk)
        for account_id, played in self.world.carriers.items():
            played.listing_fails = self.rng.random() < 0.3
            carrier = self.world.desk.carriers.get(account_id)
            close_due(self.world.desk, carrier)
            reconcile.reconcile(self.world.desk, carrier)
            drop_orphans(self.world.desk, carrier)

    def cancel(self) -> None:
        with self.world.desk.database.transaction() as unit:
            ids = unit.run("select id from activation where state = 'waiting'").scalars().all()
        if ids:
            played = self.rng.choice(list(self.world.carriers.values()))
            played.cancel_answer = self.rng.choice([None, None, "provider_error"])
            cancel.cancel(self.world.desk, self.rng.choice(list(ids)), self.world.user_id)

    def sms(self) -> None:
        live = [n for c in self.world.carriers.values() for n in c.live()]
        if live:
            self.rng.choice(live).codes.append(str(self.rng.randint(100_000, 999_999)))

    def calm_down(self) -> None:
        """No more faults; time passes until everything is over."""
        self.failpoint = lambda name: None
        for module in (purchase, cancel, polling, reconcile):
            module.failpoint = self.failpoint
        for carrier in self.world.carriers.values():
            carrier.cancel_answer = None
        self.rng.random = lambda: 1.0
        for _ in range(25):
            self.world.clock.advance(61)
            self.settle()
            self.poll()


@pytest.mark.parametrize("seed", range(12))
def test_whatever_breaks_the_books_and_the_carriers_agree(make_world, monkeypatch, seed):
    world = make_world(seed=seed, settle=30, lifetime=300)
    simulation = Simulation(world, monkeypatch)
    simulation.run()
    with world.desk.database.transaction() as unit:
        states = Counter(unit.run("select state from activation").scalars())
        bound = set(unit.run("select upstream_id from activation").scalars()) - {None}
        strays = dict(
            unit.run("select upstream_id, state from sighting where state <> 'bound'").all()
        )
        booked = unit.scalar(
            "select coalesce(sum(e.amount), 0) from entry e join account a on a.id = e.account_id"
            " where a.code like 'float:%'"
        )
    assert not states.keys() & {"buying", "confirming", "waiting", "cancelling", "received"}
    assert world.balance()[1] == 0
    charged = 0
    for carrier in world.carriers.values():
        for number in carrier.numbers.values():
            assert number.id in bound or strays.get(number.id) in {"cancelled", "lost"}, number
            charged += 100_000 if number.codes and number.state != "cancelled" else 0
    assert booked == charged
