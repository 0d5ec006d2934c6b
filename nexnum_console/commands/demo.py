"""``./nexnum demo``: one honest purchase through the whole product, or a hundred dishonest ones."""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
import httpx
from rich.console import Console

from nexnum_console import bootstrap
from nexnum_console.accounts import service as accounts
from nexnum_console.core.clock import utc_now
from nexnum_console.core.errors import BusinessError
from nexnum_console.operations import demo_seed, registration
from nexnum_console.operations.sandbox_control import SandboxControl
from nexnum_console.stack.layout import Layout
from nexnum_console.stack.steps import Steps
from nexnum_console.stack.temporary import running_console
from nexnum_console.trial import faults as faults_trial
from nexnum_console.trial import single
from nexnum_console.trial.buyer import JSON, Buyer, Refused

Emit = single.Emit


class JsonSteps(Steps):
    """Start-up steps as JSON lines."""

    def done(self, what: str, seconds: float) -> None:
        """One object for one finished step."""
        _print_json({"step": what, "elapsed_s": round(seconds, 3)})

    def say(self, text: str = "") -> None:
        """Nothing: every line is an object."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--service", default="telegram", show_default=True, help="What to buy for.")
@click.option("--country", default="GB", show_default=True, help="ISO 3166-1 alpha-2.")
@click.option("--faults", is_flag=True, help="100 purchases while carriers misbehave.")
@click.option("--seed", default=1, show_default=True, help="Of the fault run's choices.")
def demo(as_json: bool, service: str, country: str, faults: bool, seed: int) -> None:
    """Buy a number from the sandbox through the whole stack, over HTTP."""
    console = Console(highlight=False, soft_wrap=True)
    steps = JsonSteps() if as_json else Steps(console)
    emit = _print_json if as_json else _teller(console)
    began = time.monotonic()
    wish = single.Wish(service, country.upper())
    try:
        with running_console(Layout.of(), os.environ, steps, "demo") as started:
            os.environ.update(started.env)
            outcome = _run(started.url, wish, emit, seed if faults else None)
            bootstrap.close()
    except (single.TrialFailed, BusinessError, Refused, httpx.HTTPError) as error:
        outcome = {"ok": False, "error": str(error)}
    outcome["elapsed_s"] = round(time.monotonic() - began, 3)
    _close(console, outcome, as_json)
    sys.exit(0 if outcome["ok"] else 1)


def _run(url: str, wish: single.Wish, emit: Emit, faults_seed: int | None) -> JSON:
    parts = bootstrap.services()
    chosen = parts.settings
    control = SandboxControl(chosen.sandbox_control_url or "", chosen.sandbox_control_key or "")
    with _admin(parts, url) as admin:
        names = _providers(parts, control)
        if faults_seed is None:
            return single.run(url, admin, parts.database, names, wish, emit)
        control.use_profile("fast")
        try:
            _providers(parts, control)
            single.sync_all(admin, names)
            return faults_trial.run(url, control, parts.database, wish.service, emit, faults_seed)
        finally:
            control.use_profile("demo")
            _providers(parts, control)


def _providers(parts: bootstrap.Services, control: SandboxControl) -> list[str]:
    chosen = parts.settings
    sandbox = demo_seed.Sandbox(control, chosen.sandbox_urls, chosen.sandbox_carrier_key or "")
    return demo_seed.seed(
        parts.database, parts.secret_box, sandbox, chosen.wallet_currency, utc_now()
    )


@contextmanager
def _admin(parts: bootstrap.Services, url: str) -> Iterator[Buyer]:
    """An admin for the time of the trial; shut out again when it ends."""
    email, password = f"trial-admin-{secrets.token_hex(6)}@example.com", secrets.token_urlsafe(18)
    user_id = registration.register(
        parts.database, email, password, currency=parts.settings.wallet_currency, role="admin"
    )
    try:
        with Buyer(url) as admin:
            admin.log_in(email, password)
            yield admin
    finally:
        with parts.database.transaction() as unit:
            accounts.ban(unit, user_id)


def _print_json(line: JSON) -> None:
    click.echo(json.dumps(line, ensure_ascii=False, default=str))


def _teller(console: Console) -> Emit:
    def tell(line: JSON) -> None:
        words = ", ".join(
            f"{key.replace('_', ' ')} {_word(value)}"
            for key, value in line.items()
            if key not in {"step", "elapsed_s"} and value not in (None, {}, "")
        )
        seconds = line.get("elapsed_s")
        took = f" [dim]{seconds:.2f} s[/]" if seconds is not None else ""
        console.print(f"[green]✓[/] {line['step']}{took}  {words}")

    return tell


def _word(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_word(inner)}" for key, inner in value.items())
    return str(value)


def _close(console: Console, outcome: JSON, as_json: bool) -> None:
    if as_json:
        _print_json(outcome)
    elif not outcome["ok"]:
        console.print(f"[red]✗[/] {outcome['error']}")
    elif "number" in outcome:
        console.print(
            f"\n[bold]{outcome['number']}[/] received [bold]{outcome['code']}[/]"
            f" through {outcome['provider']} for {outcome['charged']};"
            f" ledger {outcome['ledger']}, {outcome['elapsed_s']:.1f} s in all"
        )
    else:
        console.print(
            f"\n{outcome['purchases']} purchases under faults: none bought twice, none orphaned;"
            f" ledger {outcome['ledger']}, {outcome['elapsed_s']:.1f} s in all"
        )
