"""Files that the provider commands read: configs and recordings, with errors that name them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import click

from nexnum_console.providers.compile import CompiledProvider, compile_config
from nexnum_console.providers.loading import ConfigError, load_config, text_of
from nexnum_console.providers.problems import Problem
from nexnum_console.providers.recordings import BadRecording, read_recordings

FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


class Exchange(NamedTuple):
    """A recording and the file it stands in."""

    file: Path
    recording: dict[str, Any]


def opened(file: Path) -> CompiledProvider:
    """The config of a file, ready; its faults are shown and end the command with exit code 2."""
    try:
        return compile_config(load_config(text_of(file.read_bytes(), str(file)), str(file)))
    except ConfigError as error:
        echo_problems(error.problems)
        sys.exit(2)


def exchanges_of(files: Iterable[Path]) -> list[Exchange]:
    """Every recording of the files; a file that cannot be used ends the command (code 2)."""
    try:
        return [
            Exchange(file, each)
            for file in files
            for each in read_recordings(file.read_bytes(), str(file))
        ]
    except BadRecording as error:
        click.echo(error, err=True)
        sys.exit(2)


def echo_problems(problems: Iterable[Problem]) -> None:
    """Problems over several lines each, on the error stream."""
    for problem in problems:
        click.echo(problem.shown(), err=True)
