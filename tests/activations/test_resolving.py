"""What staff may answer by hand, and what the rules refuse them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nexnum_console.activations.closing import close_due, drop_orphans
from nexnum_console.activations.errors import NotResolvable
from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.activations.reconcile import reconcile
from nexnum_console.activations.resolving import Question, Resolved, hurry, resolve
from nexnum_console.activations.settle import give_back
from nexnum_console.core.errors import InvalidInput
from tests.activations.world import UNIT, World

FULL = 100 * UNIT
PRICE = 150_000
COST = 100_000


def buy(world: World, mood: str = "sell") -> int:
    world.carrier().mood = lambda: mood
    return purchase(world.desk, Order(world.user_id, "telegram", "GB"))


def answer(world: World, question: Question, verdict: str) -> Resolved:
    with world.desk.database.transaction() as unit:
        return resolve(unit, world.desk, question, verdict, world.clock())


def unknown(world: World, mood: str = "lose") -> tuple[int, Question]:
    """A purchase whose answer got lost, and the question about it."""
    activation = buy(world, mood)
    return activation, Question("unknown", scalar(world, "select id from attempt"))


def closing(world: World) -> Question:
    """A number whose buyer has the money back and we have not."""
    activation = buy(world)
    with world.desk.database.transaction() as unit:
        give_back(unit, world.desk, activation, "expired", upstream="closing", now=world.clock())
    return Question("closing", activation)


def stray(world: World) -> Question:
    """A number of the carrier's listing that an ended purchase may have bought, past its grace."""
    world.carrier().mood = lambda: "no_numbers"
    purchase(world.desk, Order(world.user_id, "telegram", "GB", provider="alpha"))
    world.carrier()._sell("england", "tg")
    carrier = world.desk.carriers.get(world.account())
    reconcile(world.desk, carrier)
    world.clock.advance(60)
    return Question("stray", scalar(world, "select id from sighting"))


def scalar(world: World, statement: str, **values: object) -> int:
    with world.desk.database.transaction() as unit:
        return unit.scalar(statement, **values)


def booked(world: World, account: str) -> int:
    return scalar(
        world,
        "select coalesce(sum(e.amount), 0) from entry e join account a on a.id = e.account_id"
        " where a.code = :code",
        code=account,
    )


def newest(world: World) -> int:
    return scalar(world, "select max(id) from sighting")


def state_of(world: World, question: Question) -> str:
    return str(scalar(world, "select state from sighting where id = :id", id=question.id))


def test_what_was_not_sold_is_released_by_hand_but_not_before_settle(world):
    activation, question = unknown(world)
    with pytest.raises(NotResolvable, match="may still turn up"):
        answer(world, question, "unsold")
    assert world.balance() == (FULL - PRICE, PRICE)
    world.clock.advance(31)
    done = answer(world, question, "unsold")
    assert (done.target, done.after) == (f"activation:{activation}", "released")
    assert world.row(activation)["state"] == "failed"
    assert world.balance() == (FULL, 0)
    with pytest.raises(NotResolvable, match="meanwhile"):
        answer(world, question, "unsold")


def test_a_number_that_was_sold_all_the_same_is_an_orphan_and_no_gift(world):
    activation, question = unknown(world, "sell_and_lose")
    world.clock.advance(31)
    answer(world, question, "unsold")
    carrier = world.desk.carriers.get(world.account())
    assert reconcile(world.desk, carrier).adopted == 0
    assert world.row(activation)["state"] == "failed"
    world.clock.advance(60)
    assert drop_orphans(world.desk, carrier) == 1
    assert world.carrier().numbers["alpha-1"].state == "cancelled"


def test_an_order_that_the_provider_named_is_cancelled_there(world):
    _, question = unknown(world, "numberless")
    world.clock.advance(31)
    answer(world, question, "unsold")
    assert drop_orphans(world.desk, world.desk.carriers.get(world.account())) == 1
    assert world.carrier().numbers["alpha-1"].state == "cancelled"


@pytest.mark.parametrize(
    ("verdict", "account", "amount"),
    [("refunded", "float:alpha", 0), ("lost", "refund_loss:alpha", -COST)],
)
def test_our_side_of_a_refund_is_settled_once(world, verdict, account, amount):
    question = closing(world)
    answer(world, question, verdict)
    assert world.row(question.id)["upstream"] == verdict
    assert booked(world, account) == amount
    with pytest.raises(NotResolvable, match="meanwhile"):
        answer(world, question, "lost")
    close_due(world.desk, world.desk.carriers.get(world.account()))
    assert "cancel" not in world.carrier().calls


