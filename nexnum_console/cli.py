"""What ``./nexnum`` runs: one command group for each file of ``commands/``."""

from __future__ import annotations

import errno
import os
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

import click

import nexnum_console


class Entry(NamedTuple):
    """A command: its help line, and whether it works on PostgreSQL and Redis."""

    help: str
    services: bool = False


# Help comes from here, so that `./nexnum --help` imports no command.
COMMANDS = {
    "up": Entry("Start everything and stay until Ctrl-C."),
    "down": Entry("Stop the running console."),
    "demo": Entry("Buy a number from the sandbox through the whole stack."),
    "doctor": Entry("Check versions, services, migrations, space and clock."),
    "test": Entry("Run all checks as CI runs them."),
    "provider": Entry("Validate, replay, try, import and compare provider configs."),
    "otp": Entry("Find the code in each SMS of standard input."),
    "sandbox": Entry("Send an SMS or set faults on the simulated carriers.", services=True),
    "ledger": Entry("Check the ledger.", services=True),
    "user": Entry("Create users, give them money, list them.", services=True),
    "workers": Entry("Run more worker processes.", services=True),
    "screenshots": Entry("Photograph every page of a throwaway installation."),
    "bench": Entry("Measure the product on a throwaway installation."),
    "db": Entry("Back up, restore, migrate.", services=True),
}


_CURES = {
    errno.ENOSPC: "Free some space and try again.",
    errno.EDQUOT: "Free some space and try again.",
    errno.EACCES: "Run the command as the user who owns that file.",
    errno.EROFS: "Use a copy of the product on a disk that can be written.",
}


class Root(click.Group):
    """Imports a command only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command that this checkout has, in the order of the table."""
        return [name for name in COMMANDS if find_spec(_module(name))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command's file."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = getattr(import_module(_module(cmd_name)), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List commands from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name].help) for name in self.list_commands(ctx)])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Open the services for a command that works on them, for as long as it runs."""
        name, command, rest = super().resolve_command(ctx, args)
        if name and COMMANDS[name].services and not _asks_for_help(rest):
            from nexnum_console.stack.services import running_services  # noqa: PLC0415

            os.environ.update(ctx.with_resource(running_services(command=name)))
        return name, command, rest


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(nexnum_console.__version__, prog_name="nexnum")
def root() -> None:
    """NexNum Console: temporary phone numbers, sold and received."""


def main(argv: list[str] | None = None) -> Any:
    """Run a command; a known failure is one line with its cure and exit code 1."""
    from nexnum_console.stack.errors import StackError  # noqa: PLC0415

    try:
        return root.main(argv, prog_name="nexnum")
    except StackError as error:
        click.echo(f"nexnum: {error}", err=True)
        sys.exit(1)
    except OSError as error:
        cure = _CURES.get(error.errno or 0)
        if cure is None:
            raise
        click.echo(f"nexnum: {error.strerror}: {error.filename or 'disk'}. {cure}", err=True)
        sys.exit(1)


def _module(name: str) -> str:
    return f"nexnum_console.commands.{name}"


def _asks_for_help(words: list[str]) -> bool:
    return any(word in {"-h", "--help"} for word in words)


if __name__ == "__main__":
    main()
