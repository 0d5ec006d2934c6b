"""Playing the carriers' side, on the real simulated carriers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from nexnum_console.core.actor import Actor
from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import Database
from nexnum_console.core.errors import InvalidInput, Unavailable
from nexnum_console.operations import sandbox_desk
from nexnum_console.operations.demo_seed import Sandbox
from nexnum_console.operations.sandbox_control import SandboxControl, SandboxRefused
from nexnum_console.operations.sandbox_desk import SandboxDesk
from nexnum_console.providers import registry
from nexnum_console.reports.sandbox import FAULT_TITLES, PROFILE_WORDS, CarrierCard
from nexnum_console.sandbox.faults import FAULTS
from nexnum_console.sandbox.profiles import PROFILES
from tests.sandbox.conftest import CARRIER_KEY, CARRIERS, CONTROL_KEY, Live, live, running

__all__ = ["live", "running"]
NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
ADMIN = Actor(1, "ada@example.org", "admin", frozenset({"sandbox.control"}))


class Heard:
    def __init__(self) -> None:
        self.topics: list[str] = []

    def publish(self, channel: str, topic: str, **ids: object) -> None:
        self.topics.append(topic)


@pytest.fixture
def desk(live: Live, database: Database) -> Iterator[SandboxDesk]:
    control = SandboxControl(live.url, CONTROL_KEY)
    urls = {name: f"{live.url}/{name}" for name in CARRIERS}
    box = SecretBox("k" * 32)
    yield SandboxDesk(database, box, Heard(), Sandbox(control, urls, CARRIER_KEY), "USD")
    control.close()


def _carrier(desk: SandboxDesk, name: str = "fivesim") -> CarrierCard:
    return next(one for one in sandbox_desk.look(desk).carriers if one.name == name)


def test_every_fault_and_pace_of_the_sandbox_has_words() -> None:
    assert set(FAULT_TITLES) | sandbox_desk.BY_COMMAND_ONLY == set(FAULTS)
    assert set(PROFILE_WORDS) == set(PROFILES)


def test_a_fault_is_set_shown_and_ended(desk: SandboxDesk) -> None:
    sandbox_desk.set_fault(desk, ADMIN, "fivesim", "no_stock", 30, NOW)
    (fault,) = _carrier(desk).faults
    assert (fault.title, fault.detail) == ("Out of stock", "30% of buy")
    assert _carrier(desk, "sms_activate").faults == []
    sandbox_desk.clear_fault(desk, ADMIN, "fivesim", "no_stock", NOW)
    assert _carrier(desk).faults == []
    assert desk.events.topics == ["sandbox", "sandbox"]
    with desk.database.transaction() as unit:
        told = unit.all("select action, target, before, after from audit_entry order by id")
    assert [tuple(row.values()) for row in told] == [
        ("sandbox.fault.set", "carrier:fivesim", {}, {"no_stock": 0.3}),
        ("sandbox.fault.clear", "carrier:fivesim", {"no_stock": 0.3}, {}),
    ]


def test_all_faults_end_together(desk: SandboxDesk) -> None:
    sandbox_desk.set_fault(desk, ADMIN, "fivesim", "no_stock", 100, NOW)
    sandbox_desk.set_fault(desk, ADMIN, "fivesim", "late_sms", 10, NOW)
    sandbox_desk.set_fault(desk, ADMIN, "sms_activate", "html", 50, NOW)
    assert sandbox_desk.clear_faults(desk, ADMIN, NOW) == 3
    assert [one.faults for one in sandbox_desk.look(desk).carriers] == [[], []]
    assert sandbox_desk.clear_faults(desk, ADMIN, NOW) == 0


@pytest.mark.parametrize(
    ("carrier", "fault", "percent", "refusal"),
    [
        ("fivesim", "gremlins", 50, SandboxRefused),
        ("nobody", "no_stock", 50, SandboxRefused),
        ("fivesim", "no_stock", 0, InvalidInput),
        ("fivesim", "no_stock", 101, InvalidInput),
        ("fivesim", "say", 50, InvalidInput),
    ],
)
def test_what_cannot_be_set_is_refused(
    desk: SandboxDesk, carrier: str, fault: str, percent: int, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        sandbox_desk.set_fault(desk, ADMIN, carrier, fault, percent, NOW)
    assert _carrier(desk).faults == []
    assert desk.events.topics == []


def test_an_sms_by_hand_reaches_the_order(desk: SandboxDesk, live: Live) -> None:
    order = str(live.buy().json()["id"])
    (row,) = [one for one in sandbox_desk.look(desk).orders if one.id == order]
    assert (row.word, row.codes, row.ours) == ("Waiting for SMS", "", 0)
    sandbox_desk.send_sms(desk, ADMIN, order, "4821", "Your code is 4821", NOW)
    (row,) = [one for one in sandbox_desk.look(desk).orders if one.id == order]
    assert (row.word, row.codes) == ("SMS delivered", "4821")
    with desk.database.transaction() as unit:
        told = str(unit.first("select * from audit_entry"))
    assert order in told
    assert "4821" not in told, "codes stay out of the log"


@pytest.mark.parametrize(("code", "text"), [("", ""), ("12 34", ""), ("1234", "x" * 301)])
def test_an_sms_that_says_nothing_is_not_sent(
    desk: SandboxDesk,
    live: Live,
    code: str,
    text: str,
) -> None:
    order = str(live.buy().json()["id"])
    with pytest.raises(InvalidInput):
        sandbox_desk.send_sms(desk, ADMIN, order, code, text, NOW)
    assert live.orders("fivesim")["orders"][-1]["sms"] == []


def test_an_sms_to_no_order_is_refused(desk: SandboxDesk) -> None:
    with pytest.raises(SandboxRefused, match="no carrier has"):
        sandbox_desk.send_sms(desk, ADMIN, "987654321", "1234", "", NOW)


def test_our_own_number_is_named(desk: SandboxDesk, live: Live) -> None:
    sandbox_desk.use_profile(desk, ADMIN, "real", NOW)
    order = str(live.buy().json()["id"])
    with desk.database.transaction() as unit:
        account = registry.accounts(unit)[0]
        assert account.provider == "fivesim"
        activation = _activation(unit, account.account_id, order)
    (row,) = [one for one in sandbox_desk.look(desk).orders if one.id == order]
    assert (row.ours, row.href) == (activation, f"/console/activations/{activation}")


def test_a_pace_brings_its_lifetimes_to_our_accounts(desk: SandboxDesk) -> None:
    settle = []
    for name in ("fast", "real"):
        sandbox_desk.use_profile(desk, ADMIN, name, NOW)
        with desk.database.transaction() as unit:
            settle.append([account.settle_seconds for account in registry.accounts(unit)])
        assert sandbox_desk.look(desk).profile == name
    assert settle == [[6, 6], [150, 150]]


def test_a_sandbox_that_is_gone_is_unavailable(desk: SandboxDesk) -> None:
    control = SandboxControl("http://127.0.0.1:9", "x")
    gone = SandboxDesk(
        desk.database, desk.box, desk.events, Sandbox(control, {}, ""), desk.wallet_currency
    )
    with pytest.raises(Unavailable):
        sandbox_desk.look(gone)
    control.close()


def _activation(unit, account_id: int, upstream_id: str) -> int:
    unit.run("insert into country (iso2, name) values ('GB', 'United Kingdom')")
    unit.run("insert into service (code, name) values ('facebook', 'Facebook')")
    user_id = unit.scalar(
        "insert into app_user (email, password_hash) values ('b@example.org', 'x') returning id"
    )
    wallet_id = unit.scalar(
        "insert into wallet (user_id, currency, head) values (:id, 'USD', 'x') returning id",
        id=user_id,
    )
    return unit.scalar(
        "insert into activation (user_id, wallet_id, state, service, country, price_cap,"
        " account_id, upstream_id, charged, acquired_at, created_at) values (:user_id, :wallet_id,"
        " 'waiting', 'facebook', 'GB', 100, :account_id, :upstream_id, 100, :now, :now)"
        " returning id",
        user_id=user_id,
        wallet_id=wallet_id,
        account_id=account_id,
        upstream_id=upstream_id,
        now=NOW,
    )
