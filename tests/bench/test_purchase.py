"""The recorded purchase, run by pgbench, makes purchases that every check accepts."""

from __future__ import annotations

from bench import pgbench
from bench.capture import recording
from bench.instance import FIRST_USER, FIRST_WALLET
from bench.purchase import (
    FIRST_ACTIVATION,
    FIRST_ATTEMPT,
    RECORDED_NUMBER,
    Times,
    latency,
    marks,
    ratios,
)
from bench.rounds import Sample, Series
from bench.stub_carrier import instant_desk
from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.core.clock import utc_now
from nexnum_console.operations.verify import verify
from nexnum_console.stack import postgres
from nexnum_console.stack.layout import Layout, load_secrets
from tests.activations.world import build

PLAYED = 5


def test_pgbench_buys_what_the_product_buys(database, owner_database, fresh_urls, stack_services):
    _start_at(owner_database, app_user=FIRST_USER, wallet=FIRST_WALLET)
    world = build(database)
    order = Order(world.user_id, "telegram", "GB")
    purchase(instant_desk(world.desk, 1), order)
    _start_at(owner_database, activation=FIRST_ACTIVATION, attempt=FIRST_ATTEMPT)
    started = world.clock()
    with recording(database) as tape:
        purchase(instant_desk(world.desk, RECORDED_NUMBER), order)
    opening = [f"\\set user {FIRST_USER}", f"\\set wallet {FIRST_WALLET}"]
    script = pgbench.script(tape, marks(started), opening)
    body = script.removeprefix("\n".join(opening))
    assert len(tape.transactions) == 3
    for number in (FIRST_USER, FIRST_WALLET, FIRST_ACTIVATION, FIRST_ATTEMPT, RECORDED_NUMBER):
        assert str(number) not in body

    layout = Layout.of(stack_services.folder)
    binaries = postgres.locate(layout, load_secrets(layout)).binaries
    done = pgbench.fill(binaries / "pgbench", fresh_urls.app, script, clients=1, times=PLAYED)

    assert done.count == PLAYED
    with database.transaction() as unit:
        sold = unit.all("select distinct upstream_id from activation where state = 'waiting'")
    assert len(sold) == PLAYED + 2
    report = verify(database, utc_now())
    assert {r.name: r.findings for r in report.results if r.breaks} == {}


def test_ratios_are_to_pgbench_with_as_many_clients():
    series = {
        "pgbench_1": Series([Sample(100, 1)]),
        "http_1": Series([Sample(25, 1)]),
        "pgbench_8": Series([Sample(400, 1)]),
        "in_process_sandbox_8": Series([Sample(200, 1)]),
    }
    assert ratios(series) == {"http_1/pgbench_1": 0.25, "in_process_sandbox_8/pgbench_8": 0.5}


def test_added_latency_is_beyond_the_carriers_median():
    times = Times(carrier=[0.001, 0.002, 0.009], http=[0.012] * 3, in_process=[0.005, 0.006, 0.008])
    found = latency(times)
    assert (found["http_added_median_ms"], found["in_process_added_median_ms"]) == (10.0, 4.0)
    assert found["in_process_added_p95_ms"] == 6.0
    assert found["samples"] == 3


def _start_at(owner, **ids):
    with owner.transaction() as unit:
        for table, number in ids.items():
            unit.run(
                "select setval(pg_get_serial_sequence(:table, 'id'), :number, false)",
                table=table,
                number=number,
            )
