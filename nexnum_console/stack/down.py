"""``./nexnum down``: end the running console from another terminal."""

from __future__ import annotations

import signal
import time

import psutil

from nexnum_console.stack.errors import StackError
from nexnum_console.stack.layout import Layout, load_secrets
from nexnum_console.stack.processes import end_leftovers
from nexnum_console.stack.services import holder, is_held

PATIENCE_S = 9.0


def stop(layout: Layout) -> bool:
    """End the console and all its processes; False when none was running.

    Raises StackError when another command, not ``up``, holds the services.
    """
    held = holder(layout)
    if held and held[1] != "up":
        raise StackError(
            f"The services belong to the command `{held[1]}` (process {held[0]}).",
            "They stop when it ends.",
        )
    if held:
        _end_supervisor(layout, held[0])
    if not layout.run.exists():
        return False
    left = end_leftovers(layout, load_secrets(layout).instance)
    (layout.run / "stack.json").unlink(missing_ok=True)
    return bool(held or left)


def _end_supervisor(layout: Layout, pid: int) -> None:
    try:
        supervisor = psutil.Process(pid)
        supervisor.send_signal(signal.SIGTERM)
    except psutil.NoSuchProcess:
        return
    except psutil.AccessDenied as error:
        raise StackError(
            "The console belongs to another user.", "Run ./nexnum down as that user."
        ) from error
    deadline = time.monotonic() + PATIENCE_S
    while is_held(layout) and time.monotonic() < deadline:
        time.sleep(0.05)
    if is_held(layout):
        supervisor.kill()
