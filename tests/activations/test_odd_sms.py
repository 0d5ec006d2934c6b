"""Whatever text a provider sends: it is kept, or it holds up nobody but its own number."""

from __future__ import annotations

import pytest

from nexnum_console.activations import (
    answers,
    closing,
    inbound,
    models,
    polling,
    reconcile,
    settle,
    strays,
    sweep,
)
from nexnum_console.activations.inbound import confirm_due
from nexnum_console.activations.purchase import Order, place, purchase
from nexnum_console.activations.settle import CODE_MOST, SENDER_MOST, Sms
from nexnum_console.providers.listed import Listing
from nexnum_console.providers.results import Message, StatusReport
from tests.activations.test_faults import _alerts
from tests.activations.test_inbound import delivered, outcomes, push
from tests.activations.test_lifecycle import poll
from tests.activations.world import UNIT, World

FULL = 100 * UNIT
PRICE = 150_000
WHOLE = "Your Telegram code is 48151. Do not give it to anyone, even if they say that they are us."


def buy(world: World, several: int = 1, mood: str = "sell") -> list[int]:
    world.carrier().mood = lambda: mood
    order = Order(world.user_id, "telegram", "GB", provider="alpha")
    return [purchase(world.desk, order) for _ in range(several)]


def says(world: World, **told: object) -> None:
    """The carrier's status of its first number from now on."""
    carrier, real = world.carrier(), world.carrier().report

    def report(activation_id: str) -> StatusReport:
        if activation_id != "alpha-1":
            return real(activation_id)
        wanted = {"code": None, "text": None, "sender": None, "messages": (), **told}
        return StatusReport("received", **wanted)  # type: ignore[arg-type]

    carrier.report = report  # type: ignore[method-assign]


def stored(world: World, activation_id: int) -> list[tuple[str | None, str, str]]:
    with world.desk.database.transaction() as unit:
        rows = unit.all(
            "select code, text, sender from message where activation_id = :id order by id",
            id=activation_id,
        )
    return [(row["code"], row["text"], row["sender"]) for row in rows]


def states(world: World, bought: list[int]) -> list[object]:
    return [world.row(one)["state"] for one in bought]


def test_a_whole_sms_given_as_its_code_is_kept_as_text_and_its_code_is_read(world):
    assert len(WHOLE) > CODE_MOST
    (bought,) = buy(world)
    says(world, code=WHOLE)
    poll(world)
    poll(world, seconds=5)
    assert stored(world, bought) == [("48151", WHOLE, "")]
    row = world.row(bought)
    assert (row["state"], row["code"], row["sms_count"]) == ("received", "48151", 1)
    assert world.balance() == (FULL - PRICE, 0)


def test_what_is_too_long_for_a_code_and_holds_none_is_a_text_without_a_code(world):
    (bought,) = buy(world)
    says(world, code="x" * 500, text="from the bank")
    poll(world)
    assert stored(world, bought) == [(None, "from the bank\n" + "x" * 500, "")]
    assert (world.row(bought)["state"], world.row(bought)["code"]) == ("received", None)


def test_a_long_sender_is_cut_where_it_shows(world):
    (bought,) = buy(world)
    says(world, messages=(Message("48151", "Your code is 48151", "s" * 500),))
    poll(world)
    ((_, _, sender),) = stored(world, bought)
    assert sender == "s" * (SENDER_MOST - 1) + "…"


@pytest.mark.parametrize(
    ("odd", "kept"), [("a\x00b", "a\ufffdb"), ("a\ud83db", "a?b"), ("a\udc00", "a?")]
)
def test_what_no_column_takes_is_replaced_where_it_stood(world, odd, kept):
    (bought,) = buy(world)
    says(world, messages=(Message("48151", odd, odd),))
    poll(world)
    poll(world, seconds=5)
    assert stored(world, bought) == [("48151", kept, kept)]
    assert world.row(bought)["sms_count"] == 1


def test_the_same_odd_message_has_the_same_key_and_another_has_another():
    one, again, other = (
        Sms(None, text, "s" * 80).content_key for text in ("a\ud83d", "a\ud83d", "b\ud83d")
    )
    assert one == again != other


def test_a_pushed_odd_sms_is_confirmed_by_the_status_that_shows_the_same(world):
    (bought,) = buy(world)
    push(world, code=WHOLE)
    says(world, code=WHOLE)
    poll(world, seconds=0)
    assert outcomes(world) == ["applied"]
    assert stored(world, bought) == [("48151", WHOLE, "")]


