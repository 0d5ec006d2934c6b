"""./nexnum provider try: one live call, with the key masked in everything that is shown."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import click

from nexnum_console.commands.provider.files import FILE, opened
from nexnum_console.core.egress import DEFAULT_PORTS, EgressPolicy
from nexnum_console.providers.compile import CompiledProvider, operation_name
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.problems import suggestion
from nexnum_console.providers.recordings import BadRecording, read_recordings
from nexnum_console.providers.templates import VARIABLE_NAMES, UnknownVariable, variable_name
from nexnum_console.providers.timing import TimedTransport
from nexnum_console.providers.trying import Attempt, attempt, recorded


@click.command("try")
@click.argument("config", type=FILE)
@click.argument("operation")
@click.argument("variables", nargs=-1, metavar="[NAME=VALUE]…")
@click.option("--record", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--base-url", metavar="URL", help="Instead of the config's: a sandbox, a mirror.")
@click.option("--key-env", metavar="NAME", help="Environment variable that holds the key.")
@click.option("--allow-private", is_flag=True, help="The target may be loopback or private.")
@click.option("--yes", is_flag=True, help="Do not ask before money is spent.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def try_command(
    config: Path,
    operation: str,
    variables: tuple[str, ...],
    record: Path | None,
    base_url: str | None,
    key_env: str | None,
    allow_private: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Send one OPERATION of CONFIG to the provider and show what came of it.

    The key is read from --key-env or asked for; it is never an argument and never shown. What
    spends money asks first. --record appends the exchange to a file of recordings, key taken out.

    Exit code: 0 a result, 1 a typed error, 2 nothing could be sent for a fault of the call.
    """
    compiled = opened(config)
    name = _operation(compiled, operation)
    values = _values(variables)
    target = base_url or compiled.config.base_url
    taken = _taken_ids(record)
    _may_spend(compiled, name, values, yes)
    secret = _secret(compiled, target, key_env, yes) if _asks(compiled, name) else ""
    transport = TimedTransport(_policy(target, allow_private))
    with transport:
        made = attempt(compiled, name, values, secret, transport, base_url)
    if not made.calls and made.error is not None:
        _stop(f"{made.error.message}; give name=value for each")
    _show_json(made) if as_json else _show(made)
    if record is not None:
        source = f"live call to {urlsplit(target).hostname}"
        ids = (str(each["id"]) for each in taken)
        _record(record, taken, lambda: recorded(compiled, made, secret, target, source, ids))
    sys.exit(0 if made.error is None else 1)


def _operation(compiled: CompiledProvider, written: str) -> str:
    try:
        name = operation_name(written)
    except KeyError:
        name = written
    known = [each for each, op in compiled.operations.items() if op.routes or op.fixed]
    if name not in known:
        near = suggestion(written, known)
        _stop(f"the config sends no “{written}”{near} It sends {', '.join(known)}.")
    return name


def _asks(compiled: CompiledProvider, name: str) -> bool:
    """Whether anything is sent; a price of the config may be that of all that calls list."""
    needed = [name, "countries", "services"] if name == "prices" else [name]
    return any(compiled.operations[each].routes for each in needed if each in compiled.operations)


