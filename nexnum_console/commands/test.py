"""``./nexnum test``."""

from __future__ import annotations

import os
import sys

import click

from nexnum_console.stack import testing
from nexnum_console.stack.layout import Layout
from nexnum_console.stack.steps import Steps


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--quick", is_flag=True, help="Leave out browser and torture.")
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED)
def test(quick: bool, pytest_args: tuple[str, ...]) -> None:
    """Run all checks as CI runs them; PYTEST_ARGS go to pytest."""
    passed = testing.run(
        Layout.chosen(os.environ), os.environ, Steps(), quick=quick, extra=pytest_args
    )
    sys.exit(0 if passed else 1)
