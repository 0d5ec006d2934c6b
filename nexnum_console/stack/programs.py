"""The programs of a running console: one row for each process."""

from __future__ import annotations

import json
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from nexnum_console.stack.layout import Layout
from nexnum_console.stack.processes import ProcessSpec
from nexnum_console.stack.services import free_port

CARRIERS = ("fivesim", "sms_activate")
# Each worker process answers for its own queues; a sync or a poll never delays settling.
WORKERS: Mapping[str, Sequence[str]] = {
    "worker-polling": ("polling",),
    "worker-settling": ("settling",),
    "worker-catalogue": ("catalogue",),
    "worker-errands": ("errands",),
}


@dataclass(frozen=True)
class Sandbox:
    """Loopback ports of the simulated carriers: one for control, one for each carrier."""

    control: int
    carriers: Mapping[str, int]

    @classmethod
    def on_free_ports(cls) -> Sandbox:
        """Ports nobody listens on."""
        return cls(free_port(), {name: free_port() for name in CARRIERS})

    def variables(self, key: str) -> dict[str, str]:
        """How the rest of the stack finds the carriers."""
        urls = {name: f"http://127.0.0.1:{port}/{name}" for name, port in self.carriers.items()}
        return {
            "SANDBOX_URLS": json.dumps(urls),
            "SANDBOX_CONTROL_URL": f"http://127.0.0.1:{self.control}",
            "SANDBOX_CONTROL_KEY": key,
            "SANDBOX_CARRIER_KEY": key,
        }


def sandbox_program(layout: Layout, env: Mapping[str, str], sandbox: Sandbox) -> ProcessSpec:
    """The simulated carriers; their orders survive a restart."""
    doors = [f"--carrier-port={name}:{port}" for name, port in sandbox.carriers.items()]
    argv = ["nexnum_console.sandbox", "--host=127.0.0.1", f"--port={sandbox.control}", *doors]
    state = f"--state-file={layout.state / 'sandbox.json'}"
    return _python(layout, env, "sandbox", [*argv, state], _listens(sandbox.control))


def worker_programs(layout: Layout, env: Mapping[str, str]) -> list[ProcessSpec]:
    """Background work: the workers and the one that wakes them."""
    workers = [
        _python(layout, env, name, ["workers.run", *queues]) for name, queues in WORKERS.items()
    ]
    return [*workers, _python(layout, env, "scheduler", ["workers.schedule"])]


def web_program(
    layout: Layout, env: Mapping[str, str], host: str, port: int, *, pages: bool = True
) -> ProcessSpec:
    """Pages, API and websocket; without ``pages`` the API alone, and no build is needed."""
    folders = {"REFLEX_DIR": str(layout.state / "reflex")} if pages else {}
    argv = ["nexnum_console.stack.serve", f"--host={host}", f"--port={port}"]
    reached = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104  a comparison
    return _python(
        layout,
        {**env, **folders},
        "web",
        argv if pages else [*argv, "--no-pages"],
        _serves(f"http://{reached}:{port}{'/' if pages else '/api/health'}"),
    )


def _python(
    layout: Layout,
    env: Mapping[str, str],
    name: str,
    module_argv: Sequence[str],
    ready: Callable[[], bool] = lambda: True,
) -> ProcessSpec:
    argv = [sys.executable, "-m", *module_argv]
    env = {**env, "PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2"}
    return ProcessSpec(name, argv, env, cwd=layout.root, ready=ready, ready_within_s=60.0)


def _listens(port: int) -> Callable[[], bool]:
    def check() -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", port)) == 0

    return check


def _serves(url: str) -> Callable[[], bool]:
    def check() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  our own URL
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    return check
