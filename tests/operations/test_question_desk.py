"""Staff settle open questions: all or none, with a reason that the audit log keeps."""

from __future__ import annotations

import pytest

from nexnum_console.activations.errors import NotResolvable
from nexnum_console.core.actor import Actor
from nexnum_console.core.errors import InvalidInput
from nexnum_console.operations import question_desk
from nexnum_console.operations.verify import verify
from tests.activations.test_resolving import closing, unknown
from tests.activations.world import World, build

ADMIN = Actor(1, "ada@example.org", "admin", frozenset({"questions.settle"}))


class Jobs:
    """Keeps what was queued."""

    def __init__(self) -> None:
        self.queued: list[str] = []

    def enqueue(self, queue: str, function: str, *args: object, timeout_seconds: int) -> None:
        self.queued.append(function)


@pytest.fixture
def world(database) -> World:
    made = build(database)
    yield made
    report = verify(database, made.clock())
    assert {r.name: r.findings for r in report.results if r.breaks} == {}


def settle(world: World, names: list[str], verdict: str, reason: str = "Read at their site"):
    with world.desk.database.transaction() as unit:
        return question_desk.settle(unit, world.desk, ADMIN, names, verdict, reason, world.clock())


def entries(world: World) -> list[dict]:
    with world.desk.database.transaction() as unit:
        return [dict(row) for row in unit.all("select * from audit_entry order by id")]


def test_a_settled_question_is_audited_with_its_reason(world):
    activation, question = unknown(world)
    world.clock.advance(31)
    assert settle(world, [str(question)], "unsold") == 1
    (entry,) = entries(world)
    assert (entry["action"], entry["target"], entry["reason"]) == (
        "question.settle",
        f"activation:{activation}",
        "Read at their site",
    )
    assert entry["before"]["error"] == "provider_unavailable"
    assert entry["after"] == {"verdict": "unsold", "state": "released"}


def test_all_are_settled_or_none(world):
    first = closing(world)
    with pytest.raises(NotResolvable, match=r"closing:999: .*None of them was settled"):
        settle(world, [str(first), "closing:999"], "lost")
    assert world.row(first.id)["upstream"] == "closing"
    assert entries(world) == []
    settle(world, [str(first)], "lost")


@pytest.mark.parametrize(("names", "reason"), [([], "A good reason"), (["closing:1"], " a  b ")])
def test_nothing_is_settled_without_a_question_or_a_reason(world, names, reason):
    with pytest.raises(InvalidInput):
        settle(world, names, "lost", reason)


def test_a_look_wakes_a_worker_once_it_is_durable(world):
    question, jobs = closing(world), Jobs()
    with world.desk.database.transaction() as unit:
        names = [str(question)]
        assert question_desk.look_now(unit, world.desk, jobs, ADMIN, names, world.clock()) == 1
        assert jobs.queued == []
    assert jobs.queued == ["workers.jobs.activations.settle"]
    assert [entry["action"] for entry in entries(world)] == ["question.look"]


def test_a_look_at_nothing_is_refused(world):
    with (
        pytest.raises(InvalidInput, match="None of these"),
        world.desk.database.transaction() as unit,
    ):
        question_desk.look_now(unit, world.desk, Jobs(), ADMIN, ["closing:9"], world.clock())
