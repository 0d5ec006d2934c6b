"""Which pages are looked at, by whom, and what stands for a route's parameter."""

from __future__ import annotations

import pytest

from nexnum_console.core.db import Database
from nexnum_console.operations.registration import register
from nexnum_console.trial import gallery
from nexnum_console.trial.single import TrialFailed

EXAMPLES = dict.fromkeys(gallery.EXAMPLES, "1")


def test_each_area_is_seen_by_its_people() -> None:
    routes = ["/", "/login", "/store", "/store/settings", "/console", "/console/users/[user_id]"]
    found = {stop.name: stop for stop in gallery.stops(routes, EXAMPLES | {"user_id": "7"})}
    assert {name: stop.who for name, stop in found.items()} == {
        "front": "stranger",
        "login": "stranger",
        "store": "buyer",
        "store-settings": "buyer",
        "console": "admin",
        "console-users-one": "admin",
        "store-offers": "buyer",
        "store-again": "buyer",
        "console-ledger-account": "admin",
        "console-deposit": "admin",
        "console-deposit-second": "admin",
        "console-deposits-suspense-one": "admin",
        "console-deposits-approval": "admin",
        "console-deposits-coupon": "admin",
        "console-deposits-penalty": "admin",
    }
    assert found["store-again"].path == "/store?again=1"
    assert found["console-users-one"].path == "/console/users/7"


def test_a_route_without_an_example_is_not_left_out_silently() -> None:
    with pytest.raises(TrialFailed, match=r"\[unheard_of\]"):
        gallery.stops(["/console/[unheard_of]"], {"user_id": "7"})


def test_examples_come_from_the_database(database: Database) -> None:
    assert "user_id" not in gallery.examples(database)
    user_id = register(database, gallery.BUYER, "a long password 1", currency="USD")
    assert gallery.examples(database)["user_id"] == str(user_id)
