"""A whole console for the time of a command: the running one, or one of its own without pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from nexnum_console.stack.errors import StackError
from nexnum_console.stack.layout import Layout
from nexnum_console.stack.services import free_port, read_state
from nexnum_console.stack.steps import Steps
from nexnum_console.stack.up import Choices, Started, own_stack


@contextmanager
def running_console(
    layout: Layout, environ: Mapping[str, str], steps: Steps, command: str
) -> Iterator[Started]:
    """Use the running console, or start one on a free port and stop it again.

    Raises StackError when the running one has no sandbox carriers.
    """
    state = read_state(layout)
    if state is not None:
        if "SANDBOX_CONTROL_URL" not in state["env"]:
            raise StackError(
                "The running console has no sandbox carriers.",
                "Stop it with ./nexnum down and start it without --no-demo.",
            )
        yield Started(state["url"], {**environ, **state["env"]}, None)
        return
    choices = Choices(port=free_port(), pages=False)
    with own_stack(layout, choices, environ, steps, command=command) as (started, _):
        yield Started(started.url, {**environ, **started.env}, None)
