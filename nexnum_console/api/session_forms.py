"""Log in, register and log out by plain HTML forms: the answer is a cookie and a redirect.

Only an HTTP answer can set an HttpOnly cookie, so the pages post here. What went wrong comes back
as a code in the query; the page has the words for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final
from urllib.parse import parse_qsl, urlencode

import redis
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.exc import SQLAlchemyError

from nexnum_console.accounts import service as accounts
from nexnum_console.api.auth import (
    LOGIN_BY_ACCOUNT,
    LOGIN_BY_ADDRESS,
    REGISTER_BY_ADDRESS,
    logout,
    start_session,
)
from nexnum_console.api.deps import ServicesDep, ThrottleDep, client_ip, public
from nexnum_console.api.setup import SETUP_BY_ADDRESS
from nexnum_console.bootstrap import Services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.errors import BusinessError
from nexnum_console.operations import first_admin, registration

router = APIRouter(include_in_schema=False)

STORE: Final = "/store"
CONSOLE: Final = "/console"
SETUP_COOKIE: Final = "nexnum_setup"
SETUP_SECONDS: Final = 3600
MAX_BODY: Final = 8 * 1024
MAX_FIELDS: Final = 8
_FORM: Final = "application/x-www-form-urlencoded"


class ForeignForm(BusinessError):
    """The form was not sent by a page of ours."""

    code = "foreign_origin"
    status = 403


Fields = dict[str, str]


async def form_fields(request: Request) -> Fields:
    """The posted fields; empty for anything that is not a small form from our own pages."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            return {}
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        return {}
    try:
        pairs = parse_qsl(body.decode(), max_num_fields=MAX_FIELDS, keep_blank_values=True)
    except ValueError:
        return {}
    return dict(pairs)


FieldsDep = Annotated[Fields, Depends(form_fields)]


@router.post("/session/login")
@public("people prove who they are here")
def login(
    request: Request, services: ServicesDep, throttle: ThrottleDep, fields: FieldsDep
) -> Response:
    """Log in and go to the page of one's role."""

    def attempt() -> int:
        account = fields.get("email", "").strip().lower()
        throttle.hit(LOGIN_BY_ADDRESS, client_ip(request))
        throttle.hit(LOGIN_BY_ACCOUNT, account)
        person = accounts.authenticate(
            services.database, fields.get("email", ""), fields.get("password", "")
        )
        throttle.forget(LOGIN_BY_ACCOUNT, account)
        return person.id

    return _enter(request, services, attempt, back="/login")


@router.post("/session/register")
@public("people become users here")
def register(
    request: Request, services: ServicesDep, throttle: ThrottleDep, fields: FieldsDep
) -> Response:
    """Create an account with an empty wallet and go to the store."""

    def attempt() -> int:
        throttle.hit(REGISTER_BY_ADDRESS, client_ip(request))
        return registration.sign_up(
            services.database,
            fields.get("email", ""),
            fields.get("password", ""),
            currency=services.settings.wallet_currency,
        )

    return _enter(request, services, attempt, back="/register")


@router.get("/setup")
@public("the token is the proof, and it works once")
def take_setup_token(services: ServicesDep, token: str = "") -> Response:
    """Put the link's token into a cookie, so that it leaves address bar, history and logs."""
    answer = RedirectResponse("/welcome", status_code=303)
    answer.set_cookie(
        SETUP_COOKIE,
        token[:100],
        max_age=SETUP_SECONDS,
        path="/session",
        secure=services.settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.post("/session/setup")
@public("the token is the proof, and it works once")
def setup(
    request: Request, services: ServicesDep, throttle: ThrottleDep, fields: FieldsDep
) -> Response:
    """Make the first admin and go to the console."""

    def attempt() -> int:
        throttle.hit(SETUP_BY_ADDRESS, client_ip(request))
        return first_admin.redeem_first_admin(
            services.database,
            request.cookies.get(SETUP_COOKIE, ""),
            fields.get("email", ""),
            fields.get("password", ""),
            currency=services.settings.wallet_currency,
            now=utc_now(),
        )

    answer = _enter(request, services, attempt, back="/welcome")
    if "error=" not in answer.headers["location"]:
        answer.delete_cookie(SETUP_COOKIE, path="/session")
    return answer


@router.post("/session/logout")
@public("ends whatever session came along; none is no error")
def leave(request: Request, services: ServicesDep) -> Response:
    """Log out and go to the front page."""
    answer = RedirectResponse("/", status_code=303)
    if _from_our_page(request, services):
        logout(request, answer, services)
    return answer


def _enter(
    request: Request, services: Services, attempt: Callable[[], int], *, back: str
) -> Response:
    answer = RedirectResponse(STORE, status_code=303)
    try:
        if not _from_our_page(request, services):
            raise ForeignForm("This form came from another site.")
        me = start_session(request, answer, services, attempt())
    except BusinessError as error:
        return _back(back, error.code)
    except (SQLAlchemyError, redis.RedisError):
        return _back(back, "unavailable")
    if "console.view" in me.capabilities:
        answer.headers["location"] = CONSOLE
    return answer


def _from_our_page(request: Request, services: Services) -> bool:
    """Browsers name the origin of every form post; one without it is not from a page."""
    return request.headers.get("origin") in services.settings.origins


def _back(path: str, code: str) -> Response:
    return RedirectResponse(f"{path}?{urlencode({'error': code})}", status_code=303)
