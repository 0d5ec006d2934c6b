"""What makes a picture a fault."""

from __future__ import annotations

import pytest

from nexnum_console.commands.screenshots import faults_of
from nexnum_console.trial.browsing import Looked
from nexnum_console.trial.gallery import Stop

OFFERS = Stop("offers", "/store?service=telegram", "buyer")


@pytest.mark.parametrize("landed", ["/store?service=telegram", "/store/?service=telegram"])
def test_a_quiet_page_in_its_place_is_fine(landed: str) -> None:
    assert faults_of(Looked(OFFERS, 390, landed=landed)) == []


@pytest.mark.parametrize(
    ("looked", "told"),
    [
        (Looked(OFFERS, 390, ["boom"], landed="/store"), "offers at 390 px: boom"),
        (
            Looked(OFFERS, 390, over_px=12, landed="/store"),
            "offers at 390 px: 12 px stick out sideways",
        ),
        (
            Looked(OFFERS, 390, landed="/login"),
            "offers at 390 px: /store?service=telegram led to /login",
        ),
    ],
)
def test_a_complaint_a_wide_page_and_a_closed_door_are_told(looked: Looked, told: str) -> None:
    assert faults_of(looked) == [told]
