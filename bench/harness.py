"""A whole console of real processes, to be killed at will.

Every program is the product's own (``stack/programs.py``) on ports of its own, over one
temporary database; the carriers run the fast profile, so a number's whole life fits into a test.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil

from nexnum_console.accounts import sessions
from nexnum_console.activations.desk import Desk
from nexnum_console.bootstrap import Services, open_services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.money import to_micro
from nexnum_console.operations import demo_seed, upkeep
from nexnum_console.operations.registration import enrol
from nexnum_console.operations.sandbox_control import SandboxControl
from nexnum_console.operations.verify import verify
from nexnum_console.providers.script import keys
from nexnum_console.settings import Settings
from nexnum_console.stack import programs
from nexnum_console.stack.layout import CHECKOUT, Layout, load_secrets
from nexnum_console.stack.migrate import migrate
from nexnum_console.stack.processes import ProcessSpec, Supervisor
from nexnum_console.stack.services import free_port, own_variables, start_services
from nexnum_console.trial.books import compare, unowned
from nexnum_console.wallet.deposits import deposit
from nexnum_console.wallet.reading import balance_of

BUY_DEADLINE = 5.0
SETTLE = 6.0
SESSION = timedelta(hours=1)
SERVICE, COUNTRY = "telegram", "GB"
# After a crash everything is settled, or visibly held, within this many seconds.
RECOVERY = 30.0
UNSOLD = SETTLE + 20.0
# Beside a browser room on two cores a process of many pages takes its time to begin.
START_SECONDS = 150.0
# Twenty programs end at once.
STOP_SECONDS = 10.0
CARRIERS = ("fivesim", "sms_activate")
LASTING = {"postgres", "redis", "sandbox"}
OPEN = ("buying", "confirming", "waiting", "cancelling", "received")


def until(
    check: Callable[[], object], seconds: float, what: str | Callable[[], object] = ""
) -> float:
    """Wait until ``check`` is true and return how long that took; ``what`` says what failed."""
    began = time.monotonic()
    while not check():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"not after {seconds:.0f} s: {what() if callable(what) else what}")
        time.sleep(0.1)
    return time.monotonic() - began


@dataclass(frozen=True)
class Program:
    """One started program of a console."""

    name: str
    pid: int


class Shopper:
    """One user's raw HTTP at one web process: statuses, headers and bytes as they come."""

    def __init__(self, user_id: int, token: str, base_url: str) -> None:
        self.user_id = user_id
        self.token = token
        self.client = httpx.Client(
            base_url=base_url,
            cookies={"nexnum_session": token},
            headers={"Origin": base_url},
            timeout=60.0,
            trust_env=False,
            limits=httpx.Limits(max_connections=300),
        )

    def buy(self, key: str, **wish: str) -> httpx.Response:
        """One purchase; ``wish`` replaces what is wanted."""
        body = {"service": SERVICE, "country": COUNTRY, **wish}
        headers = {"Idempotency-Key": key}
        return self.client.post("/api/numbers/purchase", json=body, headers=headers)

    def bought(self, **wish: str) -> int:
        """A number that was sold at once; its activation's id."""
        answer = self.buy(secrets.token_hex(8), **wish)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    def cancel(self, activation_id: int) -> httpx.Response:
        """Give a number back."""
        return self.client.post(f"/api/numbers/{activation_id}/cancel", json={})

    def close(self) -> None:
        """Close the connections."""
        self.client.close()


