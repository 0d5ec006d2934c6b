"""./nexnum provider diff: what another version of a config would change."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click

from nexnum_console.commands.provider.files import FILE, exchanges_of, opened
from nexnum_console.providers.config_changes import KeyChange, key_changes
from nexnum_console.providers.differences import ResultChange, of_recordings

_SHOWN = 30


@click.command("diff")
@click.argument("before", type=FILE)
@click.argument("after", type=FILE)
@click.option(
    "--recordings",
    "recorded",
    multiple=True,
    required=True,
    type=FILE,
    help="Recorded exchanges to run through both; may be given several times.",
)
@click.argument("more", nargs=-1, type=FILE)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def diff_command(
    before: Path, after: Path, recorded: tuple[Path, ...], more: tuple[Path, ...], as_json: bool
) -> None:
    """Compare the results of two configs over recordings, and the configs by key.

    Exit code: 0 every result is the same, 1 a result differs, 2 a file cannot be used.
    """
    old, new = opened(before), opened(after)
    exchanges = exchanges_of((*recorded, *more))
    results = of_recordings(old, new, (each.recording for each in exchanges))
    keys = key_changes(*(json.loads(file.read_text("utf-8")) for file in (before, after)))
    counts = Counter[str](each.kind for each in results)
    if as_json:
        click.echo(json.dumps(_document(counts, results, keys), ensure_ascii=False))
    else:
        _show(counts, results, keys)
    sys.exit(0 if counts["same"] == len(results) else 1)


def _document(
    counts: Counter[str], results: list[ResultChange], keys: list[KeyChange]
) -> dict[str, object]:
    changed = [asdict(each) for each in results if each.kind != "same"]
    return {
        "ok": not changed,
        "counts": {kind: counts[kind] for kind in ("same", "changed", "error", "mended")},
        "results": changed,
        "keys": [asdict(each) for each in keys],
    }


def _show(counts: Counter[str], results: list[ResultChange], keys: list[KeyChange]) -> None:
    for each in results:
        if each.kind != "same":
            click.echo(f"{each.kind} {each.id} ({each.operation}): {each.message}")
    click.echo(
        f"results: {counts['same']} same, {counts['changed']} changed, "
        f"{counts['error']} now an error, {counts['mended']} no longer an error"
    )
    click.echo(f"config: {len(keys)} parts differ" if keys else "config: the same")
    for key in keys[:_SHOWN]:
        click.echo(f"  {key.kind} {key.pointer}: {_sides(key)}")
    if len(keys) > _SHOWN:
        click.echo(f"  … {len(keys) - _SHOWN} more; --json lists all")


def _sides(key: KeyChange) -> str:
    return f"{key.before} → {key.after}" if key.kind == "changed" else key.before or key.after
