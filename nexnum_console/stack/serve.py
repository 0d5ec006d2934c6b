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
}


def main() -> None:
    """Serve until a signal. The number of processes is GRANIAN_WORKERS, by default one."""
    parser = argparse.ArgumentParser(prog="serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--no-pages", action="store_true", help="the API alone, without a build")
    options = parser.parse_args()
    os.environ.update(REFLEX)
    os.environ["__REFLEX_MOUNT_FRONTEND_COMPILED_APP"] = str(not options.no_pages).lower()
    os.environ.setdefault("GRANIAN_WORKERS", "1")

    # Reflex reads its settings while it is imported.
    from reflex.utils.exec import run_granian_backend_prod  # noqa: PLC0415
    from reflex_base import constants  # noqa: PLC0415

    run_granian_backend_prod(options.host, options.port, constants.LogLevel.WARNING)


if __name__ == "__main__":
    main()
