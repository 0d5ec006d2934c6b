"""The web process: ``python -m nexnum_console.stack.serve --host 127.0.0.1 --port 8000``.

Pages, API and websocket on one port, from what the build left; nothing is compiled and no
Node is needed. ``reflex run`` would listen on every interface and build again.
"""

from __future__ import annotations

import argparse
import os

REFLEX = {
    "REFLEX_ENV_MODE": "prod",
    "REFLEX_TELEMETRY_ENABLED": "false",
    "REFLEX_CHECK_LATEST_VERSION": "false",
    "__REFLEX_SKIP_COMPILE": "true",
    "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
}


def main() -> None:
    """Serve until a signal. The number of processes is GRANIAN_WORKERS, by default one."""
    parser = argparse.ArgumentParser(prog="serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--no-pages", action="store_true", help="the API alone, without a build")
    options = parser.parse_args()
    if options.no_pages:
        _serve_api(options.host, options.port)
    else:
        _serve_pages(options.host, options.port)


def _serve_pages(host: str, port: int) -> None:
    os.environ.update(REFLEX)
    os.environ.setdefault("GRANIAN_WORKERS", "1")

    # Reflex reads its settings while it is imported.
    from reflex.utils.exec import run_granian_backend_prod  # noqa: PLC0415
    from reflex_base import constants  # noqa: PLC0415

    run_granian_backend_prod(host, port, constants.LogLevel.WARNING)


def _serve_api(host: str, port: int) -> None:
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415
    from granian.server import Server  # noqa: PLC0415

    # Loaded before the server's processes are forked, so that they share it.
    from nexnum_console.stack import api_alone  # noqa: PLC0415

    Server(
        api_alone.TARGET,
        host,
        port,
        interface=Interfaces.ASGI,
        factory=True,
        log_level=LogLevels.warning,
        workers=int(os.environ.get("GRANIAN_WORKERS", "1")),
    ).serve()


if __name__ == "__main__":
    main()
