"""A whole console for the time of a command: the running one, or one of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from nexnum_console.settings import Settings
from nexnum_console.stack import postgres
from nexnum_console.stack.errors import StackError
from nexnum_console.stack.layout import Layout, load_secrets
from nexnum_console.stack.processes import end_leftovers
from nexnum_console.stack.services import free_port, is_held, read_state
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


@contextmanager
def throwaway_console(
    home: Layout, environ: Mapping[str, str], steps: Steps, command: str
) -> Iterator[Started]:
    """A console with pages, sandbox and an empty database of its own, all gone at the end.

    Nothing in ``environ`` that names the operator's parts reaches it.
    """
    home.state.mkdir(mode=0o755, exist_ok=True)
    for left in home.state.glob(f"{command}-*"):
        _remove(Layout(home.root, left))
    layout = Layout(home.root, Path(tempfile.mkdtemp(prefix=f"{command}-", dir=home.state)))
    layout.state.chmod(0o755)
    ours = {name.upper() for name in Settings.model_fields}
    outside = {name: value for name, value in environ.items() if name not in ours}
    try:
        choices = Choices(port=free_port())
        with own_stack(layout, choices, outside, steps, command=command) as (started, _):
            yield Started(started.url, {**outside, **started.env}, started.admin_link)
    finally:
        _remove(layout)


def _remove(layout: Layout) -> None:
    if is_held(layout):
        return
    if layout.secrets.exists():
        secrets = load_secrets(layout)
        end_leftovers(layout, secrets.instance)
        shutil.rmtree(postgres.locate(layout, secrets).data.parent, ignore_errors=True)
    shutil.rmtree(layout.state, ignore_errors=True)
