"""Virtual time, and processes that act in it one at a time.

An actor is a thread that runs only while it holds the baton, so that one integer seed decides
every interleaving. Whatever waits (a carrier's answer, a pause between looks) gives the baton
back and a heap of events says who goes on, and when.
"""

from __future__ import annotations

import hashlib
import heapq
import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

START: Final = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
REMEMBERED: Final = 40


class Died(BaseException):
    """The process ends here, between two statements; nothing of it runs on."""


class Broken(AssertionError):
    """A promise does not hold."""


@dataclass
class Actor:
    """One process. ``dead``: whatever it still tries ends at once."""

    name: str
    mortal: bool = True
    dead: bool = False


class _Hand(threading.Thread):
    """A thread that plays one actor after the other."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(daemon=True)
        self._stage = stage
        self.turn = threading.Semaphore(0)
        self.job: tuple[Actor, Callable[[], object]] | None = None

    def run(self) -> None:
        while True:
            self.turn.acquire()
            if self.job is None:
                return
            self._stage.play(*self.job)
            self._stage.rest(self)


class Stage:
    """One run: its clock, its chance, its log. ``death_rate``: of passing any point alive."""

    def __init__(self, seed: int, *, death_rate: float = 0.0) -> None:
        self.seed = seed
        self.rng = Random(seed)
        self.death_rate = death_rate
        self.now = 0.0
        self.skew = 0.0
        self.jumps: list[float] = []
        self.counts: Counter[str] = Counter()
        self.deaths: Counter[str] = Counter()
        self.recent: deque[str] = deque(maxlen=REMEMBERED)
        self._digest = hashlib.sha256()
        self._looks = 0
        self._order = 0
        self._heap: list[tuple[float, int, Callable[[], object]]] = []
        self._main = threading.Semaphore(0)
        self._idle: list[_Hand] = []
        self._hands: list[_Hand] = []
        self._playing: tuple[Actor, _Hand] | None = None
        self._failure: BaseException | None = None

    # --- time -----------------------------------------------------------------------------

    def wall(self) -> datetime:
        """What our computers' clocks show; a microsecond passes at each look, so order is kept."""
        self._looks += 1
        return START + timedelta(seconds=self.now + self.skew, microseconds=self._looks)

    def true_time(self) -> datetime:
        """What the carriers' clocks show."""
        return START + timedelta(seconds=self.now)

    def monotonic(self) -> float:
        """Seconds that no jump of the wall clock touches."""
        return self.now

    def jump(self, skew: float) -> None:
        """Set the wall clock ``skew`` seconds off; carriers and intervals know nothing of it."""
        self.log("clock", skew)
        self.skew = skew
        self.jumps.append(self.now)

    def at(self, when: float, event: Callable[[], object]) -> None:
        """Let something happen at a virtual second; events of one second keep their order."""
        self._order += 1
        heapq.heappush(self._heap, (max(when, self.now), self._order, event))

    def spawn(
        self, name: str, work: Callable[[], object], delay: float = 0.0, *, mortal: bool = True
    ) -> None:
        """Start a process after ``delay`` seconds."""
        self.at(self.now + delay, lambda: self._start(Actor(name, mortal), work))

    def run_until(self, when: float) -> None:
        """Let everything happen that is due by then. Raises what a process could not bear."""
        while self._heap and self._heap[0][0] <= when:
            self.now, _, event = heapq.heappop(self._heap)
            event()
            if self._failure is not None:
                raise self._failure
        self.now = max(self.now, when)

    def close(self) -> None:
        """End every thread; actors that wait die there."""
        for hand in self._hands:
            if hand not in self._idle:
                hand.job = None
        self.death_rate = 0.0
        while self._heap:
            _, _, event = heapq.heappop(self._heap)
            if isinstance(event, _Wake):
                event.actor.dead = True
                event()
        for hand in self._idle:
            hand.job = None
            hand.turn.release()
        for hand in self._hands:
            hand.join(5)

    # --- actors ---------------------------------------------------------------------------

    def sleep(self, seconds: float) -> None:
        """Wait in virtual time, while others act."""
        assert self._playing is not None, "only an actor sleeps"
        actor, hand = self._playing
        self.at(self.now + max(seconds, 0.0), _Wake(self, actor, hand))
        self._main.release()
        hand.turn.acquire()
        if actor.dead:
            raise Died

    def may_die(self, place: str) -> None:
        """A place where the process that acts may end."""
        if self._playing is None:
            return
        actor = self._playing[0]
        if actor.dead:
            raise Died
        if self.death_rate and actor.mortal and self.rng.random() < self.death_rate:
            actor.dead = True
            self.deaths[place] += 1
            self.log("died", actor.name, place)
            raise Died

    def log(self, *words: Any) -> None:
        """Write one line of what happened; the digest covers every line."""
        line = f"{self.now:.3f} " + " ".join(map(str, words))
        self.recent.append(line)
        self._digest.update(line.encode())

    @property
    def digest(self) -> str:
        """The whole log in 64 hexadecimal digits."""
        return self._digest.hexdigest()

    def play(self, actor: Actor, work: Callable[[], object]) -> None:
        """Run one actor to its end, in a hand's thread."""
        try:
            work()
        except Died:
            return
        except BaseException as error:  # noqa: BLE001  the run's own thread raises it
            self._failure = self._failure or error

    def rest(self, hand: _Hand) -> None:
        """The hand has played its actor; the baton goes back."""
        self._idle.append(hand)
        self._main.release()

    def _start(self, actor: Actor, work: Callable[[], object]) -> None:
        if self._idle:
            hand = self._idle.pop()
        else:
            hand = _Hand(self)
            self._hands.append(hand)
            hand.start()
        hand.job = (actor, work)
        self.hand_over(actor, hand)

    def hand_over(self, actor: Actor, hand: _Hand) -> None:
        """Let an actor act until it waits or ends."""
        self._playing = (actor, hand)
        hand.turn.release()
        self._main.acquire()
        self._playing = None


class _Wake:
    """The event that lets a waiting actor go on."""

    def __init__(self, stage: Stage, actor: Actor, hand: _Hand) -> None:
        self._stage = stage
        self.actor = actor
        self._hand = hand

    def __call__(self) -> None:
        self._stage.hand_over(self.actor, self._hand)