def test_an_orphan_is_given_up_as_a_cost_once(world):
    question = stray(world)
    answer(world, question, "lost")
    assert (state_of(world, question), booked(world, "orphan_expense:alpha")) == ("lost", -COST)
    with pytest.raises(NotResolvable, match="meanwhile"):
        answer(world, question, "lost")
    assert drop_orphans(world.desk, world.desk.carriers.get(world.account())) == 0


def test_an_orphan_whose_cost_nobody_told_says_so(world):
    question = stray(world)
    scalar(world, "update sighting set cost_micro = null returning id")
    assert "not booked" in answer(world, question, "lost").after
    assert booked(world, "orphan_expense:alpha") == 0


def test_on_an_account_of_our_own_no_number_is_foreign(world):
    with pytest.raises(NotResolvable, match="nobody else buys"):
        answer(world, stray(world), "foreign")


def test_a_stray_has_its_grace(world):
    question = stray(world)
    world.carrier()._sell("england", "tg")
    reconcile(world.desk, world.desk.carriers.get(world.account()))
    second = Question("stray", newest(world))
    assert second != question
    with pytest.raises(NotResolvable, match="may still turn up"):
        answer(world, second, "lost")


def test_a_number_of_a_shared_account_is_ours_or_theirs_by_a_persons_word(make_world):
    world = make_world(exclusive=False)
    carrier = world.desk.carriers.get(world.account())
    ours = stray(world)
    assert drop_orphans(world.desk, carrier) == 0
    answer(world, ours, "ours")
    assert drop_orphans(world.desk, carrier) == 1
    assert state_of(world, ours) == "cancelled"
    world.carrier()._sell("england", "tg")
    reconcile(world.desk, carrier)
    world.clock.advance(60)
    theirs = Question("stray", newest(world))
    answer(world, theirs, "foreign")
    assert state_of(world, theirs) == "gone"
    assert world.carrier().numbers["alpha-2"].state == "waiting"
    assert reconcile(world.desk, carrier).strays == 0, "it is no question any more"


def test_ours_is_not_said_while_a_purchase_may_own_the_number(make_world):
    world = make_world(exclusive=False)
    question = stray(world)
    world.carrier().listing_fails = True
    unknown(world)
    with pytest.raises(NotResolvable, match="not settled yet"):
        answer(world, question, "ours")


def test_what_others_bought_is_no_question_once_it_is_over(make_world):
    world = make_world(exclusive=False)
    question = stray(world)
    carrier = world.desk.carriers.get(world.account())
    reconcile(world.desk, carrier)
    assert state_of(world, question) == "seen"
    world.carrier().numbers["alpha-1"].state = "finished"
    reconcile(world.desk, carrier)
    assert state_of(world, question) == "gone"


def test_an_answer_fits_its_question(world):
    for question, verdict in (
        (Question("unknown", 1), "lost"),
        (Question("cancelling", 1), "refunded"),
        (Question("stray", 1), "unsold"),
        (Question("closing", 1), "no such answer"),
    ):
        with pytest.raises(NotResolvable, match="cannot be answered so"):
            answer(world, question, verdict)


@pytest.mark.parametrize("name", ["", "unknown", "unknown:", "unknown:x", "user:1", "stray:-1"])
def test_a_name_that_is_no_question_is_refused(name):
    with pytest.raises(InvalidInput, match="no open question"):
        Question.named(name)


def hurried(world: World, *questions: Question) -> int:
    with world.desk.database.transaction() as unit:
        return hurry(unit, list(questions), world.clock())


def test_a_look_is_made_due_at_once(world):
    question = closing(world)
    carrier = world.desk.carriers.get(world.account())
    world.carrier().cancel_answer = "provider_error"
    close_due(world.desk, carrier)
    close_due(world.desk, carrier)
    asked: Callable[[], int] = lambda: world.carrier().calls.count("cancel")  # noqa: E731
    assert asked() == 1, "the next try is not due yet"
    assert hurried(world, question) == 1
    close_due(world.desk, carrier)
    assert asked() == 2


def test_a_look_at_a_stray_in_its_grace_changes_nothing(world):
    stray(world)
    world.carrier()._sell("england", "tg")
    reconcile(world.desk, world.desk.carriers.get(world.account()))
    assert hurried(world, Question("stray", newest(world))) == 0
