"""The whole stack, without pages: up, a second up, down, and a killed supervisor."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from nexnum_console.stack.layout import CHECKOUT, Layout, load_secrets, read_json
from nexnum_console.stack.processes import end_leftovers
from nexnum_console.stack.services import free_port, holder

pytestmark = pytest.mark.torture


@pytest.fixture
def layout(open_folder: Path) -> Iterator[Layout]:
    """State of its own for this checkout; nothing of it outlives the test."""
    made = Layout(root=CHECKOUT, state=open_folder / "state")
    made.create()
    yield made
    held = holder(made)
    if held:
        os.kill(held[0], signal.SIGKILL)
    end_leftovers(made, load_secrets(made).instance)


def nexnum(layout: Layout, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    plain = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "nexnum_console.cli", *words],
        cwd=CHECKOUT,
        env={**plain, "NEXNUM_DATA_DIR": str(layout.state), **env},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def up(layout: Layout, port: int) -> subprocess.CompletedProcess[str]:
    return nexnum(layout, "up", "--no-pages", "--detach", f"--port={port}")


def tree(layout: Layout) -> list[psutil.Process]:
    held = holder(layout)
    assert held is not None
    return psutil.Process(held[0]).children(recursive=True)


def test_up_second_up_and_down(layout: Layout) -> None:
    port = free_port()
    done = up(layout, port)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"up at http://127.0.0.1:{port}" in done.stdout
    assert f"http://127.0.0.1:{port}/setup?token=" in done.stdout
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health/ready", timeout=5) as answer:
        assert answer.status == 200
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    others = [c for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
    ours = {p.pid for p in tree(layout)}
    assert {c.laddr.ip for c in others if c.pid in ours} == {"127.0.0.1"}

    second = nexnum(layout, "up", "--no-pages", f"--port={free_port()}")
    assert second.returncode == 1
    assert second.stderr == (
        f"nexnum: NexNum is already running at http://127.0.0.1:{port}."
        " Stop it with ./nexnum down.\n"
    )

    left = tree(layout)
    started = time.monotonic()
    assert nexnum(layout, "down").stdout.startswith("Stopped in")
    assert time.monotonic() - started < 10
    assert [p for p in left if p.is_running()] == []
    assert nexnum(layout, "down").stdout == "NexNum is not running.\n"


def test_a_killed_supervisor_takes_everything_along_and_up_recovers(layout: Layout) -> None:
    assert up(layout, free_port()).returncode == 0
    held = holder(layout)
    assert held is not None
    left = tree(layout)
    os.kill(held[0], signal.SIGKILL)
    _, alive = psutil.wait_procs(left, timeout=10)
    assert alive == []
    port = free_port()
    again = up(layout, port)
    assert again.returncode == 0, again.stdout + again.stderr
    assert read_json(layout.run / "stack.json")["url"] == f"http://127.0.0.1:{port}"
    assert nexnum(layout, "down").returncode == 0


def test_a_taken_port_starts_nothing(layout: Layout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = nexnum(layout, "up", "--no-pages", f"--port={port}")
    assert done.returncode == 1
    assert done.stderr.startswith(f"nexnum: Port {port} on 127.0.0.1 is taken")
    assert len(done.stderr.splitlines()) == 1
    assert not (layout.state / "pg").exists()


def test_a_silent_database_starts_nothing(layout: Layout) -> None:
    url = f"postgresql://someone:secret@127.0.0.1:{free_port()}/none"
    done = nexnum(layout, "up", "--no-pages", f"--port={free_port()}", DATABASE_URL=url)
    assert done.returncode == 1
    assert done.stderr.startswith("nexnum: DATABASE_URL does not answer")
    assert len(done.stderr.splitlines()) == 1
    assert "secret" not in done.stderr
    assert not (layout.run / "processes.json").exists()