class Raises:
    """Something of one row that raises as a database does that will not have it."""

    def __init__(self, monkeypatch, module, name: str, wrong) -> None:
        self.real = getattr(module, name)
        self.times = 0
        self.healed = False
        self.wrong = wrong
        monkeypatch.setattr(module, name, self)

    def __call__(self, *given, **named):
        if not self.healed and self.wrong(*given):
            self.times += 1
            raise ValueError("will not be stored")
        return self.real(*given, **named)


@pytest.mark.parametrize("together", [False, True])
def test_a_row_that_cannot_be_stored_holds_up_no_other_and_is_looked_at_later(
    world, monkeypatch, together
):
    bought = buy(world, 4)
    if together:
        world.carrier().listing = Listing("statuses", 10)
    for number in world.carrier().numbers.values():
        number.codes.append("481516")
    storing = Raises(
        monkeypatch, answers, "store_messages", lambda unit, desk, id_, *rest: id_ == bought[0]
    )
    poll(world)
    assert states(world, bought) == ["waiting", "received", "received", "received"]
    row = world.row(bought[0])
    assert row["status_failures"] == 1
    assert row["lease_until"] is None
    assert row["next_at"] > world.clock(), "nobody spins"
    assert _alerts(world, answers.ALERT) == []
    for _ in range(3):
        poll(world, seconds=40)
    assert (storing.times, world.row(bought[0])["status_failures"]) == (4, 4)
    subject = f"activation {bought[0]}"
    assert _alerts(world, answers.ALERT) == [(subject, 2, True)]
    storing.healed = True
    poll(world, seconds=40)
    assert world.row(bought[0])["code"] == "481516"
    assert _alerts(world, answers.ALERT) == [(subject, 2, False)], "closed by itself"


def test_each_failure_to_store_waits_longer(world, monkeypatch):
    (bought,) = buy(world)
    world.carrier().numbers["alpha-1"].codes.append("481516")
    storing = Raises(monkeypatch, answers, "store_messages", lambda *given: True)
    waits = []
    for _ in range(4):
        poll(world, seconds=40)
        waits.append(round((world.row(bought)["next_at"] - world.clock()).total_seconds()))
    assert waits == [1, 2, 4, 8]
    storing.healed = True
    poll(world, seconds=40)


def test_the_log_names_the_activation_and_has_the_error(world, monkeypatch, caplog):
    first, _ = buy(world, 2)
    world.carrier().numbers["alpha-1"].codes.append("481516")
    Raises(monkeypatch, answers, "store_messages", lambda *given: True)
    poll(world)
    (told,) = [one for one in caplog.records if one.name == polling.log.name]
    assert f"activation {first} was not stored" in told.getMessage()
    assert told.exc_info is not None


def test_an_event_that_cannot_be_stored_holds_up_no_other(world, monkeypatch):
    bought = buy(world, 2)
    for number in list(world.carrier().numbers.values()):
        number.codes.append("481516")
    for number in (1, 2):
        push(world, key=f"id:{number}", activation_id=f"alpha-{number}", code="481516")
    Raises(monkeypatch, inbound, "store_messages", lambda unit, desk, id_, *rest: id_ == bought[0])
    world.clock.advance(11)
    assert confirm_due(world.desk, world.desk.carriers.get(world.account())) == 2
    assert outcomes(world) == ["checking", "applied"]
    assert states(world, bought) == ["waiting", "received"]
    subject = f"inbound delivery {delivered(world)[0]['id']}"
    assert _alerts(world, "not_done") == [(subject, 1, True)]


def test_a_purchase_that_the_sweep_cannot_settle_holds_up_no_other(world, monkeypatch):
    order = Order(world.user_id, "telegram", "GB")
    with world.desk.database.transaction() as unit:
        placed = [place(unit, world.desk, order).activation_id for _ in range(3)]
    world.clock.advance(16)
    failing = Raises(monkeypatch, sweep, "fail", lambda desk, id_, *rest: id_ == placed[0])
    assert sweep.sweep(world.desk) == 2
    assert states(world, placed) == ["buying", "failed", "failed"]
    assert _alerts(world, "not_done") == [(f"activation {placed[0]}", 1, True)]
    failing.healed = True
    assert sweep.sweep(world.desk) == 1


