"""``./nexnum otp``."""

from __future__ import annotations

import json
import sys

import click

from nexnum_console.providers.otp import extract


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def otp(as_json: bool) -> None:
    r"""Print the code of each SMS, one message a line on standard input; an empty line for none.

    A line break inside a message is written \n.
    """
    for line in sys.stdin.buffer:
        text = line.decode(errors="replace").rstrip("\r\n").replace("\\n", "\n")
        code = extract(text)
        click.echo(json.dumps({"code": code, "text": text}) if as_json else code or "")
        sys.stdout.flush()
