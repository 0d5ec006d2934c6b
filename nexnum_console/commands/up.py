"""``./nexnum up``."""

from __future__ import annotations

import os
import sys

import click

from nexnum_console.stack import up as stack_up
from nexnum_console.stack.layout import Layout
from nexnum_console.stack.steps import Steps


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--no-demo", is_flag=True, help="Without sandbox carriers and demo data.")
@click.option("--no-pages", is_flag=True, help="The API alone; builds no front end.")
@click.option("--detach", is_flag=True, help="Return once it is up; stop it with ./nexnum down.")
@click.option("--detached-child", is_flag=True, hidden=True)
def up(
    port: int, host: str, no_demo: bool, no_pages: bool, detach: bool, detached_child: bool
) -> None:
    """Start everything and stay until Ctrl-C."""
    choices = stack_up.Choices(host=host, port=port, demo=not no_demo, pages=not no_pages)
    if detach:
        sys.exit(stack_up.detach(choices, os.environ))
    stack_up.run(Layout.chosen(os.environ), choices, os.environ, Steps(), detached=detached_child)