def test_a_purchase_that_cannot_be_bound_or_released_holds_up_no_other(world, monkeypatch):
    sold, lost = buy(world, 2, "sell_and_lose"), buy(world, 2, "lose")
    with world.desk.database.transaction() as unit:
        attempts = [row["id"] for row in unit.all("select id from attempt order by id")]
    bound = Raises(monkeypatch, reconcile, "bind", lambda desk, id_, *rest: id_ == attempts[0])
    freed = Raises(
        monkeypatch,
        reconcile,
        "release",
        lambda unit, desk, terms, attempt, *rest: attempt["id"] == attempts[2],
    )
    carrier = world.desk.carriers.get(world.account())
    world.clock.advance(60)
    for _ in range(2):
        reconcile.reconcile(world.desk, carrier)
    assert states(world, sold + lost) == ["confirming", "waiting", "confirming", "failed"]
    bound.healed = freed.healed = True
    for _ in range(2):
        reconcile.reconcile(world.desk, carrier)
    assert states(world, sold + lost) == ["waiting", "waiting", "failed", "failed"]


@pytest.mark.parametrize("odd", ["alpha\x00-9", "alpha\ud83d", "a" * 121])
def test_a_listed_number_that_cannot_be_kept_is_told_and_releases_nobody(world, odd):
    (bought,) = buy(world, 1, "lose")
    hidden = world.carrier()._sell("england", "tg")
    world.carrier().numbers.pop(hidden.id)
    hidden.id = odd
    world.carrier().numbers[odd] = hidden
    carrier = world.desk.carriers.get(world.account())
    world.clock.advance(60)
    for _ in range(3):
        assert reconcile.reconcile(world.desk, carrier).released == 0
    assert world.row(bought)["state"] == "confirming"
    subject = f"alpha account {world.account()}"
    assert _alerts(world, strays.UNFIT) == [(subject, 3, True)]
    world.carrier().numbers.pop(odd)
    for _ in range(2):
        reconcile.reconcile(world.desk, carrier)
    assert world.row(bought)["state"] == "failed"


def test_where_the_database_is_away_the_worker_ends_as_it_did(world, monkeypatch):
    (bought,) = buy(world)
    world.carrier().numbers["alpha-1"].codes.append("481516")
    Raises(monkeypatch, answers, "store_messages", lambda *given: True)
    Raises(monkeypatch, answers, "look_again", lambda *given: True)
    with pytest.raises(ValueError, match="will not be stored"):
        poll(world)
    assert world.row(bought)["state"] == "waiting"


def test_what_settle_takes_is_what_the_columns_take():
    widths = [
        models.Message.__table__.c.code.type.length,
        models.Activation.__table__.c.code.type.length,
    ]
    assert widths == [settle.CODE_MOST] * 2
    assert models.Message.__table__.c.sender.type.length == settle.SENDER_MOST


def test_numbers_that_cannot_be_closed_hold_up_no_other(world, monkeypatch):
    """More of them than are asked about at once, and first in the line."""
    carrier = world.desk.carriers.get(world.account())
    bought = buy(world, closing.AT_ONCE + 1)
    poll(world, seconds=1_200)
    odd, good = bought[:-1], bought[-1]
    ends = Raises(monkeypatch, closing, "end_closing", lambda unit, desk, id_, *rest: id_ in odd)
    closing.close_due(world.desk, carrier)
    closing.close_due(world.desk, carrier)
    assert [world.row(one)["upstream"] for one in bought] == ["closing"] * len(odd) + ["refunded"]
    told = sorted(_alerts(world, "not_done"))
    assert told == sorted((f"activation {one}", 1, True) for one in odd)
    ends.healed = True
    world.clock.advance(closing.RETRY_SECONDS_MAX + 1)
    closing.close_due(world.desk, carrier)
    assert [world.row(one)["upstream"] for one in (*odd, good)] == ["refunded"] * len(bought)
    assert world.balance() == (FULL, 0)


def test_a_stray_that_cannot_be_given_back_holds_up_no_other(world, monkeypatch):
    carrier = world.desk.carriers.get(world.account())
    buy(world, mood="lose")
    world.clock.advance(60)
    for _ in range(2):
        reconcile.reconcile(world.desk, carrier)
    strays = [world.carrier()._sell("england", "tg") for _ in range(2)]
    reconcile.reconcile(world.desk, carrier)
    world.clock.advance(60)
    ends = Raises(monkeypatch, closing, "end_stray", lambda unit, id_, *rest: id_ == 1)
    assert closing.drop_orphans(world.desk, carrier) == 1
    assert [one.state for one in strays] == ["cancelled"] * 2
    assert [alert[1:] for alert in _alerts(world, "not_done")] == [(1, True)]
    ends.healed = True
    world.clock.advance(closing.RETRY_SECONDS_MAX + 1)
    assert closing.drop_orphans(world.desk, carrier) == 1