def _values(written: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in written:
        name, equals, value = each.partition("=")
        if not equals:
            _stop(f"“{each}” is not name=value")
        try:
            found[variable_name(name)] = value
        except UnknownVariable:
            known = sorted(set(VARIABLE_NAMES.values()))
            _stop(f"“{name}” is no variable{suggestion(name, known)} Known: {', '.join(known)}.")
    return found


def _may_spend(compiled: CompiledProvider, name: str, values: dict[str, str], yes: bool) -> None:
    routes = compiled.operations[name].routes
    if yes or all(route.effect != "spend" for route in routes):
        return
    currency = compiled.config.currency
    if "max_price" not in values:
        values["max_price"] = str(_asked(f"At most how much, in {currency} (max_price)"))
    if not _positive(values["max_price"]):
        _stop(f"max_price is a price above 0 as 0.50, not “{values['max_price']}”")
    question = f"“{name}” buys at {compiled.name} for up to {values['max_price']} {currency}. Go on"
    if not _confirmed(question):
        click.echo("Nothing was sent.", err=True)
        sys.exit(2)


def _positive(written: str) -> bool:
    digits = written.replace(".", "", 1)
    return digits.isascii() and digits.isdigit() and any(sign in "123456789" for sign in digits)


def _secret(compiled: CompiledProvider, target: str, key_env: str | None, yes: bool) -> str:
    if all(auth.type == "none" for auth in compiled.config.auths()):
        return ""
    own, host = urlsplit(compiled.config.base_url).hostname, urlsplit(target).hostname
    foreign = f"The key goes to {host}, which is not the config's host {own}. Go on"
    if own != host and not yes and not _confirmed(foreign):
        click.echo("Nothing was sent.", err=True)
        sys.exit(2)
    if key_env:
        found = os.environ.get(key_env, "")
        if not found:
            _stop(f"the environment variable {key_env} is empty; export it, or leave --key-env out")
        return found
    return str(_asked(f"Key of {compiled.name}", hidden=True))


def _asked(question: str, *, hidden: bool = False) -> Any:
    """An answer from the terminal; where nobody answers, the way to give it is told."""
    try:
        return click.prompt(question, hide_input=hidden, err=True)
    except click.Abort:
        option = "--key-env NAME" if hidden else "max_price=… and --yes"
        _stop(f"no answer to “{question}”; in a script give {option}")


def _confirmed(question: str) -> bool:
    try:
        return click.confirm(question, err=True)
    except click.Abort:
        _stop(f"no answer to “{question}?”; in a script give --yes")


def _policy(target: str, allow_private: bool) -> EgressPolicy:
    if not allow_private:
        return EgressPolicy()
    parts = urlsplit(target)
    port = parts.port or DEFAULT_PORTS.get(parts.scheme, 0)
    return EgressPolicy(allowed_private=frozenset({((parts.hostname or "").lower(), port)}))


def _show(made: Attempt) -> None:
    for call in made.calls:
        click.echo(f"request  {call.curl}")
        if call.status is not None:
            kind = call.content_type or "no content type"
            click.echo(f"answer   HTTP {call.status}, {kind}")
            click.echo(f"body     {call.body or '(empty)'}")
    if not made.calls:
        click.echo("request  none: the list stands in the config")
    split = [f"{part.name} {part.millis:.1f} ms" for part in made.parts]
    click.echo(f"time     {', '.join(split) or 'no connection'}")
    if made.error is None:
        click.echo(f"result   {json.dumps(made.result, ensure_ascii=False, indent=1)}")
        return
    click.echo(f"error    {made.error}")
    for name in ("min_price", "retry_after"):
        value = getattr(made.error, name)
        if value is not None:
            click.echo(f"         {name}: {value}")
    if not made.error.sent:
        click.echo("         nothing was sent" + _cure(made.error))


def _cure(error: ProviderError) -> str:
    private = "not a public address" in error.message or "only https" in error.message
    return "; for a sandbox on this machine give --allow-private" if private else ""


def _show_json(made: Attempt) -> None:
    last = made.calls[-1] if made.calls else None
    told: dict[str, Any] = {
        "request": last and last.curl,
        "milliseconds": {part.name: round(part.millis, 3) for part in made.parts},
        "status": last and last.status,
        "body": last and last.body,
        "calls": [asdict(call) for call in made.calls],
        "result": made.result,
        "error": None,
    }
    if made.error is not None:
        told["error"] = {
            "code": str(made.error.code),
            "message": made.error.message,
            "min_price": made.error.min_price,
            "retry_after": made.error.retry_after,
            "sent": made.error.sent,
        }
    click.echo(json.dumps(told, ensure_ascii=False))


def _taken_ids(file: Path | None) -> list[dict[str, Any]]:
    """What the file of recordings holds so far, read before anything is sent."""
    if file is None or not file.exists():
        if file is not None and not file.parent.is_dir():
            _stop(f"{file.parent} is not a folder; make it, or name another file")
        return []
    try:
        return read_recordings(file.read_bytes(), str(file))
    except BadRecording as error:
        _stop(f"{error}\nNothing was sent. Repair the file, or name another one.")


def _record(file: Path, before: list[dict[str, Any]], made: Callable[[], dict[str, Any]]) -> None:
    try:
        added = made()
    except ValueError as error:
        click.echo(f"not recorded: {error}", err=True)
        return
    text = json.dumps([*before, added], ensure_ascii=False, indent=1) + "\n"
    with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False, encoding="utf-8") as fresh:
        fresh.write(text)
    Path(fresh.name).replace(file)
    click.echo(f"recorded {added['id']} in {file}", err=True)


def _stop(message: str) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(2)
