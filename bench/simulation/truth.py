"""What must hold, always and at the end: our books against the carriers' own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from bench.simulation.carriers import PlayedCarrier
from bench.simulation.sold import Sold
from bench.simulation.stage import Broken
from bench.simulation.world import World
from nexnum_console.activations.attempts import wallet_cost
from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.operations.verify import Report, verify

SETTLED: Final = ("failed", "cancelled", "expired", "finished")
# Each row is a break, at any moment between two transactions.
ALWAYS: Final = {
    "a provider is asked only after the one before it said no": (
        "select t.activation_id, t.number, t.state from attempt t join attempt later"
        " on later.activation_id = t.activation_id and later.number = t.number + 1"
        " where t.state <> 'declined'"
    ),
    "money stays held while a purchase call is unanswered": (
        "select a.id, a.state, t.state as attempt from attempt t"
        " join activation a on a.id = t.activation_id"
        " where t.state in ('sent','unknown') and a.state not in ('buying','confirming')"
    ),
    "an SMS and a refund never both win": (
        "select a.id, a.state, a.sms_count from activation a where a.state <> all"
        " (array['received','finished']) and (a.sms_count > 0 or exists (select from message m"
        "  where m.activation_id = a.id and not m.late))"
    ),
    "a message is stored once": (
        "select activation_id, code from message group by 1, 2 having count(*) > 1"
    ),
    "a hold is one order's and open only while it is being bought": (
        "select h.ref, h.state, a.state as order_state from hold h"
        " left join activation a on h.ref = 'activation:' || a.id where h.state = 'open'"
        " and (a.id is null or a.state not in ('buying','confirming'))"
    ),
}
_OPEN: Final = (
    "select 'activation' as what, id::text, state from activation"
    " where state <> all(:settled) or upstream = 'closing'"
    " union all select 'attempt', id::text, state from attempt where state in ('sent','unknown')"
    " union all select 'stray', upstream_id, state from sighting where state in ('seen','orphan')"
    " union all select 'event', id::text, outcome from inbound_delivery"
    " where outcome in ('checking','waiting')"
    " union all select 'hold', ref, state from hold where state = 'open'"
    " union all select 'wallet', id::text, reserved::text from wallet where reserved <> 0"
)


def open_questions(world: World) -> list[dict[str, Any]]:
    """What has not come to its end."""
    with world.database.transaction() as unit:
        return [dict(row) for row in unit.all(_OPEN, settled=list(SETTLED))]


def always(world: World) -> None:
    """Raise Broken where a rule of a purchase is broken at this moment."""
    with world.database.transaction() as unit:
        for promise, statement in ALWAYS.items():
            found = unit.all(f"{statement} limit 5")
            _hold(promise, not found, [dict(row) for row in found])


def finally_(world: World) -> None:
    """Raise Broken where, after everything ended, something is open, unowned or unbooked."""
    left = open_questions(world)
    _hold("everything comes to its end", not left, left[:5])
    always(world)
    report = _verified(world)
    broken = {r.name: r.findings[:3] for r in report.results if r.breaks}
    _hold("every invariant holds", not broken, broken)
    with world.database.transaction() as unit:
        _each_spend_once(unit, world)
        for account_id, carrier in world.carriers.items():
            unseen = _owned(unit, account_id, carrier, world.wrong_at)
            _booked(unit, account_id, carrier, unseen)
            _told(unit, account_id, carrier)


def _verified(world: World) -> Report:
    """The whole proof, on connections of its own."""
    database = Database(world.database.url)
    try:
        return verify(database, world.stage.wall())
    finally:
        database.close()


def _each_spend_once(unit: UnitOfWork, world: World) -> None:
    known = {f"nexnum-{id_}" for id_ in unit.run("select id from attempt").scalars()}
    sent = Counter(ref for carrier in world.carriers.values() for ref in carrier.spends)
    twice = [ref for ref, times in sent.items() if times > 1]
    _hold("a spend is sent once", not twice, twice[:5])
    unwritten = sorted(sent.keys() - known)
    _hold("nothing is sent before its intent is durable", not unwritten, unwritten[:5])


def _owned(
    unit: UnitOfWork, account_id: int, carrier: PlayedCarrier, jumps: Sequence[float]
) -> set[str]:
    """Returns what was used up unseen while the clock was wrong: paid for and not booked."""
    steps = (*jumps, *carrier.steps)

    bound = _ids(unit, "select upstream_id from activation where account_id = :id", account_id)
    strays = _ids(
        unit,
        "select upstream_id from sighting where account_id = :id"
        " and state in ('orphan','cancelled','lost','gone')",
        account_id,
    )
    # What another code gave another id costs nothing more, and is its owner's under any of them.
    known = bound | strays | {n.former for n in carrier.numbers.values() if n.former}
    lost = [n for n in carrier.numbers.values() if n.paid and n.cost and n.id not in known]
    unseen = {n.id for n in lost if n.state == "finished" and n.excuse(jumps)}
    lost = [n for n in lost if n.id not in unseen]
    _hold("no number is without an owner", not lost, lost[:3])
    orphans = [carrier.numbers[one] for one in strays]
    # Whoever was told of it for another service cannot know its renewed order by that service.
    taken = [n for n in orphans if n.former and not carrier.whole(n.id)[-1].mixed]
    _hold("an order under another id is no stray", not taken, taken[:3])
    excused = sum(n.excuse(steps) or n.unlisted for n in carrier.numbers.values())
    _hold(
        "a number that was sold in time serves the order that it was bought for",
        len(orphans) <= excused,
        [n for n in orphans if not (n.excuse(steps) or n.unlisted)][:3],
    )
    dear = unit.all(
        "select a.id, a.cost_micro, t.max_cost from activation a join attempt t"
        " on t.activation_id = a.id and t.state = 'acquired'"
        " where a.account_id = :id and a.cost_micro > t.max_cost",
        id=account_id,
    )
    capped = carrier.nature.honours_cap
    _hold("who honours a price cap never sells above it", not (capped and dear), dear[:3])
    return unseen


def _booked(unit: UnitOfWork, account_id: int, carrier: PlayedCarrier, unseen: set[str]) -> None:
    booked = unit.scalar(
        "select coalesce(sum(e.amount), 0) from entry e join account a on a.id = e.account_id"
        " where a.code = :code",
        code=f"float:{carrier.nature.name}",
    )
    rate = Decimal(carrier.nature.rate)
    paid = [n for n in carrier.numbers.values() if n.paid and n.id not in unseen]
    charged = sum(wallet_cost(n.cost, rate) for n in paid)
    charged += _dearer(unit, account_id, [n for n in paid if n.untold], rate)
    _hold(
        "our books and the carrier's agree to the micro-unit",
        booked == charged,
        (carrier.nature.name, booked, charged, _suspects(unit, account_id, carrier)),
    )


def _dearer(unit: UnitOfWork, account_id: int, untold: Sequence[Sold], rate: Decimal) -> int:
    """How much more was booked for orders whose cost nobody told, which is what was agreed."""
    booked = {
        row["upstream_id"]: int(row["cost"])
        for row in unit.all(
            "select s.upstream_id, sum(e.amount) as cost from sighting s"
            " join journal j on j.key = 'orphan_cost:orphan:' || s.id"
            " join entry e on e.journal_id = j.id join account a on a.id = e.account_id"
            " where s.account_id = :id and a.code like 'float:%' group by 1",
            id=account_id,
        )
    }
    more = 0
    for number in untold:
        cost, agreed = wallet_cost(number.cost, rate), wallet_cost(number.agreed, rate)
        more += agreed - cost if booked.get(number.id) == agreed else 0
    return more


def _suspects(unit: UnitOfWork, account_id: int, carrier: PlayedCarrier) -> list[Any]:
    """Numbers whose end reads differently there and here."""
    rows = unit.all(
        "select id, upstream_id, state, upstream, cost_micro from activation"
        " where account_id = :id and upstream_id is not null",
        id=account_id,
    )
    found: list[Any] = [
        (dict(row), number)
        for row in rows
        if (number := carrier.whole(row["upstream_id"])[-1]).paid != (row["upstream"] != "refunded")
        or number.cost != row["cost_micro"]
    ]
    strays = unit.all(
        "select upstream_id, state from sighting where account_id = :id and state <> 'bound'",
        id=account_id,
    )
    found += [
        (dict(row), carrier.numbers[row["upstream_id"]])
        for row in strays
        if carrier.numbers[row["upstream_id"]].paid != (row["state"] == "lost")
    ]
    return found[:3]


def _told(unit: UnitOfWork, account_id: int, carrier: PlayedCarrier) -> None:
    """Every stored code came, to that number; nobody paid for a number whose code is not here."""
    rows = unit.all(
        "select a.upstream_id, a.state, a.upstream,"
        " array_agg(m.code order by m.id) filter (where m.id is not null) as codes"
        " from activation a left join message m on m.activation_id = a.id"
        " where a.account_id = :id and a.upstream_id is not null group by a.id",
        id=account_id,
    )
    for row in rows:
        number = carrier.whole(row["upstream_id"])
        came = {code for part in number for code in part.codes}
        false = set(row["codes"] or ()) - came
        _hold("no code is shown that did not come", not false, (dict(row), number))
        hidden = row["upstream"] == "lost" and came and not row["codes"]
        _hold("a code that we paid for is shown", not hidden, (dict(row), number))
        paid_for_nothing = row["state"] == "finished" and not row["codes"]
        _hold("nobody pays for a number without a code", not paid_for_nothing, dict(row))


def _ids(unit: UnitOfWork, statement: str, account_id: int) -> set[str]:
    return set(unit.run(statement, id=account_id).scalars()) - {None}


def _hold(promise: str, kept: bool, evidence: object) -> None:
    if not kept:
        raise Broken(f"{promise}: {evidence}")