class Console:
    """Programs over one database; ``close`` ends all of them."""

    def __init__(self, folder: Path) -> None:
        self.layout = Layout(root=CHECKOUT, state=folder)
        self.layout.create()
        own = load_secrets(self.layout)
        self._supervisor = Supervisor(self.layout, own.instance)
        self._lock = threading.Lock()
        # A program ends with the thread that started it, so that one outlives all of them.
        self._keeper = ThreadPoolExecutor(1)
        self._sandbox = programs.Sandbox.on_free_ports()
        self._shoppers: list[Shopper] = []
        self._since = 0
        self.url = f"http://127.0.0.1:{free_port()}"
        found = start_services(self.layout, self._supervisor, own, {})
        self.owner_url = found["DATABASE_OWNER_URL"]
        migrate(self.layout, self.owner_url)
        self.env = {
            **own_variables(self.layout, own, {}),
            "PATH": os.environ["PATH"],
            "DATABASE_URL": found["DATABASE_URL"],
            "REDIS_URL": found["REDIS_URL"],
            "PUBLIC_URL": self.url,
            "BUY_DEADLINE_SECONDS": str(BUY_DEADLINE),
            **self._sandbox.variables(own.sandbox_key),
        }
        self.services: Services = open_services(_settings(self.env))
        self.database = self.services.database
        self.control = SandboxControl(
            self.env["SANDBOX_CONTROL_URL"], self.env["SANDBOX_CONTROL_KEY"]
        )

    @property
    def desk(self) -> Desk:
        """This process's own desk, for what a test does behind the programs' backs."""
        return self.services.desk

    # --- starting -----------------------------------------------------------------------

    def open_shop(self) -> None:
        """Carriers up, two providers seeded, catalogue synced in this process."""
        self.start(programs.sandbox_program(self.layout, self.env, self._sandbox))
        self.await_ready("sandbox")
        self.control.use_profile("fast")
        sandbox = demo_seed.Sandbox(
            self.control, self.services.settings.sandbox_urls, self.env["SANDBOX_CARRIER_KEY"]
        )
        names = demo_seed.seed(self.database, self.services.secret_box, sandbox, "USD", utc_now())
        for name in names:
            upkeep.sync_provider(self.services.upkeep, name)

    def begin(self, profile: str = "fast") -> None:
        """A fresh page: what earlier tests left open is nobody's business any more."""
        (row,) = self.rows("select coalesce(max(id), 0) as newest from activation")
        self._since = row["newest"]
        self.control.use_profile(profile)
        for carrier in CARRIERS:
            self.control.clear_faults(carrier)

    def end(self) -> None:
        """Stop every program but the carriers and what all stand on; what fell stays down."""
        with self._lock:
            others = self._supervisor.names() - LASTING
            self._supervisor.stop(sorted(others), within_s=STOP_SECONDS)

    def start(self, spec: ProcessSpec) -> Program:
        """Start a program; it is ended with the console."""
        with self._lock:
            self._supervisor.start(spec)
            return Program(spec.name, self._supervisor.pids()[spec.name])

    def web(self, name: str = "web", port: int | None = None, failpoint: str = "") -> str:
        """Start a web process, armed with a failpoint if one is named; returns its address."""
        address = self.url if port is None else f"http://127.0.0.1:{port}"
        env = {**self.env, "PUBLIC_URL": address, "FAILPOINT": failpoint}
        spec = programs.web_program(
            self.layout, env, "127.0.0.1", int(address.rpartition(":")[2]), pages=False
        )
        self.start(replace(spec, name=name, ready_within_s=START_SECONDS))
        return address

    def workers(self) -> None:
        """Start every worker and the scheduler, as ``./nexnum up`` does."""
        for spec in programs.worker_programs(self.layout, self.env):
            self.start(spec)

    def scheduler(self) -> None:
        """Start what wakes the workers."""
        self.start(programs.worker_programs(self.layout, self.env)[-1])

    def worker(self, name: str, queue: str, failpoint: str = "") -> Program:
        """Start one worker for one queue, armed with a failpoint if one is named."""
        env = {**self.env, "FAILPOINT": failpoint}
        found = programs.worker_programs(self.layout, env)
        spec = next(s for s in found if s.argv[-1] == queue)
        return self.start(replace(spec, name=name))

    def await_ready(self, name: str) -> None:
        """Until the program answers."""
        self._supervisor.await_ready(name)

    # --- ending -------------------------------------------------------------------------

    def alive(self, name: str) -> bool:
        """Whether the program runs."""
        return name in self._supervisor.pids()

    def fell_at(self, name: str, failpoint: str) -> bool:
        """Whether the program is gone, and by that failpoint."""
        return not self.alive(name) and f"killed at {failpoint}" in self.log_of(name)

    def log_of(self, name: str) -> str:
        """What the program wrote."""
        return self._supervisor.log_path(name).read_text("utf-8", "replace")

    def kill(self, name: str) -> None:
        """SIGKILL the program and all its children at once."""
        process = psutil.Process(self._supervisor.pids()[name])
        for victim in (process, *process.children(recursive=True)):
            victim.send_signal(signal.SIGKILL)

    def stop(self, name: str) -> None:
        """End a program as an operator would."""
        with self._lock:
            self._supervisor.stop([name])

    @contextmanager
    def watched(self) -> Iterator[None]:
        """The supervisor at work, as beside ``./nexnum up``: what falls meanwhile is started again.

        One look that finds all alive is no proof: a program may not have noticed yet that what
        it stands on fell, and ends a moment later.
        """
        over = threading.Event()

        def watch() -> None:
            while not over.wait(0.1):
                with self._lock:
                    self._supervisor.watch()

        watching = self._keeper.submit(watch)
        try:
            yield
        finally:
            over.set()
            watching.result()

    def close(self) -> None:
        """End every program and connection."""
        self._supervisor.stop_all()
        self._keeper.shutdown()
        for shopper in self._shoppers:
            shopper.close()
        self.control.close()
        self.services.close()

    # --- people -------------------------------------------------------------------------

    def shopper(self, funds: str = "20.00", base_url: str = "") -> Shopper:
        """A new user with money, signed in at the web process of that address."""
        email = f"shopper-{secrets.token_hex(6)}@example.org"
        now = utc_now()
        with self.database.transaction() as unit:
            user_id = enrol(unit, email, "x", currency="USD")
            wallet_id = balance_of(unit, user_id).wallet_id
            deposit(
                unit,
                wallet_id=wallet_id,
                amount=to_micro(funds),
                gateway="sandbox",
                gateway_ref=email,
                actor="test",
                now=now,
            )
            token = sessions.open_session(unit, user_id, now=now, lifetime=SESSION)
        return self._admit(Shopper(user_id, token, base_url or self.url))

    def at(self, shopper: Shopper, base_url: str) -> Shopper:
        """The same person at another web process."""
        return self._admit(Shopper(shopper.user_id, shopper.token, base_url))

    def _admit(self, shopper: Shopper) -> Shopper:
        self._shoppers.append(shopper)
        return shopper

    # --- looking ------------------------------------------------------------------------

    def rows(self, statement: str, **values: object) -> list[dict[str, Any]]:
        """Rows of one query."""
        with self.database.transaction() as unit:
            return [dict(row) for row in unit.all(statement, **values)]

    def activation(self, activation_id: int) -> dict[str, Any]:
        """The activation's row."""
        (row,) = self.rows("select * from activation where id = :id", id=activation_id)
        return row

    def orders_of(self, shopper: Shopper) -> list[dict[str, Any]]:
        """A user's activations, oldest first."""
        statement = "select * from activation where user_id = :id order by id"
        return self.rows(statement, id=shopper.user_id)

    def wallet_of(self, shopper: Shopper) -> tuple[int, int]:
        """What a user has free, and what is held; micro-units."""
        statement = "select available, reserved from wallet where user_id = :id"
        (row,) = self.rows(statement, id=shopper.user_id)
        return row["available"], row["reserved"]

    def await_settled(self, seconds: float) -> float:
        """Until nothing is in doubt: every number sold has an owner, every hold its end."""

        def doubts() -> list[Any]:
            found = [row for row in self.unsettled() if row["state"] not in {"waiting", "received"}]
            return [*found, *unowned(self.database, self.control.orders())]

        return until(lambda: not doubts(), seconds, lambda: (doubts(), self.breakers()))

    def breakers(self) -> list[dict[str, str]]:
        """The gate of each account: an open circuit breaker lets nobody be asked."""
        found = []
        for row in self.rows("select id from provider_account"):
            told: dict[bytes, bytes] = self.services.redis.hgetall(keys(row["id"])[0])  # type: ignore[assignment]
            found.append({key.decode(): value.decode() for key, value in told.items()})
        return found

    def unsettled(self) -> list[dict[str, Any]]:
        """What has not ended yet: activations, strays, money still at a carrier; how often the
        carrier was asked about it, and when it is asked again."""
        return self.rows(
            "select id::text, state, upstream, close_tries as tries,"
            " coalesce(close_at, next_at) as due, now() from activation"
            " where id > :since and (state = any(:open) or upstream = 'closing')"
            " union all select upstream_id, state, 'stray', tries,"
            " coalesce(next_at, grace_until), now() from sighting"
            " where state in ('seen','orphan')",
            open=list(OPEN),
            since=self._since,
        )

    def await_quiet(self, seconds: float = 60.0) -> float:
        """Until every order has ended and every carrier's number has an owner."""
        return until(
            lambda: not self.unsettled() and not unowned(self.database, self.control.orders()),
            seconds,
            lambda: (self.unsettled(), unowned(self.database, self.control.orders())),
        )

    def audit(self) -> None:
        """Every promise about money holds, and the carriers' books agree with ours."""
        report = verify(self.database, utc_now())
        assert report.ok, {r.name: r.findings[:3] for r in report.results if r.breaks}
        compare(self.database, self.control.orders())


def _settings(env: Mapping[str, str]) -> Settings:
    fields = {name.lower(): value for name, value in env.items()}
    return Settings(**{**fields, "sandbox_urls": json.loads(env["SANDBOX_URLS"])})
