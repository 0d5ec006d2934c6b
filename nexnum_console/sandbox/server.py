"""The sandbox process: uvicorn on one port, and on request a port of its own per carrier."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import uvicorn

from nexnum_console.sandbox.app import create_app
from nexnum_console.sandbox.clock import WallClock
from nexnum_console.sandbox.doors import BACKLOG, SLICE_SECONDS, Door
from nexnum_console.sandbox.profiles import PROFILES
from nexnum_console.sandbox.state_file import StateFile
from nexnum_console.sandbox.wire import OpenWire, drop_held
from nexnum_console.sandbox.world import CARRIERS, World


class SandboxServer(uvicorn.Server):
    """uvicorn with doors, a state file and a line on stdout when ready."""

    def __init__(
        self,
        world: World,
        *,
        host: str,
        port: int,
        control_key: str,
        carrier_key: str,
        carrier_ports: dict[str, int],
        state_file: StateFile | None = None,
        announce: bool = False,
    ) -> None:
        self.world = world
        self._host, self._carrier_ports = host, carrier_ports
        self._doors: list[Door] = []
        app = create_app(
            world, control_key=control_key, carrier_key=carrier_key, move_doors=self.move_doors
        )
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                http=OpenWire,
                ws="none",
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                backlog=BACKLOG,
                timeout_keep_alive=30,
                timeout_graceful_shutdown=2,
            )
        )
        self._state_file = state_file
        self._announce = announce
        self._chores: list[asyncio.Task[None]] = []

    def _door(self, name: str, port: int) -> Door:
        """Connections through a door are served like those on the main port."""
        state = self.server_state
        return Door(
            name,
            self._host,
            port,
            carrier=lambda: self.world.carriers[name],
            protocol=lambda: OpenWire(self.config, state, self.lifespan.state),
            connections=lambda: [c for c in state.connections if isinstance(c, OpenWire)],
        )

    @property
    def port(self) -> int:
        """The main port, known once started."""
        port: int = self.servers[0].sockets[0].getsockname()[1]
        return port

    async def move_doors(self) -> None:
        for door in self._doors:
            await door.follow()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._doors = [self._door(name, port) for name, port in self._carrier_ports.items()]
        for door in self._doors:
            await door.open()
        self._chores = [asyncio.create_task(self._swing_doors())]
        if self._state_file is not None:
            self._chores.append(asyncio.create_task(self._state_file.keep_saving()))
        if self._announce:
            sys.stdout.write(json.dumps(self.ready_line()) + "\n")
            sys.stdout.flush()

    def ready_line(self) -> dict[str, Any]:
        ports = {name: carrier.own_port for name, carrier in self.world.carriers.items()}
        return {"ready": True, "port": self.port, "carrier_ports": ports}

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for chore in self._chores:
            chore.cancel()
        drop_held()
        # What still sleeps before a late sale is cut short by uvicorn: no news to anyone.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        for door in self._doors:
            door.close()
        await super().shutdown(sockets=sockets)
        if self._state_file is not None:
            self._state_file.save()

    async def _swing_doors(self) -> None:
        while True:
            await asyncio.sleep(SLICE_SECONDS)
            await self.move_doors()


def main(argv: list[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT. Exit code 0: ended, 1: cannot start, 2: bad arguments."""
    options = _parser().parse_args(argv)
    if not options.control_key or not options.carrier_key:
        return _fail(2, "give SANDBOX_CONTROL_KEY and SANDBOX_CARRIER_KEY (or the two options)")
    world = World(options.seed, options.profile, WallClock())
    state_file = StateFile(options.state_file, world) if options.state_file else None
    try:
        if state_file is not None:
            state_file.load()
            state_file.save()
    except (OSError, ValueError, KeyError, TypeError) as error:
        return _fail(1, f"cannot use the state file {options.state_file}: {error}; move it away")
    taken = _first_taken(options.host, [options.port, *dict(options.carrier_port).values()])
    if taken is not None:
        return _fail(1, f"port {taken} on {options.host} is taken; choose another with --port")
    server = SandboxServer(
        world,
        host=options.host,
        port=options.port,
        control_key=options.control_key,
        carrier_key=options.carrier_key,
        carrier_ports=dict(options.carrier_port),
        state_file=state_file,
        announce=True,
    )
    # uvicorn raises the signal again once it has ended; a clean end is exit code 0.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    server.run()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090, help="0 takes a free one")
    parser.add_argument("--seed", type=int, default=1, help="a saved state brings its own")
    parser.add_argument(
        "--profile", choices=sorted(PROFILES), default="demo", help="a saved state brings its own"
    )
    parser.add_argument("--state-file", type=Path, help="orders survive a restart in this file")
    parser.add_argument(
        "--carrier-port",
        type=_carrier_port,
        action="append",
        default=[],
        metavar="NAME:PORT",
        help="a port of its own for a carrier, so that the fault refuse really refuses",
    )
    parser.add_argument("--control-key", default=os.environ.get("SANDBOX_CONTROL_KEY"))
    parser.add_argument("--carrier-key", default=os.environ.get("SANDBOX_CARRIER_KEY"))
    return parser


def _carrier_port(text: str) -> tuple[str, int]:
    name, _, port = text.partition(":")
    known = [terms.name for terms in CARRIERS]
    if name not in known or not port.isdecimal():
        raise argparse.ArgumentTypeError(f"write NAME:PORT, NAME one of {', '.join(known)}")
    return name, int(port)


def _first_taken(host: str, ports: list[int]) -> int | None:
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                return port
    return None


def _fail(code: int, message: str) -> int:
    sys.stderr.write(f"sandbox: {message}\n")
    return code
