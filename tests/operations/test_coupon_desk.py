"""Coupons as staff make them: terms read strictly, no way round the second person, audited."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nexnum_console.accounts.capabilities import capabilities_of
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import Database
from nexnum_console.core.errors import InvalidInput, NotFound
from nexnum_console.operations import coupon_desk
from nexnum_console.reports.coupons_list import coupon_record
from nexnum_console.wallet import coupons
from nexnum_console.wallet.coupons import CouponRefused, Terms
from tests.activations.world import START, UNIT, build

ADMIN = Actor(99, "boss@example.org", "admin", capabilities_of("admin"))
WHY = "autumn campaign"


def test_terms_are_read_as_people_write_them() -> None:
    found = coupon_desk.terms_of(
        percent="12.5",
        most_credit="20",
        least_deposit="50.00",
        most_uses="100",
        most_each="2",
        last_day="2026-11-30",
    )
    until = datetime(2026, 12, 1, tzinfo=UTC)
    assert found == Terms(None, 1250, 20 * UNIT, 50 * UNIT, 100, 2, until)
    assert coupon_desk.terms_of(amount="5") == Terms(amount=5 * UNIT)


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "five"},
        {"percent": "10.005"},
        {"percent": "NaN"},
        {"most_uses": "0.5"},
        {"most_each": ""},
        {"last_day": "30.11.2026"},
    ],
)
def test_terms_that_mean_nothing_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        coupon_desk.terms_of(**wrong)


def test_a_coupon_is_made_redeemed_shown_and_withdrawn(database: Database) -> None:
    world = build(database)
    with database.transaction() as unit:
        code = coupon_desk.make(
            unit, ADMIN, Terms(amount=5 * UNIT, most_uses=3), WHY, START, "NX-gift"
        )
        coupons.redeem(unit, world.wallet_id, "nxgift", START)
        number = unit.scalar("select id from coupon where code = :code", code=code)
        shown = coupon_record(unit, number)
        coupon_desk.withdraw(unit, ADMIN, "nx-gift", "campaign is over", START)
        after = coupon_record(unit, number)
        with pytest.raises(InvalidInput, match="withdrawn before"):
            coupon_desk.withdraw(unit, ADMIN, code, "campaign is over", START)
        with pytest.raises(NotFound):
            coupon_desk.withdraw(unit, ADMIN, "NOSUCH", "campaign is over", START)
        with pytest.raises(CouponRefused):
            coupons.redeem(unit, world.wallet_id, code, START)
        deeds = unit.run("select action || ' ' || target from audit_entry order by id").scalars()
        assert list(deeds) == ["coupon.make coupon:NXGIFT", "coupon.withdraw coupon:NXGIFT"]
    assert shown is not None
    assert after is not None
    assert (shown.title, shown.word) == ("NXGIFT gives $5.00", "Open")
    facts = {fact.label: fact.value for fact in shown.facts}
    assert (facts["Redeemed"], facts["Given so far"]) == ("1 of 3", "$5.00")
    assert [(use.email, use.amount) for use in shown.uses] == [("buyer@example.org", "$5.00")]
    assert after.word == "Withdrawn"


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        (Terms(amount=251 * UNIT), "one person may correct"),
        (Terms(amount=126 * UNIT, most_each=2, most_uses=9), "one person may correct"),
        (Terms(percent=10_000), r"100 % of the largest deposit are 10000.00: say the most"),
        (Terms(percent=251), r"2.51 % of the largest deposit are 251.00: say the most"),
        (Terms(percent=10_000, most_credit=251 * UNIT), "one person may correct"),
        (Terms(percent=1000, most_credit=126 * UNIT, most_each=2), "one person may correct"),
        (Terms(amount=UNIT, expires_at=START), "today or later"),
        (Terms(), "one of them"),
    ],
)
def test_a_coupon_that_may_not_be_is_not_made(database: Database, terms: Terms, why: str) -> None:
    with database.transaction() as unit:
        with pytest.raises(InvalidInput, match=why):
            coupon_desk.make(unit, ADMIN, terms, WHY, START)
        assert unit.scalar("select count(*) from coupon") == 0


def test_what_a_share_credits_at_most_is_kept_and_larger_deposits_make_it_no_larger(
    database: Database,
) -> None:
    with database.transaction() as unit:
        small = coupon_desk.make(unit, ADMIN, Terms(percent=250, most_uses=9), WHY, START)
        capped = coupon_desk.make(
            unit, ADMIN, Terms(percent=10_000, most_credit=125 * UNIT, most_each=2), WHY, START
        )
        rows = unit.all("select code, most_credit from coupon order by id")
    assert [(row["code"], row["most_credit"]) for row in rows] == [
        (small, 250 * UNIT),
        (capped, 125 * UNIT),
    ]
