"""The first admin, by the one-time link that start-up printed."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response
from pydantic import Field

from nexnum_console.api.auth import Credentials, Me, start_session
from nexnum_console.api.deps import ServicesDep, ThrottleDep, client_ip, public
from nexnum_console.core.clock import utc_now
from nexnum_console.core.throttle import Limit
from nexnum_console.operations import first_admin

router = APIRouter(prefix="/api/setup", tags=["setup"])

SETUP_BY_ADDRESS: Final = Limit("setup-address", 20, 15 * 60)


class FirstAdmin(Credentials):
    """The token of the link and the credentials to create."""

    token: str = Field(min_length=20, max_length=100)


@router.post("/admin", status_code=201, response_model=Me)
@public("the token is the proof, and it works once")
def create_first_admin(
    body: FirstAdmin,
    request: Request,
    response: Response,
    services: ServicesDep,
    throttle: ThrottleDep,
) -> Me:
    """Use the link up: create the admin and log in."""
    throttle.hit(SETUP_BY_ADDRESS, client_ip(request))
    user_id = first_admin.redeem_first_admin(
        services.database,
        body.token,
        body.email,
        body.password,
        currency=services.settings.wallet_currency,
        now=utc_now(),
    )
    return start_session(request, response, services, user_id)
