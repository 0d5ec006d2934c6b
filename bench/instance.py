"""A throwaway installation beside the operator's: own servers, own data, gone afterwards."""

from __future__ import annotations

import json
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import psycopg

from bench import pgbench
from bench.rounds import Sample
from nexnum_console.accounts import sessions
from nexnum_console.bootstrap import Services, open_services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import Database
from nexnum_console.core.garbage import settle
from nexnum_console.operations import demo_seed, upkeep
from nexnum_console.operations.registration import enrol
from nexnum_console.operations.sandbox_control import SandboxControl
from nexnum_console.settings import Settings
from nexnum_console.stack import postgres, programs
from nexnum_console.stack.layout import CHECKOUT, Layout, Secrets, load_secrets
from nexnum_console.stack.migrate import migrate
from nexnum_console.stack.processes import ProcessSpec, Supervisor, end_leftovers
from nexnum_console.stack.services import exclusive, free_port, is_held, own_variables
from nexnum_console.stack.services import start_services as start_servers
from nexnum_console.wallet import ledger

PROVIDER = "fivesim"
CROWD = 64
FUNDS = 1_000_000_000_000
SESSION = timedelta(days=1)
# Numbers that occur nowhere else, so that a recorded statement shows where an id went.
FIRST_USER = 940_000_001
FIRST_WALLET = 930_000_001


@dataclass(frozen=True)
class Instance:
    """A running installation and the services that a process of it would open."""

    layout: Layout
    secrets: Secrets
    supervisor: Supervisor
    env: dict[str, str]
    services: Services

    @property
    def database(self) -> Database:
        """The product's own pool."""
        return self.services.database

    @property
    def pgbench(self) -> Path:
        """The program that PostgreSQL ships."""
        return postgres.locate(self.layout, self.secrets).binaries / "pgbench"

    def played(self, script: str, clients: int) -> Callable[[float], Sample]:
        """``measure(seconds)`` of a pgbench script in this database."""

        def measure(seconds: float) -> Sample:
            url = self.env["DATABASE_URL"]
            rate = pgbench.run(self.pgbench, url, script, clients=clients, seconds=seconds)
            return Sample(rate.per_second, rate.count)

        return measure

    def start_at(self, **ids: int) -> None:
        """Let the next row of each table get this id."""
        url = postgres.libpq_url(self.env["DATABASE_OWNER_URL"])
        with psycopg.connect(url, autocommit=True) as connection:
            for table, number in ids.items():
                connection.execute(
                    "select setval(pg_get_serial_sequence(%s, 'id'), %s, false)", [table, number]
                )

    def facts(self) -> dict[str, str | int | float]:
        """The machine, as far as it explains the figures."""
        with self.database.transaction() as unit:
            version = str(unit.scalar("show server_version"))
        return {
            "cores": len(os.sched_getaffinity(0)),
            "load_1m": round(os.getloadavg()[0], 2),
            "machine": platform.machine(),
            "python": platform.python_version(),
            "postgresql": version,
        }


@contextmanager
def throwaway() -> Iterator[Instance]:
    """PostgreSQL and Redis with a migrated, empty database; everything is removed at the end.

    The data lie on the same disk as the operator's, so that a commit costs the same.
    """
    home = Layout.of().state
    home.mkdir(mode=0o755, exist_ok=True)
    for left in home.glob("bench-*"):
        _remove(Layout(CHECKOUT, left))
    layout = Layout(CHECKOUT, Path(tempfile.mkdtemp(prefix="bench-", dir=home)))
    layout.state.chmod(0o755)
    try:
        with exclusive(layout, command="bench"):
            yield from _servers(layout)
    finally:
        _remove(layout)


