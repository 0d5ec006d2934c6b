"""Purchases over HTTP at a carrier of 50 ms, beside the least that could sell them."""

from __future__ import annotations

import http.client
import pickle
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from bench.bare_shop import Script
from bench.capture import Recording
from bench.instance import PROVIDER, Instance
from bench.pgbench import Marks
from bench.report import Report
from bench.rounds import Series, in_threads, milliseconds, percentile
from bench.shoppers import CALL_SECONDS, NotSold, Wish, through_api
from nexnum_console.operations.sandbox_control import SandboxControl
from nexnum_console.stack import postgres, programs
from nexnum_console.stack.processes import ProcessSpec
from nexnum_console.stack.services import free_port

ROUNDS: Final = 11
# The fast profile sends an SMS within 8 s: by then the poller is as busy as it stays.
WARM_ROUNDS: Final = 2
CLIENTS: Final = 16
WEB_WORKERS: Final = 2
CARRIER_SECONDS: Final = 0.05
TARGET: Final = 0.7
TARGET_P99_MS: Final = 600
BEHIND: Final = frozenset({"worker-polling", "scheduler"})

Work = Callable[[int], None]


def measure(
    report: Report,
    instance: Instance,
    recorded: tuple[Recording, Marks],
    crowd: Sequence[tuple[int, str]],
    wanted: Sequence[Wish],
    api_url: str,
    seconds: float,
) -> dict[str, Any]:
    """ROUNDS of each, with a polling worker at work; as JSON, ``ok`` where both targets are met."""
    settings = instance.services.settings
    control = SandboxControl(settings.sandbox_control_url or "", settings.sandbox_control_key or "")
    with ExitStack() as stack:
        stack.enter_context(closing(control))
        control.adjust(PROVIDER, answer_seconds=CARRIER_SECONDS)
        # The bare shop sells one offer alone; on a fast machine that would be all of it.
        control.ask("POST", f"/control/carriers/{PROVIDER}/stock", {"add": 1_000_000})
        control.ask("POST", f"/control/carriers/{PROVIDER}/balance", {"amount": "1000000"})
        stack.callback(control.adjust, PROVIDER, answer_seconds=0)
        _start_polling(instance)
        bare_url = stack.enter_context(_bare_shop(instance, recorded, wanted[0]))
        bare, close_bare = _at(bare_url, crowd)
        real, close_real = through_api(api_url, crowd, wanted, CLIENTS)
        stack.callback(close_bare)
        stack.callback(close_real)
        works = {"bare": (bare, close_bare), "http": (real, close_real)}
        series = _rounds(report, works, seconds)
    ratio = series["http"].ratio(series["bare"])
    p99 = milliseconds(percentile(series["http"].times, 99))
    return {
        "clients": CLIENTS,
        "web_workers": WEB_WORKERS,
        "carrier_ms": milliseconds(CARRIER_SECONDS),
        **{name: found.document() for name, found in series.items()},
        "http/bare": round(ratio, 3),
        "target": TARGET,
        "p99_ms": p99,
        "target_p99_ms": TARGET_P99_MS,
        "ok": ratio >= TARGET and p99 < TARGET_P99_MS,
    }


def _rounds(
    report: Report, works: Mapping[str, tuple[Work, Callable[[], None]]], seconds: float
) -> dict[str, Series]:
    """Both in turn, so soon after each other that they meet the same machine; and the poller, whose
    numbers are of the last few turns, has as much to do for the one as for the other."""
    series = {name: Series() for name in works}
    for number in range(WARM_ROUNDS + ROUNDS):
        counts = number >= WARM_ROUNDS
        report.doing(f"over HTTP, round {number + 1} of {WARM_ROUNDS + ROUNDS}")
        for name, (work, hang_up) in works.items():
            hang_up()  # a server closes what is idle for so long
            sample = in_threads(work, threads=CLIENTS, seconds=seconds, count_cpu=False)
            if counts:
                series[name].samples.append(sample)
                report.tell(round=number, measured=name, per_second=round(sample.per_second, 1))
    return series


def _start_polling(instance: Instance) -> None:
    workers = programs.worker_programs(instance.layout, instance.env)
    for program in workers:
        if program.name in BEHIND:
            instance.supervisor.start(program)


@contextmanager
def _bare_shop(instance: Instance, recorded: tuple[Recording, Marks], wish: Wish) -> Iterator[str]:
    """The bare endpoint in processes of its own, as many as the product's; its address."""
    tape, marks = recorded
    settings = instance.services.settings
    path = f"/v1/user/buy/activation/{wish.external_country}/any/{wish.external_service}"
    script = Script(
        tape.transactions,
        dict(marks.variables),
        {begins: names[0] for begins, names in marks.returned.items()},
        marks.recorded_at,
        settings.sandbox_urls[PROVIDER] + path,
        {"Authorization": f"Bearer {settings.sandbox_carrier_key}"},
    )
    file = Path(instance.layout.state) / "bare.pickle"
    file.write_bytes(pickle.dumps(script))
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    argv = [sys.executable, "-m", "bench.bare_shop", f"--port={port}", f"--workers={WEB_WORKERS}"]
    env = {**instance.env, "DATABASE_URL": postgres.libpq_url(instance.env["DATABASE_URL"])}
    spec = ProcessSpec(
        "bare", [*argv, f"--script={file}"], env, cwd=instance.layout.root, ready=_answers(port)
    )
    instance.supervisor.start(spec)
    try:
        instance.supervisor.await_ready("bare")
        yield url
    finally:
        instance.supervisor.stop(["bare"])


def _answers(port: int) -> Callable[[], bool]:
    def check() -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/ping")
            return connection.getresponse().status == http.client.OK
        except OSError:
            return False
        finally:
            connection.close()

    return check


def _at(url: str, crowd: Sequence[tuple[int, str]]) -> tuple[Work, Callable[[], None]]:
    parts, turns = urlsplit(url), count()
    connections = [
        http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=CALL_SECONDS)
        for _ in range(CLIENTS)
    ]

    def work(thread: int) -> None:
        connections[thread].request("POST", f"/buy/{next(turns) % len(crowd)}")
        answer = connections[thread].getresponse()
        content = answer.read()
        if answer.status != http.client.CREATED:
            raise NotSold(f"the bare shop: {answer.status} {content[:300]!r}")

    def close() -> None:
        for connection in connections:
            connection.close()

    return work, close
