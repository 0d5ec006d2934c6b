"""The doors: log in, register, first admin, forgotten password, confirmed address.

Their forms are plain HTML, posted by the browser itself.
"""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.field import field, plain_form
from nexnum_console.ui.components.states import notice
from nexnum_console.ui.public.state import DoorState
from nexnum_console.ui.shell.layouts import door_layout

STRENGTH = "At least 8 characters; a few words are best."


def login() -> rx.Component:
    """Log in."""
    return door_layout(
        "Log in",
        notice(DoorState.notice, DoorState.dismiss_notice),
        plain_form(
            _email(),
            _password("current-password"),
            button("Log in", kind="primary", size="lg block", type="submit"),
            action="/session/login",
        ),
        rx.el.p(
            rx.el.a("Forgot the password?", href="/forgot", class_name="link"),
            class_name="small mid",
        ),
        rx.el.p(
            "New here? ",
            rx.el.a("Create an account", href="/register", class_name="link"),
            class_name="small mid",
        ),
    )


def register() -> rx.Component:
    """Create an account."""
    return door_layout(
        "Create an account",
        notice(DoorState.notice, DoorState.dismiss_notice),
        plain_form(
            _email(),
            _password("new-password", STRENGTH),
            button("Create account", kind="primary", size="lg block", type="submit"),
            action="/session/register",
        ),
        rx.el.p(
            "Have one already? ",
            rx.el.a("Log in", href="/login", class_name="link"),
            class_name="small mid",
        ),
    )


def nowhere() -> rx.Component:
    """No page is at this address."""
    return door_layout(
        "There is no page here",
        rx.el.p(
            "The address may be mistyped, or what was here is gone.",
            class_name="small mid",
        ),
        rx.el.a("Go to the store", href="/store", class_name="btn btn--primary btn--lg btn--block"),
        rx.el.p(
            rx.el.a("Open the console", href="/console", class_name="link"),
            class_name="small mid",
        ),
    )


def welcome() -> rx.Component:
    """The first admin, behind the one-time link; the token is in a cookie by now."""
    return door_layout(
        "Create the first admin",
        rx.el.p(
            "You came by the one-time link that the start-up printed. It works once, for 24 hours.",
            class_name="small mid",
        ),
        notice(DoorState.notice, DoorState.dismiss_notice),
        plain_form(
            _email(),
            _password("new-password", STRENGTH),
            button("Create admin", kind="primary", size="lg block", type="submit"),
            action="/session/setup",
        ),
    )


def forgot() -> rx.Component:
    """Ask for a letter with a link."""
    return door_layout(
        "Set a new password",
        rx.el.p(
            "Tell us the address of your account. A letter brings a link, good for an hour.",
            class_name="small mid",
        ),
        notice(DoorState.notice, DoorState.dismiss_notice),
        plain_form(
            _email(),
            button("Send the letter", kind="primary", size="lg block", type="submit"),
            action="/session/forgot",
        ),
        _back_to_login(),
    )


def new_password() -> rx.Component:
    """Behind the link of the letter; the token is in a cookie by now."""
    return door_layout(
        "Choose a new password",
        rx.el.p("Every device is logged out when it is set.", class_name="small mid"),
        notice(DoorState.notice, DoorState.dismiss_notice),
        plain_form(
            _password("new-password", STRENGTH),
            button("Set the password", kind="primary", size="lg block", type="submit"),
            action="/session/reset",
        ),
        rx.el.p(
            rx.el.a("Ask for another link", href="/forgot", class_name="link"),
            class_name="small mid",
        ),
    )


def confirm() -> rx.Component:
    """Behind the link that proves the address: a button, so that mail scanners prove nothing."""
    return door_layout(
        "Confirm your e-mail address",
        notice(DoorState.notice, DoorState.dismiss_notice),
        rx.cond(
            DoorState.done,
            rx.el.a(
                "Go to the store", href="/store", class_name="btn btn--primary btn--lg btn--block"
            ),
            plain_form(
                button("Confirm my address", kind="primary", size="lg block", type="submit"),
                action="/session/verify",
            ),
        ),
        rx.el.p("A new letter is sent from your settings.", class_name="small mid"),
    )


def _back_to_login() -> rx.Component:
    return rx.el.p(
        rx.el.a("Back to the log-in", href="/login", class_name="link"), class_name="small mid"
    )


def _email() -> rx.Component:
    return field(
        "E-mail", "email", type="email", auto_complete="username", required=True, max_length=254
    )


def _password(kind: str, help_text: str = "") -> rx.Component:
    return field(
        "Password",
        "password",
        help_text=help_text,
        type="password",
        auto_complete=kind,
        required=True,
        max_length=128,
    )
