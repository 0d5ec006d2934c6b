"""./nexnum provider import and new: a draft config, and what is still open about it."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.prompt import Prompt

from nexnum_console.commands.provider.files import FILE
from nexnum_console.providers.importing.beginning import AUTHS, BLANK, NAMED, Beginning, begin
from nexnum_console.providers.importing.reading import KINDS, Draft, ImportFault, import_source
from nexnum_console.providers.importing.shipped import shipped_texts
from nexnum_console.providers.loading import ConfigError, text_of

_OUT = click.Path(dir_okay=False, path_type=Path)
_KEYS = ("name", "base_url", "auth", "auth_name", "template", "currency", "display_name")


@click.command("import")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("source")
@click.option("--out", type=_OUT, metavar="FILE", help="Where to write; else it is printed.")
@click.option("--name", default="", help="The provider's name; else it comes from the host.")
@click.option("--base-url", default="", metavar="URL", help="Instead of what the source tells.")
@click.option("--host", default="", help="Of a HAR: the host whose calls are meant.")
@click.option("--recordings", type=_OUT, metavar="FILE", help="Keep real answers there.")
@click.option("--json", "as_json", is_flag=True, help="Config and open points as one JSON object.")
def import_command(
    kind: str,
    source: str,
    out: Path | None,
    name: str,
    base_url: str,
    host: str,
    recordings: Path | None,
    as_json: bool,
) -> None:
    """Draft a config from SOURCE: a file, - for standard input, or a curl command itself.

    What the source cannot tell is listed on the error stream. Keys in it are left out and told.

    Exit code: 0 the draft is valid, 1 it is not yet, 2 the source cannot be used.
    """
    for file in (out, recordings):
        _refuse_overwrite(file)
    text, label = _source(kind, source)
    try:
        draft = import_source(
            kind,
            text,
            shipped_texts(),
            source=label,
            name=name,
            base_url=base_url,
            host=host,
        )
    except ImportFault as error:
        _stop(f"{label}: {error}")
    if recordings is not None:
        written = json.dumps(draft.recordings, ensure_ascii=False, indent=1) + "\n"
        recordings.write_text(written, "utf-8")
    _give(draft, out, as_json)
    sys.exit(1 if draft.problems else 0)


def _source(kind: str, source: str) -> tuple[str, str]:
    if kind == "curl" and source.lstrip().startswith("curl "):
        return source, "the command"
    if source == "-":
        raw, label = sys.stdin.buffer.read(), "standard input"
    else:
        file, label = Path(source), source
        if not file.is_file():
            hint = "; a curl command begins with curl" if kind == "curl" else ""
            _stop(f"{source}: there is no such file{hint}")
        raw = file.read_bytes()
    try:
        return text_of(raw, label).removeprefix("\ufeff"), label
    except ConfigError as error:
        _stop(str(error))


def _give(draft: Draft, out: Path | None, as_json: bool) -> None:
    if out is not None:
        out.write_text(draft.text, "utf-8")
    if as_json:
        click.echo(json.dumps(_document(draft), ensure_ascii=False))
        return
    if out is None:
        click.echo(draft.text, nl=False)
    else:
        click.echo(f"wrote {out}", err=True)
    for operation, call in draft.evidence.items():
        click.echo(f"found {operation}: {call}", err=True)
    for secret in draft.secrets:
        click.echo(f"key   {secret}", err=True)
    for point in draft.unknowns:
        click.echo(f"open  {point}", err=True)
    state = "not valid yet" if draft.problems else "valid"
    click.echo(f"The draft is {state}, with {len(draft.unknowns)} open points.", err=True)
    if draft.problems and out is not None:
        click.echo(f"See ./nexnum provider validate {out}", err=True)


def _document(draft: Draft) -> dict[str, Any]:
    return {
        "ok": not draft.problems,
        "config": draft.config,
        "found": draft.evidence,
        "open": [{"pointer": each.pointer, "what": each.what} for each in draft.unknowns],
        "keys": [str(each) for each in draft.secrets],
        "problems": [asdict(each) for each in draft.problems],
        "recordings": len(draft.recordings),
    }


@click.command("new")
@click.option("--answers", type=FILE, metavar="FILE", help="A JSON object instead of questions.")
@click.option("--out", type=_OUT, metavar="FILE", help="Else NAME.json beside the other configs.")
def new_command(answers: Path | None, out: Path | None) -> None:
    """Ask a few things about a provider, then write a draft config.

    --answers takes an object of name, base_url, auth, auth_name, template, currency and
    display_name. Nothing is ever overwritten. Exit code: 0 written, 2 an answer is at fault.
    """
    _refuse_overwrite(out)
    templates = shipped_texts()
    given = _read(answers) if answers else _ask(list(templates))
    try:
        draft = begin(given, templates)
    except ImportFault as error:
        _stop(f"{answers}: {error}" if answers else str(error))
    folder = Path("provider_configs") if Path("provider_configs").is_dir() else Path()
    file = out or folder / f"{given.name}.json"
    _refuse_overwrite(file)
    _give(draft, file, as_json=False)
    click.echo(_next_steps(file), err=True)


def _next_steps(file: Path) -> str:
    return (
        "Next:\n"
        f"  1. settle the open points in {file}\n"
        f"  2. ./nexnum provider validate {file}\n"
        f"  3. ./nexnum provider try {file} balance --record recordings.json\n"
        f"  4. ./nexnum provider replay {file} recordings.json"
    )


def _read(file: Path) -> Beginning:
    try:
        found = json.loads(text_of(file.read_bytes(), str(file)))
    except ConfigError as error:
        _stop(str(error))
    except ValueError as error:
        _stop(f"{file}: not JSON: {error}")
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
        _stop(f"{file}: the answers are an object of texts: {', '.join(_KEYS)}")
    unknown = [key for key in found if key not in _KEYS]
    missing = [key for key in ("name", "base_url", "auth") if key not in found]
    if unknown or missing:
        told = [f"“{key}” is no question" for key in unknown] + [
            f"“{k}” is missing" for k in missing
        ]
        _stop(f"{file}: {'; '.join(told)}; the questions are {', '.join(_KEYS)}")
    return Beginning(**found)


def _ask(templates: list[str]) -> Beginning:
    console = Console(stderr=True)
    try:
        name = Prompt.ask("Name (a-z, 0-9, _ and -)", console=console)
        base_url = Prompt.ask("Base URL, as https://api.provider.com/v1", console=console)
        auth = Prompt.ask("How does the key travel", choices=list(AUTHS), console=console)
        auth_name = ""
        if auth in NAMED:
            auth_name = Prompt.ask("Name of the header or parameter", console=console)
        choices = [BLANK, *templates]
        template = Prompt.ask(
            "Which config is it like", choices=choices, default=BLANK, console=console
        )
        currency = Prompt.ask("Currency of its prices", default="USD", console=console)
    except EOFError:
        _stop("no answer; in a script give --answers FILE")
    return Beginning(name, base_url, auth, auth_name, template, currency)


def _refuse_overwrite(file: Path | None) -> None:
    if file is None:
        return
    if file.exists():
        _stop(f"{file} is there already and is not overwritten; name another file with --out")
    if not file.parent.is_dir():
        _stop(f"{file.parent} is not a folder; make it, or name another file")


def _stop(message: str) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(2)
