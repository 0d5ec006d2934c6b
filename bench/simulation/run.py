"""One seed: people buy, carriers fail, processes die; then calm, and the truth is compared."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from bench.simulation import truth
from bench.simulation.base import Edits, PlayedDatabase, Statistics
from bench.simulation.carriers import PlayedCarrier
from bench.simulation.sold import Sold, Trouble
from bench.simulation.stage import Broken, Stage
from bench.simulation.world import (
    COUNTRIES,
    SERVICES,
    UNIT,
    Buyer,
    World,
    build,
    on_stage,
    set_price,
)
from nexnum_console.activations import aftercare, cancel, inbound, lanes, polling, reconcile
from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.activations.sweep import sweep
from nexnum_console.core.errors import BusinessError
from nexnum_console.wallet import ledger

ARRIVALS_A_SECOND: Final = 12.0
# Faults go on after the last buyer came.
TAIL: Final = 100.0
TICK: Final = 2.0
SWEEP_EVERY: Final = 5.0
LOOK_EVERY: Final = 40.0
CALM_TICK: Final = 30.0
CALM_MOST: Final = 7_200.0
LANE_SECONDS: Final = 25.0
DEATH_RATE: Final = 0.0015
JUMP: Final = 600.0
# Seconds before a number's end.
NEAR: Final = 25.0

MOODS: Final = {
    "sell": 66,
    "slow": 2,
    "lose": 3,
    "sell_and_lose": 7,
    "sell_late": 3,
    "refuse": 5,
    "no_numbers": 6,
    "rate_limited": 3,
    "no_balance": 2,
    "twice": 3,
}
# Of these, as of a price that changes, an order may end without its number: only odd seeds have
# them, so that in even ones no orphan is excused.
UNFAIR: Final = {"sell_too_late": 3, "numberless": 2}


class SimulationFailed(AssertionError):
    """A promise broke; the text replays it."""


@dataclass(frozen=True)
class Outcome:
    """What a seed came to; ``digest`` is the same for the same seed."""

    seed: int
    activations: int
    digest: str
    counts: dict[str, int]
    deaths: dict[str, int]
    states: dict[str, int]
    elapsed_s: float


def run_seed(
    url: str,
    owner_url: str,
    seed: int,
    activations: int,
    edits: Edits | None = None,
    *,
    pace: float = ARRIVALS_A_SECOND,
) -> Outcome:
    """Run one seed in an empty database; ``pace``: buyers a second. Raises SimulationFailed."""
    began = time.perf_counter()
    stage = Stage(seed)
    statistics = Statistics(owner_url)
    database = PlayedDatabase(url, stage, edits or Edits())
    try:
        with on_stage(stage):
            simulation = Simulation(stage, database, statistics, activations, pace)
            try:
                simulation.run()
            finally:
                stage.close()
                simulation.close()
        return simulation.outcome(time.perf_counter() - began)
    except Exception as error:
        raise SimulationFailed(
            f"seed {seed} with {activations} activations, second {stage.now:.1f}:"
            f" {type(error).__name__}: {error}\n  "
            + "\n  ".join(stage.recent)
            + f"\nreplay: NEXNUM_SIM_SEED={seed} NEXNUM_SIM_SIZE={activations}"
            " ./nexnum test tests/activations/test_simulation.py -n0"
        ) from error
    finally:
        database.close()
        statistics.close()


class Simulation:
    """The director: who comes when, and what goes wrong."""

    def __init__(
        self,
        stage: Stage,
        database: PlayedDatabase,
        statistics: Statistics,
        activations: int,
        pace: float,
    ) -> None:
        self.stage = stage
        self._statistics = statistics
        self.fair = stage.seed % 2 == 0
        self.jumps = stage.seed % 4 == 3
        steady = stage.seed % 8 == 7
        trouble = Trouble(
            moods=MOODS if self.fair else MOODS | UNFAIR,
            status_fails=0.05,
            cancel_fails=0.15,
            cancel_lost=0.05,
            resend_lost=0.3,
            slow=0.06,
            keeps=0.0 if self.fair else 0.01,
        )
        buyers = max(6, activations // 60)
        self.world: World = build(stage, database, trouble, buyers, steady=steady)
        self.wanted = activations
        self.busy = activations / pace
        self._holders: dict[tuple[int, str], int] = {}
        self._loops: list[asyncio.AbstractEventLoop] = []
        self._calm = False

    def run(self) -> None:
        """Everything, to the end."""
        stage = self.stage
        for carrier in self.world.carriers.values():
            carrier.on_sale = self._sold
        for _ in range(self.wanted):
            stage.spawn("buyer", self._shop, stage.rng.uniform(0.0, self.busy))
        stage.at(0.0, self._tick)
        stage.at(0.0, self._sweep)
        self._plan_trouble()
        stage.death_rate = DEATH_RATE
        now = 0.0
        while now < self.busy + TAIL:
            now += LOOK_EVERY
            stage.run_until(now)
            truth.always(self.world)
            if stage.seed % 3:
                self._statistics.renew()
        self._calm_down()
        truth.finally_(self.world)

    def close(self) -> None:
        """End the workers' loops."""
        for loop in self._loops:
            loop.close()

    def outcome(self, elapsed: float) -> Outcome:
        """What it came to."""
        with self.world.database.transaction() as unit:
            rows = unit.all("select state, count(*) as n from activation group by 1 order by 1")
        states = {row["state"]: row["n"] for row in rows}
        counts, deaths = dict(self.stage.counts), dict(self.stage.deaths)
        total = sum(states.values())
        self.stage.log("ended", sorted(states.items()))
        return Outcome(
            self.stage.seed, total, self.stage.digest, counts, deaths, states, round(elapsed, 2)
        )

    # --- people ---------------------------------------------------------------------------

    def _shop(self) -> None:
        stage, rng = self.stage, self.stage.rng
        buyer = rng.choice(self.world.buyers)
        order = Order(
            buyer.user_id,
            rng.choice(list(SERVICES)),
            rng.choice(list(COUNTRIES)),
            max_price=rng.choice((None, 200_000, 260_000, 260_000)),
        )
        try:
            bought = purchase(self.world.desk, order)
        except BusinessError as refusal:
            stage.log("refused", buyer.user_id, refusal.code)
            stage.counts[refusal.code] += 1
            return
        stage.log("ordered", bought)
        if rng.random() < 0.3:
            stage.sleep(rng.choice((1.0, 30.0, 119.9, 150.0)) * rng.uniform(0.5, 1.0))
            deeds = (cancel.cancel, cancel.cancel, cancel.cancel, cancel.report)
            self._ask(rng.choice((*deeds, aftercare.resend, aftercare.finish)), bought, buyer)
        while rng.random() < 0.3:
            stage.sleep(rng.uniform(10.0, 90.0))
            self._ask(aftercare.resend, bought, buyer)

    def _ask(self, deed: Any, activation_id: int, buyer: Buyer) -> None:
        stage = self.stage
        try:
            told = deed(self.world.desk, activation_id, buyer.user_id)
        except BusinessError as refusal:
            told = refusal.code
        stage.log(deed.__name__, activation_id, told)
        stage.counts[f"{deed.__name__} {told}"] += 1

    def _top_up(self) -> None:
        number = self.stage.counts["deposits"]
        self.stage.counts["deposits"] += 1
        buyer = self.stage.rng.choice(self.world.buyers)
        cause = ledger.Cause(f"deposit:later-{number}", "test", self.stage.wall())
        with self.world.database.transaction() as unit:
            ledger.deposit(unit, buyer.wallet_id, UNIT // 2, "sandbox", cause)

    # --- carriers -------------------------------------------------------------------------

    def _sold(self, carrier: PlayedCarrier, sold: Sold) -> None:
        stage, rng = self.stage, self.stage.rng
        if rng.random() < 0.35:
            return
        life = sold.ends_at - sold.sold_at
        soon, near = rng.uniform(0.0, life / 3), life - rng.uniform(0.0, NEAR)
        after = rng.choice((soon, rng.uniform(0.0, life), near, life - 1e-3, life))
        stage.at(sold.sold_at + after, lambda: self._text(carrier, sold))
        if rng.random() < 0.05:
            stage.at(sold.sold_at + after + 5.0, lambda: self._text(carrier, sold))
        if rng.random() < 0.02:
            self._push(carrier, sold.id, "666666", rng.uniform(0.0, life))

    def _text(self, carrier: PlayedCarrier, sold: Sold) -> None:
        rng, code = self.stage.rng, carrier.new_code()
        # An event that comes as its number ends races with the poller's last question.
        pushed = 0.8 if sold.ends_at - self.stage.now < NEAR else 0.25
        if not carrier.text(sold, code) or rng.random() > pushed:
            return
        for _ in range(rng.choice((1, 1, 2, 3))):
            self._push(carrier, sold.id, code, rng.choice((0.0, 0.1, 4.0, 40.0)))

    def _push(self, carrier: PlayedCarrier, upstream_id: str, code: str, delay: float) -> None:
        account_id = next(k for k, c in self.world.carriers.items() if c is carrier)
        event = {"event": "sms", "activation_id": upstream_id, "code": code}
        push = inbound.Push(account_id, "", f"{upstream_id}:{code}", "hmac", event, "{}")

        def deliver() -> None:
            self.stage.log("pushed", upstream_id, inbound.take_push(self.world.desk, push))

        self.stage.spawn("webhook", deliver, delay)

    # --- workers --------------------------------------------------------------------------

    def _tick(self) -> None:
        self.stage.spawn("scheduler", self._schedule)
        self.stage.at(self.stage.now + (CALM_TICK if self._calm else TICK), self._tick)

    def _schedule(self) -> None:
        database, desk = self.world.database, self.world.desk
        lanes.claim_for_queue(database, desk.clock())
        for kind in ("poll", "settle"):
            for account_id in sorted(lanes.due(database, kind, desk.clock())):
                self.stage.spawn(f"worker {kind} {account_id}", self._worker(account_id, kind))

    def _worker(self, account_id: int, kind: str) -> Any:
        def work() -> None:
            desk = self.world.desk
            lane = lanes.take(desk.database, account_id, kind, "worker", desk.clock())
            if lane is None:
                return
            more = self._watch(lane)
            if kind == "settle":
                reconcile.settle_lane(desk, lane, more)
            else:
                with self._loop() as loop:
                    calls = loop.run_until_complete(polling.poll_lane(desk, lane, more))
                self.stage.log("polled", account_id, calls)
            lane.leave()

        return work

    def _watch(self, lane: lanes.Lane) -> Any:
        """Whether a worker goes on; broken where two of them hold one lane."""
        key, ends = (lane.account_id, lane.kind), self.stage.now + LANE_SECONDS
        self._holders[key] = lane.fence
        overtaken = 0

        def more() -> bool:
            nonlocal overtaken
            overtaken += self._holders[key] != lane.fence
            if overtaken > 1:
                raise Broken(f"two workers hold the {lane.kind} lane of account {lane.account_id}")
            return self.stage.now < ends

        return more

    @contextmanager
    def _loop(self) -> Iterator[asyncio.AbstractEventLoop]:
        loop = self._loops.pop() if self._loops else asyncio.new_event_loop()
        loop.set_exception_handler(lambda *_: None)
        try:
            yield loop
        except BaseException:
            loop.close()
            raise
        self._loops.append(loop)

    def _sweep(self) -> None:
        self.stage.spawn("sweeper", lambda: sweep(self.world.desk))
        self.stage.at(self.stage.now + (CALM_TICK if self._calm else SWEEP_EVERY), self._sweep)

    # --- what goes wrong ------------------------------------------------------------------

    def _plan_trouble(self) -> None:
        stage, rng, busy = self.stage, self.stage.rng, self.busy
        times = max(2, int(busy / 60))
        for account_id, carrier in self.world.carriers.items():
            for _ in range(times):
                begins = rng.uniform(0.0, busy)
                lasts = carrier.nature.settle * rng.uniform(0.5, 2.2)
                stage.at(begins, lambda c=carrier: self._list_down(c, True))  # type: ignore[misc]
                stage.at(begins + lasts, lambda c=carrier: self._list_down(c, False))  # type: ignore[misc]
                cost = int(carrier.nature.cost * rng.uniform(0.8, 1.5))
                if not self.fair:
                    when = rng.uniform(0.0, busy)
                    stage.at(when, lambda a=account_id, c=cost: self._reprice(a, c))  # type: ignore[misc]
                    stage.at(rng.uniform(0.0, busy), carrier.sell_to_others)
            begins = rng.uniform(0.0, busy)
            stage.at(begins, lambda a=account_id: self.world.shut.add(a))  # type: ignore[misc]
            stage.at(begins + 15.0, lambda a=account_id: self.world.shut.discard(a))  # type: ignore[misc]
        for _ in range(times * 2):
            stage.spawn("deposit", self._top_up, rng.uniform(0.0, busy), mortal=False)
        for _ in range(times // 2 * self.jumps):
            begins, skew = rng.uniform(0.0, busy), rng.choice((-JUMP, JUMP))
            stage.at(begins, lambda s=skew: stage.jump(s))  # type: ignore[misc]
            stage.at(begins + rng.uniform(5.0, 60.0), lambda: stage.jump(0.0))

    def _list_down(self, carrier: PlayedCarrier, down: bool) -> None:
        carrier.trouble.cold = carrier.trouble.listing_down and not down
        carrier.trouble.listing_down = down

    def _reprice(self, account_id: int, cost: int) -> None:
        carrier = self.world.carriers[account_id]
        carrier.steps.append(self.stage.now)
        self.stage.log("price", account_id, cost)
        set_price(self.world, account_id, cost, synced=False)
        delay = self.stage.rng.uniform(5.0, 20.0)
        self.stage.spawn(
            "sync", lambda: set_price(self.world, account_id, cost, synced=True), delay
        )

    def _calm_down(self) -> None:
        """No more faults; time passes until everything is over."""
        stage = self.stage
        stage.death_rate, self._calm, stage.skew = 0.0, True, 0.0
        for carrier in self.world.carriers.values():
            carrier.trouble = replace(
                carrier.trouble,
                status_fails=0.0,
                cancel_fails=0.0,
                cancel_lost=0.0,
                resend_lost=0.0,
                slow=0.0,
                listing_down=False,
                cold=False,
            )
        ends = stage.now + CALM_MOST
        stage.run_until(stage.now + 300.0)
        while truth.open_questions(self.world) and stage.now < ends:
            stage.run_until(stage.now + 120.0)
