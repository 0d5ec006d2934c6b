"""Register, log in, log out, who am I."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from nexnum_console.accounts import service as accounts
from nexnum_console.accounts import sessions
from nexnum_console.accounts.errors import BadCredentials
from nexnum_console.api.deps import (
    ServicesDep,
    ThrottleDep,
    client_ip,
    cookie_name,
    current_actor,
    public,
    require,
    session_token,
)
from nexnum_console.bootstrap import Services
from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.core.throttle import Limit
from nexnum_console.operations import account_mail, registration

router = APIRouter(prefix="/api/auth", tags=["auth"])

LOGIN_BY_ACCOUNT: Final = Limit("login-account", 10, 15 * 60)
LOGIN_BY_ADDRESS: Final = Limit("login-address", 60, 15 * 60)
REGISTER_BY_ADDRESS: Final = Limit("register-address", 60, 60 * 60)
FORGOT_BY_ACCOUNT: Final = Limit("forgot-account", 3, 60 * 60)
FORGOT_BY_ADDRESS: Final = Limit("forgot-address", 20, 60 * 60)
VERIFY_BY_ACCOUNT: Final = Limit("verify-account", 5, 60 * 60)
LINK_BY_ADDRESS: Final = Limit("link-address", 30, 15 * 60)

SignedIn = Annotated[Actor, require("account.manage")]
Token = Annotated[str, Field(min_length=1, max_length=100)]
NewPassword = Annotated[str, Field(min_length=1, max_length=128)]


class Credentials(BaseModel):
    """An address and a password."""

    model_config = ConfigDict(extra="forbid", strict=True)
    email: str = Field(min_length=3, max_length=254, examples=["ada@example.org"])
    password: str = Field(min_length=1, max_length=128)


class Forgotten(BaseModel):
    """Whose password is to be set anew."""

    model_config = ConfigDict(extra="forbid", strict=True)
    email: str = Field(min_length=3, max_length=254)


class LinkToken(BaseModel):
    """What a link carries."""

    model_config = ConfigDict(extra="forbid", strict=True)
    token: Token


class NewPasswordByLink(LinkToken):
    """A new password, allowed by a link."""

    password: NewPassword


class NewPasswordByOld(BaseModel):
    """A new password, allowed by the old one."""

    model_config = ConfigDict(extra="forbid", strict=True)
    current: NewPassword
    password: NewPassword


class Me(BaseModel):
    """The signed-in user."""

    id: int
    email: str
    role: str
    capabilities: list[str]


@router.post("/register", status_code=201, response_model=Me)
@public("people become users here")
def register(
    body: Credentials,
    request: Request,
    response: Response,
    services: ServicesDep,
    throttle: ThrottleDep,
) -> Me:
    """Create an account with an empty wallet and log in."""
    throttle.hit(REGISTER_BY_ADDRESS, client_ip(request))
    user_id = registration.sign_up(
        services.database,
        body.email,
        body.password,
        currency=services.settings.wallet_currency,
    )
    account_mail.ask_verification(services.postroom, user_id)
    return start_session(request, response, services, user_id)


@router.post("/login", response_model=Me)
@public("people prove who they are here")
def login(
    body: Credentials,
    request: Request,
    response: Response,
    services: ServicesDep,
    throttle: ThrottleDep,
) -> Me:
    """Log in; the answer sets the session cookie. Tries are limited per account and address."""
    account = body.email.strip().lower()
    throttle.hit(LOGIN_BY_ADDRESS, client_ip(request))
    throttle.hit(LOGIN_BY_ACCOUNT, account)
    person = accounts.authenticate(services.database, body.email, body.password)
    throttle.forget(LOGIN_BY_ACCOUNT, account)
    return start_session(request, response, services, person.id)


@router.post("/logout", status_code=204)
@public("ends whatever session came along; none is no error")
def logout(request: Request, response: Response, services: ServicesDep) -> None:
    """End this session and clear the cookie."""
    with services.database.transaction() as unit:
        sessions.close(unit, session_token(request), now=utc_now())
    response.delete_cookie(**_cookie(services))


@router.post("/forgot", status_code=202)
@public("who forgot the password cannot prove who they are")
def forgot(
    body: Forgotten, request: Request, services: ServicesDep, throttle: ThrottleDep
) -> dict[str, str]:
    """Send a link that sets a new password, if the address has an account; never says which."""
    throttle.hit(FORGOT_BY_ADDRESS, client_ip(request))
    throttle.hit(FORGOT_BY_ACCOUNT, body.email.strip().lower())
    account_mail.ask_reset(services.postroom, body.email)
    return {"status": "If the address has an account, a letter is on its way."}


@router.post("/reset", status_code=204)
@public("the link is the proof, and it works once")
def reset(
    body: NewPasswordByLink, request: Request, services: ServicesDep, throttle: ThrottleDep
) -> None:
    """Set a new password by a link; every session ends."""
    throttle.hit(LINK_BY_ADDRESS, client_ip(request))
    account_mail.reset(services.postroom, body.token, body.password)


@router.post("/verify", status_code=204)
@public("the link is the proof, and it works once")
def verify(body: LinkToken, request: Request, services: ServicesDep, throttle: ThrottleDep) -> None:
    """Confirm the e-mail address by a link."""
    throttle.hit(LINK_BY_ADDRESS, client_ip(request))
    account_mail.verify(services.database, body.token, utc_now())


@router.post("/verify/send", status_code=202)
def send_verification(
    actor: SignedIn, services: ServicesDep, throttle: ThrottleDep
) -> dict[str, str]:
    """Send the link that confirms the address once more."""
    throttle.hit(VERIFY_BY_ACCOUNT, actor.name)
    account_mail.ask_verification(services.postroom, actor.user_id)
    return {"status": "A letter is on its way."}


@router.post("/password", response_model=Me)
def change_password(
    body: NewPasswordByOld,
    request: Request,
    response: Response,
    actor: SignedIn,
    services: ServicesDep,
    throttle: ThrottleDep,
) -> Me:
    """Set a new password; every other session ends, this one begins anew."""
    throttle.hit(LOGIN_BY_ACCOUNT, actor.email)
    account_mail.change_password(services.postroom, actor.user_id, body.current, body.password)
    return start_session(request, response, services, actor.user_id)


@router.get("/me", response_model=Me)
def me(actor: Annotated[Actor, Depends(current_actor)]) -> Me:
    """The signed-in user and what they may do."""
    return _me(actor)


def start_session(request: Request, response: Response, services: Services, user_id: int) -> Me:
    """Open a new session for ``user_id``, end the one the browser came with, set the cookie."""
    now = utc_now()
    lifetime = timedelta(days=services.settings.session_days)
    with services.database.transaction() as unit:
        sessions.close(unit, session_token(request), now=now)
        token = sessions.open_session(
            unit,
            user_id,
            now=now,
            lifetime=lifetime,
            ip=client_ip(request),
            user_agent=request.headers.get("user-agent", ""),
        )
        actor = sessions.resolve(unit, token, now=now)
    if actor is None:
        raise BadCredentials("The address or the password is wrong.")
    response.set_cookie(value=token, max_age=int(lifetime.total_seconds()), **_cookie(services))
    return _me(actor)


def _cookie(services: Services) -> dict[str, Any]:
    return {
        "key": cookie_name(services.settings),
        "path": "/",
        "secure": services.settings.secure_cookies,
        "httponly": True,
        "samesite": "strict",
    }


def _me(actor: Actor) -> Me:
    return Me(
        id=actor.user_id,
        email=actor.email,
        role=actor.role,
        capabilities=sorted(actor.capabilities),
    )
