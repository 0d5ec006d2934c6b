"""./nexnum provider: check a config, replay recorded exchanges, try a call, import, compare."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from nexnum_console.commands.provider.diff import diff_command
from nexnum_console.commands.provider.drafts import import_command, new_command
from nexnum_console.commands.provider.files import (
    FILE,
    Exchange,
    echo_problems,
    exchanges_of,
    opened,
)
from nexnum_console.commands.provider.live import try_command
from nexnum_console.commands.provider.webhook import webhook_command
from nexnum_console.providers.compile import compile_config
from nexnum_console.providers.lint import lint
from nexnum_console.providers.lint_recordings import lint_recordings
from nexnum_console.providers.loading import ConfigError, check_config, text_of
from nexnum_console.providers.problems import Problem
from nexnum_console.providers.replay import ReplayOutcome, could_send, replay
from nexnum_console.providers.schema import schema_text

_EXPLAINED = 100


@click.group("provider")
def provider() -> None:
    """Provider configs: validate them, replay recordings through them."""


@provider.command("validate")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--strict", is_flag=True, help="Warnings fail as well.")
@click.option(
    "--recordings",
    "recorded",
    multiple=True,
    type=FILE,
    help="Also warn of what these recorded answers never use; may be given several times.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each file.")
def validate(
    files: tuple[Path, ...], strict: bool, recorded: tuple[Path, ...], as_json: bool
) -> None:
    """Check provider configs; every fault with file, line, column and a cure.

    Exit code: 0 no fault, 1 a fault (with --strict also a warning), 2 a file cannot be read.
    """
    exchanges = [each.recording for each in exchanges_of(recorded)]
    failed = False
    for file in files:
        problems, operations = _checked(file, exchanges)
        wrong = [each for each in problems if strict or each.severity == "error"]
        failed = failed or bool(wrong)
        if as_json:
            found = {"file": str(file), "ok": not wrong, "operations": operations}
            click.echo(json.dumps(found | {"problems": [asdict(each) for each in problems]}))
            continue
        echo_problems(problems)
        if not any(each.severity == "error" for each in problems):
            count = len(problems)
            warnings = f", {count} warning{'s' * (count > 1)}" if count else ""
            click.echo(f"{file}: ok, {operations} operations{warnings}")
    sys.exit(1 if failed else 0)


def _checked(file: Path, exchanges: list[dict[str, Any]]) -> tuple[list[Problem], int]:
    """Problems of a config file and the number of its operations."""
    try:
        checked = check_config(text_of(file.read_bytes(), str(file)), str(file))
    except ConfigError as error:
        return error.problems, 0
    if checked.config is None:
        return checked.problems, 0
    warnings = lint(checked, str(file))
    warnings += lint_recordings(checked, str(file), exchanges) if exchanges else []
    return warnings, len(compile_config(checked.config).operations)


@provider.command("replay")
@click.argument("config", type=FILE)
@click.argument("recordings", nargs=-1, required=True, type=FILE)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line; the last sums up.")
@click.option("--requests", is_flag=True, help="Also check that the config could have sent it.")
def replay_command(
    config: Path, recordings: tuple[Path, ...], as_json: bool, requests: bool
) -> None:
    """Run recorded answers through CONFIG and compare with what they mean.

    A difference is told with the step that made it: reply, field, transform, status or error rule.
    Exit code: 0 all pass, 1 a difference, 2 a file cannot be used.
    """
    compiled = opened(config)
    exchanges = exchanges_of(recordings)
    if not exchanges:
        click.echo(f"{recordings[0]}: there is no recording in it", err=True)
        sys.exit(2)
    outcomes = replay(compiled, [each.recording for each in exchanges], explained=_EXPLAINED)
    counts: Counter[bool] = Counter()
    for exchange, outcome in zip(exchanges, outcomes, strict=True):
        unsent = could_send(compiled, exchange.recording) if requests else None
        counts[outcome.passed and unsent is None] += 1
        _show(exchange, outcome, unsent, as_json)
    _sum_up(counts, as_json)
    sys.exit(0 if counts[False] == 0 else 1)


def _show(exchange: Exchange, outcome: ReplayOutcome, unsent: str | None, as_json: bool) -> None:
    if as_json:
        told = asdict(outcome) | {"request": unsent, "file": str(exchange.file)}
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    if outcome.difference:
        click.echo(f"FAIL {outcome.id} ({outcome.operation}): {outcome.difference}")
        for step in outcome.cause.steps if outcome.cause else ():
            click.echo(f"     {step}")
    if unsent:
        click.echo(f"FAIL {outcome.id} ({outcome.operation}): could not be sent: {unsent}")


def _sum_up(counts: Counter[bool], as_json: bool) -> None:
    if as_json:
        total = {"ok": counts[False] == 0, "passed": counts[True], "failed": counts[False]}
        click.echo(json.dumps(total))
    else:
        click.echo(f"{counts[True]} passed, {counts[False]} failed")


@provider.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of provider configs (provider_configs/schema.json)."""
    click.echo(schema_text(), nl=False)


for _command in (try_command, import_command, new_command, diff_command, webhook_command):
    provider.add_command(_command)