def _servers(layout: Layout) -> Iterator[Instance]:
    secrets = load_secrets(layout)
    supervisor = Supervisor(layout, secrets.instance)
    outside = environment_without_settings(os.environ)
    try:
        env = {**outside, **own_variables(layout, secrets, outside)}
        env |= start_servers(layout, supervisor, secrets, outside)
        migrate(layout, env["DATABASE_OWNER_URL"])
        sandbox = programs.Sandbox.on_free_ports()
        env |= sandbox.variables(secrets.sandbox_key)
        env["PUBLIC_URL"] = f"http://127.0.0.1:{free_port()}"
        supervisor.start(_sandbox(layout, env, sandbox))
        services = open_services(settings_of(env))
        settle()  # as every process of the product does
        try:
            yield Instance(layout, secrets, supervisor, env, services)
        finally:
            services.close()
    finally:
        supervisor.stop_all()


def environment_without_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """The given environment without anything that would point at the operator's own parts."""
    ours = {name.upper() for name in Settings.model_fields}
    return {name: value for name, value in environ.items() if name not in ours}


def settings_of(env: Mapping[str, str]) -> Settings:
    """The product's settings from these variables alone."""
    given = {name: env.get(name.upper()) for name in Settings.model_fields}
    known = {name: value for name, value in given.items() if value is not None}
    return Settings.model_validate(
        {**known, "sandbox_urls": json.loads(env["SANDBOX_URLS"]), "failpoint": None}
    )


def open_shop(instance: Instance) -> SandboxControl:
    """Sandbox carriers that answer at once, their providers seeded, one catalogue synced."""
    instance.supervisor.await_ready("sandbox")
    chosen = instance.services.settings
    control = SandboxControl(chosen.sandbox_control_url or "", chosen.sandbox_control_key or "")
    sandbox = demo_seed.Sandbox(control, chosen.sandbox_urls, chosen.sandbox_carrier_key or "")
    services = instance.services
    now = utc_now()
    demo_seed.seed(services.database, services.secret_box, sandbox, chosen.wallet_currency, now)
    upkeep.sync_provider(services.upkeep, PROVIDER)
    for carrier in control.carriers():
        control.adjust(carrier["name"], answer_seconds=0)
    return control


def start_api(instance: Instance, workers: int = 1) -> str:
    """The web process without pages, so many times; returns its address."""
    url = instance.services.settings.public_url
    port = int(url.rpartition(":")[2])
    env = {name: value for name, value in instance.env.items() if name != "DATABASE_OWNER_URL"}
    env["GRANIAN_WORKERS"] = str(workers)
    program = programs.web_program(instance.layout, env, "127.0.0.1", port, pages=False)
    instance.supervisor.start(program)
    instance.supervisor.await_ready("web")
    return url


def gather_crowd(instance: Instance) -> list[tuple[int, str]]:
    """CROWD buyers with money, as (user id, session token); ids follow each other."""
    instance.start_at(app_user=FIRST_USER, wallet=FIRST_WALLET)
    now, crowd = utc_now(), []
    settings = instance.services.settings
    with instance.database.transaction() as unit:
        for number in range(CROWD):
            address = f"bench-{number}@example.com"
            user_id = enrol(unit, address, "no password", currency=settings.wallet_currency)
            cause = ledger.Cause(f"bench:{user_id}", "bench", now)
            wallet_id = user_id - FIRST_USER + FIRST_WALLET
            ledger.deposit(unit, wallet_id, FUNDS, "sandbox", cause)
            token = sessions.open_session(unit, user_id, now=now, lifetime=SESSION)
            crowd.append((user_id, token))
    return crowd


def _sandbox(layout: Layout, env: Mapping[str, str], ports: programs.Sandbox) -> ProcessSpec:
    spec = programs.sandbox_program(layout, env, ports)
    # Writing thousands of orders to disk every two seconds would be measured as carrier time.
    argv = [word for word in spec.argv if not word.startswith("--state-file")]
    return replace(spec, argv=[*argv, "--profile=fast"])


def _remove(layout: Layout) -> None:
    if is_held(layout):
        return
    if layout.secrets.exists():
        secrets = load_secrets(layout)
        end_leftovers(layout, secrets.instance)
        shutil.rmtree(postgres.locate(layout, secrets).data.parent, ignore_errors=True)
    shutil.rmtree(layout.state, ignore_errors=True)
