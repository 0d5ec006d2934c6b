"""The one door every event passes: denied unless its handler declares who may call it.

Reflex lets any client call any registered handler by name, from any page. So a handler names a
capability (``@requires("store.buy")``) or says that it is for everyone (``@public()``); the
caller is whoever the HttpOnly session cookie belongs to, checked against the database.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import reflex as rx
from reflex.event import Event
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.event.context import EventContext
from reflex_base.registry import RegistrationContext

from nexnum_console.accounts.capabilities import EVERY
from nexnum_console.core.actor import Actor
from nexnum_console.ui.shell.arguments import Arguments, ArgumentsRefused

log = logging.getLogger(__name__)

_ROOT: Final = "reflex___state____state"
HYDRATE: Final = f"{_ROOT}.hydrate_and_load"
# Reflex's own handlers that a page cannot live without; exact names, never prefixes.
FRAMEWORK: Final = frozenset(
    {
        HYDRATE,
        f"{_ROOT}.set_is_hydrated",
        f"{_ROOT}.reflex___state____on_load_internal_state.on_load_internal",
        f"{_ROOT}.reflex___state____on_load_internal_state.set_is_hydrated",
        f"{_ROOT}.reflex___state____frontend_event_exception_state.handle_frontend_exception",
    }
)
LOGIN: Final = "/login"
HOME: Final = "/store"
NOBODY: Final = ""
# For handlers that many pages share: what the page's own class names as its CAPABILITY.
OF_THE_PAGE: Final = "of the page"
_MARK: Final = "__nexnum_declared__"

_actor: ContextVar[Actor | None] = ContextVar("nexnum_actor", default=None)
Handler = TypeVar("Handler", bound=Callable[..., Any])
Identify = Callable[[str | None], Awaitable[Actor | None]]


@dataclass(frozen=True, slots=True)
class Declared:
    """Who may call a handler (None: everyone) and what its arguments must be."""

    capability: str | None
    arguments: Arguments


class UndeclaredHandler(RuntimeError):
    """A registered handler says not who may call it; the product refuses to start."""


def requires(capability: str, **arguments: Any) -> Callable[[Handler], Handler]:
    """Only actors holding ``capability`` may call; ``arguments`` are strict pydantic types.

    A handler of a mixin says ``OF_THE_PAGE``: each page's class names its ``CAPABILITY``.
    """
    if capability not in {*EVERY, OF_THE_PAGE}:
        raise ValueError(f"no role holds the capability {capability}")
    return _declare(Declared(capability, Arguments(arguments)))


def public(**arguments: Any) -> Callable[[Handler], Handler]:
    """Everyone may call, signed in or not."""
    return _declare(Declared(None, Arguments(arguments)))


def actor() -> Actor:
    """Who sent the event being handled; only handlers behind ``@requires`` may ask."""
    found = _actor.get()
    if found is None:
        raise RuntimeError("a handler without @requires asked who its caller is")
    return found


def declared_of(handler_name: str) -> Declared | None:
    """What the registered handler of this exact name declares."""
    registered = RegistrationContext.ensure_context().event_handlers.get(handler_name)
    found = getattr(registered.handler.fn, _MARK, None) if registered else None
    if not isinstance(found, Declared) or registered is None:
        return None
    if found.capability != OF_THE_PAGE:
        return found
    named = getattr(registered.states[-1], "CAPABILITY", None)
    return replace(found, capability=named) if named in EVERY else None


def check_declarations() -> None:
    """Refuse to start while a handler of ours says not who may call it."""
    undeclared = [
        name
        for name, registered in RegistrationContext.ensure_context().event_handlers.items()
        if not _from_reflex(registered.handler.fn) and declared_of(name) is None
    ]
    if undeclared:
        raise UndeclaredHandler(f"no @requires and no @public on: {', '.join(sorted(undeclared))}")


class Gate(Middleware):
    """Decides about every event before its handler runs; what it refuses changes nothing."""

    def __init__(self, identify: Identify, cookie_name: str) -> None:
        self._identify = identify
        self._cookie_name = cookie_name

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:
        """None lets the event through; an update takes its place."""
        if event.name in FRAMEWORK:
            if event.name == HYDRATE:
                forget_strangers(state, _owner_of(await self._caller(state)))
            return None
        declared = declared_of(event.name)
        if declared is None:
            return self._refuse(event, None, "undeclared")
        caller = await self._caller(state)
        if declared.capability is not None:
            if caller is None:
                return self._refuse(event, None, "not signed in", LOGIN)
            if not caller.may(declared.capability):
                return self._refuse(event, caller, f"lacks {declared.capability}", HOME)
        try:
            declared.arguments.check(event.payload)
        except ArgumentsRefused as error:
            return self._refuse(event, caller, f"bad arguments: {error}")
        _actor.set(caller)
        await self._claim(state, event, caller)
        return None

    async def _caller(self, state: BaseState) -> Actor | None:
        routing = EventContext.get().router_data or state._get_root_state().router_data
        cookies = routing.get("headers", {}).get("cookie", "")
        return await self._identify(cookie_value(cookies, self._cookie_name))

    async def _claim(self, state: BaseState, event: Event, caller: Actor | None) -> None:
        """A page state left by another person (token reuse, new login) starts empty."""
        substate = await state.get_state(event.state_cls)
        owner = _owner_of(caller)
        if getattr(substate, "_owner", owner) != owner:
            substate.reset()
            substate._owner = owner

    def _refuse(
        self, event: Event, caller: Actor | None, reason: str, target: str | None = None
    ) -> StateUpdate:
        who = caller.name if caller else "anonymous"
        log.warning("event refused: %s for %s: %s", event.name[:200], who, reason)
        events = Event.from_event_type(rx.redirect(target)) if target else []
        return StateUpdate(events=events)


def forget_strangers(state: BaseState, owner: str) -> None:
    """Empty every loaded page state that holds another person's rows."""
    for substate in _tree(state._get_root_state()):
        if getattr(substate, "_owner", owner) not in {owner, NOBODY}:
            substate.reset()


def cookie_value(header: str, name: str) -> str | None:
    """The cookie's value; None when it is absent or sent twice (two could mean two people)."""
    values = [
        value.strip()
        for key, _, value in (pair.partition("=") for pair in header.split(";"))
        if key.strip() == name
    ]
    return values[0] if len(values) == 1 and values[0] else None


def _owner_of(caller: Actor | None) -> str:
    return f"{caller.user_id}:{caller.role}" if caller else NOBODY


def _tree(state: BaseState) -> Iterator[BaseState]:
    for substate in state.substates.values():
        yield substate
        yield from _tree(substate)


def _from_reflex(function: Callable[..., Any]) -> bool:
    return function.__module__.partition(".")[0] in {"reflex", "reflex_base"}


def _declare(declared: Declared) -> Callable[[Handler], Handler]:
    def mark(function: Handler) -> Handler:
        setattr(function, _MARK, declared)
        return function

    return mark
