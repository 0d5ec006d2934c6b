"""Composition: the carriers under their prefixes, the control API beside them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.routing import Mount

from nexnum_console.sandbox.carriers import Carrier
from nexnum_console.sandbox.control import Control
from nexnum_console.sandbox.fivesim import FiveSim
from nexnum_console.sandbox.handler_api import HandlerApi
from nexnum_console.sandbox.world import World


async def no_ports() -> None:
    """Carriers without ports of their own have none to close."""


def create_app(
    world: World,
    *,
    control_key: str,
    carrier_key: str,
    move_doors: Callable[[], Awaitable[None]] = no_ports,
) -> Starlette:
    """``/fivesim``, ``/sms_activate`` and ``/control``. ``carrier_key`` opens every carrier."""

    def carrier(name: str) -> Callable[[], Carrier]:
        # Looked up at each call: a reset replaces the carriers.
        return lambda: world.carriers[name]

    return Starlette(
        routes=[
            Mount("/control", routes=Control(world, control_key, move_doors).routes()),
            Mount("/fivesim", routes=FiveSim(carrier("fivesim"), carrier_key).routes()),
            Mount(
                "/sms_activate", routes=HandlerApi(carrier("sms_activate"), carrier_key).routes()
            ),
        ]
    )
