"""The web process: ``python -m nexnum_console.stack.serve --host 127.0.0.1 --port 8000``.

Pages, API and websocket on one port, from what the build left; nothing is compiled and no
Node is needed. ``reflex run`` would listen on every interface and build again.
"""

from __future__ import annotations

import argparse

from reflex.utils.exec import run_granian_backend_prod
from reflex_base import constants


def main() -> None:
    """Serve until a signal. The number of processes is GRANIAN_WORKERS."""
    parser = argparse.ArgumentParser(prog="serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    run_granian_backend_prod(options.host, options.port, constants.LogLevel.WARNING)


if __name__ == "__main__":
    main()
