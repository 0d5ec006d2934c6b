"""./nexnum provider: check a config, and replay recorded exchanges through it."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from nexnum_console.providers.compile import CompiledProvider, compile_config
from nexnum_console.providers.loading import ConfigError, load_config
from nexnum_console.providers.replay import (
    BadRecording,
    ReplayOutcome,
    could_send,
    load_recordings,
    replay,
)
from nexnum_console.providers.schema import schema_text

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("provider")
def provider() -> None:
    """Provider configs: validate them, replay recordings through them."""


@provider.command("validate")
@click.argument("files", nargs=-1, required=True, type=_FILE)
def validate(files: tuple[Path, ...]) -> None:
    """Check provider configs; every fault with file, line, column and a cure."""
    failed = False
    for file in files:
        try:
            compiled = _compiled(file)
        except ConfigError as error:
            failed = True
            click.echo(error, err=True)
        else:
            click.echo(f"{file}: ok, {len(compiled.operations)} operations")
    sys.exit(1 if failed else 0)


@provider.command("replay")
@click.argument("config", type=_FILE)
@click.argument("recordings", nargs=-1, required=True, type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line; the last sums up.")
@click.option("--requests", is_flag=True, help="Also check that the config could have sent it.")
def replay_command(
    config: Path, recordings: tuple[Path, ...], as_json: bool, requests: bool
) -> None:
    """Run recorded answers through CONFIG and compare with what they mean."""
    try:
        compiled = _compiled(config)
        exchanges = [
            each for file in recordings for each in load_recordings(_text(file), str(file))
        ]
    except (ConfigError, BadRecording) as error:
        click.echo(error, err=True)
        sys.exit(2)
    outcomes = replay(compiled, exchanges)
    unsent = _unsent(compiled, exchanges) if requests else {}
    for outcome in outcomes:
        _show(outcome, unsent.get(outcome.id), as_json)
    counts = Counter(outcome.passed and outcome.id not in unsent for outcome in outcomes)
    _sum_up(counts, as_json)
    sys.exit(0 if counts[False] == 0 and outcomes else 1)


def _compiled(file: Path) -> CompiledProvider:
    return compile_config(load_config(_text(file), str(file)))


def _text(file: Path) -> str:
    return file.read_bytes().decode("utf-8", errors="replace")


def _unsent(compiled: CompiledProvider, exchanges: list[dict[str, Any]]) -> dict[str, str]:
    reasons = {each["id"]: could_send(compiled, each) for each in exchanges}
    return {name: reason for name, reason in reasons.items() if reason is not None}


def _show(outcome: ReplayOutcome, unsent: str | None, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(outcome) | {"request": unsent}, ensure_ascii=False))
        return
    if outcome.difference:
        click.echo(f"FAIL {outcome.id} ({outcome.operation}): {outcome.difference}")
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
