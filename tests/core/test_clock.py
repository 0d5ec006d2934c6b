"""Deadlines go by the time that passes, whatever is done to the host's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from nexnum_console.core.clock import SteadyClock

START = datetime(2026, 11, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Host:
    """A computer whose clock can be set; ``error`` is how far it is off."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.error = timedelta()
        self.steady = SteadyClock(lambda: START + self._since + self.error, lambda: self.passed)

    def another(self) -> SteadyClock:
        """The clock of a process that starts now."""
        return SteadyClock(lambda: START + self._since + self.error, lambda: self.passed)

    @property
    def _since(self) -> timedelta:
        return timedelta(seconds=self.passed)

    def seconds(self) -> float:
        return (self.steady() - START).total_seconds()


def test_time_passes_as_it_does() -> None:
    host = Host()
    host.passed = 3_600.0
    assert host.seconds() == 3_600.0
    assert host.steady.ahead == timedelta()


def test_a_jump_is_left_out_and_told_and_forgotten_when_it_is_taken_back() -> None:
    for jump in (10 * MINUTE, -10 * MINUTE):
        host = Host()
        host.passed = 60.0
        host.error = jump
        assert host.seconds() == 60.0
        assert host.steady.ahead == jump
        host.passed = 120.0
        assert host.seconds() == 120.0
        host.error = timedelta()
        assert host.seconds() == 120.0
        assert host.steady.ahead == timedelta()


def test_a_clock_that_is_corrected_little_by_little_is_followed() -> None:
    host = Host()
    for second in range(1, 31):
        host.passed, host.error = float(second), timedelta(seconds=second)
        assert host.seconds() == 2.0 * second
    assert host.steady.ahead == timedelta()


def test_two_jumps_add_up() -> None:
    host = Host()
    for jumps in (1, 2):
        host.error = jumps * MINUTE
        assert host.steady.ahead == jumps * MINUTE
    assert host.seconds() == 0.0


def test_who_starts_while_the_clock_is_wrong_tells_the_time_of_those_who_run() -> None:
    host = Host()
    host.passed, host.error = 60.0, 10 * MINUTE
    late = host.another()
    assert late() - START == 11 * MINUTE
    late.take_over(host.steady.told())
    assert late() - START == MINUTE
    assert late.ahead == 10 * MINUTE
    host.passed, host.error = 120.0, timedelta()
    assert late() - START == 2 * MINUTE
    assert late.ahead == timedelta()


def test_who_starts_with_the_right_clock_goes_by_it() -> None:
    host = Host()
    host.passed, host.error = 60.0, timedelta(seconds=2)
    late = host.another()
    late.take_over(host.steady.told())
    assert late.ahead == timedelta()
