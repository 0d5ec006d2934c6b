"""What endpoints ask for: the services, the caller, the caller's right to be here."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import Annotated, Any

from fastapi import Depends, Request

from nexnum_console.accounts import sessions
from nexnum_console.accounts.capabilities import EVERY
from nexnum_console.accounts.errors import NotAllowed, NotSignedIn
from nexnum_console.bootstrap import Services
from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.core.throttle import Throttle
from nexnum_console.settings import Settings


def current_services(request: Request) -> Services:
    """The services this API was created with."""
    found: Services = request.app.state.services
    return found


async def _services(request: Request) -> Services:
    return current_services(request)


async def _throttle(request: Request) -> Throttle:
    """The counters of tries."""
    found: Throttle = request.app.state.throttle
    return found


def cookie_name(settings: Settings) -> str:
    """The session cookie: host-bound where TLS makes that possible."""
    return "__Host-nexnum_session" if settings.secure_cookies else "nexnum_session"


def session_token(request: Request) -> str | None:
    """The token the browser sent, if any."""
    return request.cookies.get(cookie_name(current_services(request).settings))


def optional_actor(request: Request) -> Actor | None:
    """Who asks, or None for a stranger."""
    token = session_token(request)
    if not token:
        return None
    return sessions.look_up(current_services(request).database, token, now=utc_now())


def current_actor(request: Request) -> Actor:
    """Who asks; NotSignedIn."""
    actor = optional_actor(request)
    if actor is None:
        raise _stranger()
    return actor


def _check(capability: str) -> None:
    if capability not in EVERY:
        raise ValueError(f"no role holds the capability {capability}")


def _stranger() -> NotSignedIn:
    return NotSignedIn("Log in first: there is no valid session with this request.")


def _allowed(request: Request, capability: str) -> Actor:
    actor = current_actor(request)
    if not actor.may(capability):
        raise NotAllowed("Your account may not do this.", capability=capability)
    return actor


def require(capability: str) -> Any:
    """``actor: Annotated[Actor, require("store.buy")]``: who asks, if they hold it; NotAllowed."""
    _check(capability)

    def allowed(request: Request) -> Actor:
        return _allowed(request, capability)

    allowed.capability = capability  # type: ignore[attr-defined]
    return Depends(allowed)


class Caller:
    """Who asks, looked up by the endpoint in its own thread, with its first line.

    For what is called very often: a dependency that asks the database costs a thread of its own,
    a twentieth of a purchase's time.
    """

    __slots__ = ("_capability", "_request")

    def __init__(self, request: Request, capability: str) -> None:
        self._request = request
        self._capability = capability

    def actor(self) -> Actor:
        """As ``require`` gives it; NotSignedIn, NotAllowed."""
        return _allowed(self._request, self._capability)


def required(capability: str) -> Any:
    """``caller: Annotated[Caller, required("store.buy")]``: as ``require``, asked for later; a
    request without a cookie is refused at once."""
    _check(capability)

    async def calling(request: Request) -> Caller:
        if not session_token(request):
            raise _stranger()
        return Caller(request, capability)

    calling.capability = capability  # type: ignore[attr-defined]
    return Depends(calling)


def public(reason: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Marks an endpoint that strangers may call, and says why."""

    def mark(endpoint: Callable[..., Any]) -> Callable[..., Any]:
        endpoint.public = reason  # type: ignore[attr-defined]
        return endpoint

    return mark


def client_ip(request: Request) -> str:
    """The caller's address: the peer, or what the trusted proxies in front of us wrote.

    With *n* trusted hops the n-th entry of X-Forwarded-For from the right is the first one that
    was not written by the caller.
    """
    hops = current_services(request).settings.trusted_proxy_hops
    peer = request.client.host if request.client else ""
    if hops == 0:
        return peer
    entries = request.headers.get("x-forwarded-for", "").split(",")
    entry = entries[-hops].strip() if len(entries) >= hops else ""
    try:
        return str(ip_address(entry))
    except ValueError:
        return peer


# Not plain functions, for those FastAPI calls in a thread each.
ServicesDep = Annotated[Services, Depends(_services)]
ThrottleDep = Annotated[Throttle, Depends(_throttle)]
