"""Where providers push SMS: one secret address for each account, under the account's own proof."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from nexnum_console.api.deps import client_ip, current_services, public
from nexnum_console.operations.inbound_sms import Delivery, receive
from nexnum_console.providers.inbound import Inbound

router = APIRouter(prefix="/api/webhooks", tags=["webhooks"])


@router.post("/{provider}/{token}", include_in_schema=False)
@public("providers have no account; the address is a secret, and the config may ask for more")
async def push(provider: str, token: str, request: Request) -> Response:
    """An SMS from a provider."""
    return await _received(provider, token, "", request)


@router.post("/{provider}/{token}/{sender}", include_in_schema=False)
@public("providers have no account; the address is a secret, and the config may ask for more")
async def push_of(provider: str, token: str, sender: str, request: Request) -> Response:
    """An SMS from one of several senders that one config reads."""
    return await _received(provider, token, sender, request)


async def _received(provider: str, token: str, sender: str, request: Request) -> Response:
    services = current_services(request)
    # Behind a proxy our own idea of scheme and host may differ from the address that was signed.
    url = services.settings.public_url.rstrip("/") + request.url.path
    inbound = Inbound(
        url + (f"?{request.url.query}" if request.url.query else ""),
        {name.lower(): value for name, value in request.headers.items()},
        await request.body(),
        client_ip(request),
    )
    delivery = Delivery(provider, token, sender, inbound)
    answer = await run_in_threadpool(receive, services.desk, services.secret_box, delivery)
    return Response(answer.body, answer.status, media_type=answer.content_type)
