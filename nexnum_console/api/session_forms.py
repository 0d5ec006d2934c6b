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

from nexnum_console.accounts import links
from nexnum_console.accounts import service as accounts
from nexnum_console.accounts.errors import NotSignedIn
from nexnum_console.api.auth import (
    FORGOT_BY_ACCOUNT,
    FORGOT_BY_ADDRESS,
    LINK_BY_ADDRESS,
    LOGIN_BY_ACCOUNT,
    LOGIN_BY_ADDRESS,
    REGISTER_BY_ADDRESS,
    logout,
    start_session,
)
from nexnum_console.api.deps import (
    ServicesDep,
    ThrottleDep,
    client_ip,
    optional_actor,
    public,
)
from nexnum_console.api.setup import SETUP_BY_ADDRESS
from nexnum_console.bootstrap import Services
from nexnum_console.core.clock import utc_now
from nexnum_console.core.errors import BusinessError
from nexnum_console.operations import account_mail, first_admin, registration

router = APIRouter(include_in_schema=False)

STORE: Final = "/store"
CONSOLE: Final = "/console"
SETTINGS: Final = "/store/settings"
SETUP_COOKIE: Final = "nexnum_setup"
VERIFY_COOKIE: Final = "nexnum_verify"
RESET_COOKIE: Final = "nexnum_reset"
# Where one gets on with a link that is dead.
INSTEAD: Final = {
    first_admin.PURPOSE: "/login",
    account_mail.VERIFY: "/confirm",
    account_mail.RESET: "/forgot",
}
TOKEN_SECONDS: Final = 3600
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
        user_id = registration.sign_up(
            services.database,
            fields.get("email", ""),
            fields.get("password", ""),
            currency=services.settings.wallet_currency,
        )
        account_mail.ask_verification(services.postroom, user_id)
        return user_id

    return _enter(request, services, attempt, back="/register")


@router.get("/setup")
@public("the token is the proof, and it works once")
def take_setup_token(services: ServicesDep, token: str = "") -> Response:
    """The first admin's link."""
    return _keep_token(services, SETUP_COOKIE, first_admin.PURPOSE, token, "/welcome")


@router.get("/verify")
@public("the token is the proof, and it works once")
def take_verify_token(services: ServicesDep, token: str = "") -> Response:
    """The link in a letter; a mail scanner that opens it confirms nothing, the button does."""
    return _keep_token(services, VERIFY_COOKIE, account_mail.VERIFY, token, "/confirm")


@router.get("/reset")
@public("the token is the proof, and it works once")
def take_reset_token(services: ServicesDep, token: str = "") -> Response:
    """The link in a letter."""
    return _keep_token(services, RESET_COOKIE, account_mail.RESET, token, "/new-password")


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


@router.post("/session/forgot")
@public("who forgot the password cannot prove who they are")
def forgot(
    request: Request, services: ServicesDep, throttle: ThrottleDep, fields: FieldsDep
) -> Response:
    """Ask for a letter with a link; the answer never says whether there is an account."""

    def attempt() -> None:
        email = fields.get("email", "")
        throttle.hit(FORGOT_BY_ADDRESS, client_ip(request))
        throttle.hit(FORGOT_BY_ACCOUNT, email.strip().lower())
        accounts.normal_email(email)
        account_mail.ask_reset(services.postroom, email)

    return _do(request, services, attempt, back="/forgot", to="/forgot?done=letter_sent")


@router.post("/session/verify")
@public("the token is the proof, and it works once")
def verify(request: Request, services: ServicesDep, throttle: ThrottleDep) -> Response:
    """Confirm the address."""

    def attempt() -> None:
        throttle.hit(LINK_BY_ADDRESS, client_ip(request))
        token = request.cookies.get(VERIFY_COOKIE, "")
        account_mail.verify(services.database, token, utc_now())

    return _do(
        request, services, attempt, "/confirm", "/confirm?done=verified", cookie=VERIFY_COOKIE
    )


@router.post("/session/reset")
@public("the token is the proof, and it works once")
def reset(
    request: Request, services: ServicesDep, throttle: ThrottleDep, fields: FieldsDep
) -> Response:
    """Set a new password and go to the log-in."""

    def attempt() -> None:
        throttle.hit(LINK_BY_ADDRESS, client_ip(request))
        token = request.cookies.get(RESET_COOKIE, "")
        account_mail.reset(services.postroom, token, fields.get("password", ""))

    return _do(
        request, services, attempt, "/new-password", "/login?done=password_set", cookie=RESET_COOKIE
    )


@router.post("/session/password")
@public("the session is looked at inside, to answer with a page")
def change_password(
    request: Request, services: ServicesDep, throttle: ThrottleDep, fields: FieldsDep
) -> Response:
    """Set a new password by the present one; this browser gets a new session."""

    def attempt() -> int:
        actor = optional_actor(request)
        if actor is None:
            raise NotSignedIn("Log in first.")
        throttle.hit(LOGIN_BY_ACCOUNT, actor.email)
        account_mail.change_password(
            services.postroom, actor.user_id, fields.get("current", ""), fields.get("password", "")
        )
        return actor.user_id

    answer = _enter(request, services, attempt, back=SETTINGS)
    if "error=" not in answer.headers["location"]:
        answer.headers["location"] = f"{SETTINGS}?done=password_changed"
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


def _do(
    request: Request,
    services: Services,
    attempt: Callable[[], None],
    back: str,
    to: str,
    *,
    cookie: str = "",
) -> Response:
    answer = RedirectResponse(to, status_code=303)
    try:
        if not _from_our_page(request, services):
            raise ForeignForm("This form came from another site.")
        attempt()
    except BusinessError as error:
        return _back(back, error.code)
    except (SQLAlchemyError, redis.RedisError):
        return _back(back, "unavailable")
    if cookie:
        answer.delete_cookie(cookie, path="/session")
    return answer


def _keep_token(services: Services, cookie: str, purpose: str, token: str, to: str) -> Response:
    """Put a link's token into a cookie, so that it leaves address bar, history and logs.

    A dead link is told at once, before anyone fills in a form for nothing.
    """
    try:
        with services.database.transaction() as unit:
            if not links.is_good(unit, purpose, token, now=utc_now()):
                return _back(INSTEAD[purpose], "link_invalid")
    except SQLAlchemyError:
        return _back(to, "unavailable")
    answer = RedirectResponse(to, status_code=303)
    answer.set_cookie(
        cookie,
        token[:100],
        max_age=TOKEN_SECONDS,
        path="/session",
        secure=services.settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )
    return answer


def _from_our_page(request: Request, services: Services) -> bool:
    """Browsers name the origin of every form post; one without it is not from a page."""
    return request.headers.get("origin") in services.settings.origins


def _back(path: str, code: str) -> Response:
    return RedirectResponse(f"{path}?{urlencode({'error': code})}", status_code=303)
