"""Where payment gateways call back."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from nexnum_console.api.deps import current_services, public
from nexnum_console.operations import deposit_desk

router = APIRouter(prefix="/api/gateways", tags=["wallet"])


class HeardOut(BaseModel):
    """The callback was kept."""

    received: bool = True


@router.post("/{gateway}/callback", response_model=HeardOut, include_in_schema=False)
@public("gateways have no account; each callback carries the gateway's signature")
async def callback(gateway: str, request: Request) -> HeardOut:
    """One event; answered well once it is kept, so that the gateway does not send it again."""
    services = current_services(request)
    headers = {name.lower(): value for name, value in request.headers.items()}
    body = await request.body()
    await run_in_threadpool(deposit_desk.told, services.deposit_desk, gateway, body, headers)
    return HeardOut()
