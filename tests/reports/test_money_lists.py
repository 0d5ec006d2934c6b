"""Money moves in words: staff see the house's own, a buyer's list does not offer them."""

from __future__ import annotations

import pytest

from nexnum_console.core.db import Database
from nexnum_console.reports.holds_list import HOLDS
from nexnum_console.reports.ledger_lines import LINES
from nexnum_console.reports.listing import Listing
from nexnum_console.reports.money_lists import LEDGER, TRANSACTIONS
from nexnum_console.reports.store import HOUSE_WORDS, LINE_WORDS, line_of


def _kinds(listing: Listing) -> set[str]:
    one = next(one for one in listing.filters if one.key == "kind")
    return {choice.value for choice in one.choices}


def test_a_buyer_chooses_among_lines_a_wallet_can_have() -> None:
    assert _kinds(LEDGER) == set(LINE_WORDS)
    assert _kinds(TRANSACTIONS) == set(LINE_WORDS) | set(HOUSE_WORDS)


@pytest.mark.parametrize("kind", [*LINE_WORDS, *HOUSE_WORDS])
def test_every_move_has_a_title_and_a_detail(kind: str) -> None:
    row = {
        "id": 1,
        "kind": kind,
        "service": "Telegram",
        "country": "Spain",
        "currency": "USD",
        "available": -440_000,
        "reserved": 0,
        "reason": None,
        "occurred_at": None,
    }
    line = line_of(row)
    assert line.title != kind
    assert line.detail
    assert "{" not in line.detail


@pytest.mark.parametrize("listing", [LEDGER, TRANSACTIONS, LINES, HOLDS])
def test_an_order_is_found_by_its_number_and_not_among_all_orders(
    database: Database, listing: Listing
) -> None:
    where = f"where {listing.mine}" if listing.mine else ""
    asked = f"explain (costs off) select {listing.fields} {listing.source} {where}"
    with database.transaction() as unit:
        # Tables are too small here for the planner to want an index; these leave it no other.
        for way in ("seqscan", "hashjoin", "mergejoin"):
            unit.run(f"set local enable_{way} = off")
        plan = "\n".join(unit.run(asked, user_id=1).scalars())
    assert "Index Scan using activation_pkey on activation a" in plan
    assert "Index Cond: (id = (" in plan
