"""How likely each is to lead, beside how often each really does."""

from __future__ import annotations

from random import Random

import pytest

from nexnum_console.routing.odds import Odds, chances

ROUNDS = 6_000


def drawn(odds: list[Odds], rng: Random) -> list[float]:
    """How often each draws the highest; who ties shares it."""
    led = [0.0] * len(odds)
    for _ in range(ROUNDS):
        utilities = [each.at(each.drawn(rng)) for each in odds]
        best = max(utilities)
        first = [place for place, utility in enumerate(utilities) if utility == best]
        led[rng.choice(first)] += 1
    return [each / ROUNDS for each in led]


def test_nobody_and_one_alone() -> None:
    assert chances([]) == []
    assert chances([Odds(0.0, 1.0, 0.5, 1.0, 0.0)]) == [1.0]


def test_an_outage_of_a_provider_with_the_three_best_offers() -> None:
    """All but surely they are out of order, and the fourth leads."""
    best = [Odds(1.5, 0.3, 0.05, 200_000.0, base) for base in (60_000.0, 61_000.0, 62_000.0)]
    other = Odds(1.5, 0.3, 0.9, 200_000.0, 150_000.0)
    likely = chances([*best, other])
    assert likely[3] == pytest.approx(0.95**3 * 0.9, abs=0.02)
    assert sum(likely) == pytest.approx(1)


def test_everybody_is_probably_out_of_order() -> None:
    odds = [Odds(2.0, 0.2, 0.01, 100_000.0, base) for base in (50_000.0, 40_000.0)]
    likely = chances(odds)
    assert likely[1] > 0.97
    assert min(likely) > 0


@pytest.mark.parametrize("seed", range(24))
def test_chances_are_how_often_each_really_leads(seed: int) -> None:
    rng = Random(seed)
    odds = [
        Odds(
            centre=rng.gauss(0.5, 1.5),
            spread=rng.choice([0.05, 0.2, 0.6, 1.5]),
            working=rng.choice([0.02, 0.05, 0.5, 0.85, 0.99]),
            slope=rng.choice([50_000.0, 100_000.0, 300_000.0]),
            base=rng.choice([20_000.0, 50_000.0, 100_000.0]),
        )
        for _ in range(rng.choice([2, 3, 4, 6, 12]))
    ]
    if seed % 3 == 0:
        odds += [odds[0]] * 2
    for chance, share in zip(chances(odds), drawn(odds, rng), strict=True):
        assert chance == pytest.approx(share, abs=0.03)
