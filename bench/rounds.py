"""Loops that measure, and the statistics that a busy machine cannot spoil: medians of rounds."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from math import ceil
from statistics import median
from threading import Barrier


@dataclass(frozen=True, slots=True)
class Sample:
    """One round of one measurement. Where known: ``times`` are seconds of single calls,
    ``cpu`` seconds of processor that this process spent on one."""

    per_second: float
    count: int
    times: tuple[float, ...] = ()
    cpu: float | None = None


@dataclass(slots=True)
class Series:
    """All rounds of one measurement."""

    samples: list[Sample] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """The median round."""
        return median(sample.per_second for sample in self.samples)

    @property
    def count(self) -> int:
        """Calls in all rounds together."""
        return sum(sample.count for sample in self.samples)

    @property
    def times(self) -> list[float]:
        """Seconds of every single call."""
        return [each for sample in self.samples for each in sample.times]

    def ratio(self, other: Series) -> float:
        """The median of the ratios within each round, where both met the same machine."""
        pairs = zip(self.samples, other.samples, strict=True)
        return median(mine.per_second / theirs.per_second for mine, theirs in pairs)

    def document(self) -> dict[str, float | int]:
        """The figures as JSON values; times in ms."""
        found: dict[str, float | int] = {
            "per_second": round(self.per_second, 1),
            "count": self.count,
            "rounds": len(self.samples),
        }
        if self.times:
            found["median_ms"] = milliseconds(median(self.times))
            found["p95_ms"] = milliseconds(percentile(self.times, 95))
        if cpu := [sample.cpu for sample in self.samples if sample.cpu is not None]:
            found["cpu_ms"] = milliseconds(median(cpu))
        return found


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that ``percent`` of all do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]


def milliseconds(seconds: float) -> float:
    """Seconds as ms with two decimals."""
    return round(seconds * 1000, 2)


def in_threads(
    work: Callable[[int], None], *, threads: int, seconds: float, count_cpu: bool = True
) -> Sample:
    """Call ``work(thread)`` again and again from each thread for ``seconds``.

    ``count_cpu`` is for work that is done in this process rather than asked of another.
    The first error of any thread ends the measurement and is raised.
    """
    began, spent = time.perf_counter(), time.process_time()
    together = Barrier(threads)

    def loop(thread: int) -> list[float]:
        times: list[float] = []
        together.wait()
        ends = time.perf_counter() + seconds
        while (started := time.perf_counter()) < ends:
            work(thread)
            times.append(time.perf_counter() - started)
        return times

    with ThreadPoolExecutor(threads) as pool:
        times = [took for found in pool.map(loop, range(threads)) for took in found]
    elapsed, cpu = time.perf_counter() - began, time.process_time() - spent
    each = cpu / len(times) if count_cpu else None
    return Sample(len(times) / elapsed, len(times), tuple(times), each)


def alternating(works: Sequence[Callable[[], None]], *, seconds: float) -> list[list[float]]:
    """Call each of ``works`` in turn for ``seconds``; returns the seconds of each one's calls."""
    times: list[list[float]] = [[] for _ in works]
    ends = time.perf_counter() + seconds
    while time.perf_counter() < ends:
        for place, work in enumerate(works):
            started = time.perf_counter()
            work()
            times[place].append(time.perf_counter() - started)
    return times
