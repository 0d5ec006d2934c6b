"""The account page."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.account import LoginLine
from nexnum_console.ui.components.button import button
from nexnum_console.ui.components.card import card
from nexnum_console.ui.components.cells import moment
from nexnum_console.ui.components.field import field, plain_form
from nexnum_console.ui.components.icon import icon
from nexnum_console.ui.components.states import chip
from nexnum_console.ui.shell.layouts import account_bar, store_layout
from nexnum_console.ui.store.settings.state import SettingsState


def page() -> rx.Component:
    """Address, password, logins."""
    return store_layout(
        SettingsState,
        "/store/settings",
        rx.el.div(rx.el.h1("Settings", class_name="grow"), class_name="head"),
        rx.el.div(_address(), _password(), _logins(), class_name="settings"),
        account=account_bar(SettingsState.email),
    )


def _address() -> rx.Component:
    waiting = rx.fragment(
        chip("warn", "alert", "Not confirmed yet"),
        rx.el.p("Confirm it, so that a forgotten password can be set anew.", class_name="mid"),
        button(
            "Send the letter again",
            symbol="mail",
            on_click=SettingsState.send_verification,
        ),
    )
    return card(
        "E-mail address",
        rx.el.div(
            rx.el.p(rx.el.b(SettingsState.email)),
            rx.cond(
                SettingsState.loaded,
                rx.cond(SettingsState.account.verified, chip("ok", "check", "Confirmed"), waiting),
            ),
            rx.el.p("Member since ", moment(SettingsState.account.member_ms), class_name="caption"),
            class_name="card__body stack",
        ),
    )


def _password() -> rx.Component:
    def secret(label: str, name: str, kind: str, help_text: str = "") -> rx.Component:
        return field(
            label,
            name,
            help_text=help_text,
            type="password",
            auto_complete=kind,
            required=True,
            max_length=128,
        )

    form = plain_form(
        secret("Present password", "current", "current-password"),
        secret(
            "New password",
            "password",
            "new-password",
            "At least 8 characters; a few words are best.",
        ),
        button("Change the password", type="submit", symbol="lock"),
        action="/session/password",
        class_name="stack",
    )
    return card(
        "Password",
        rx.el.div(
            form,
            rx.el.p("Every other device is logged out when it changes.", class_name="caption"),
            class_name="card__body stack",
        ),
    )


def _logins() -> rx.Component:
    return card(
        "Where you are logged in",
        rx.el.ul(rx.foreach(SettingsState.logins, _login), class_name="logins"),
        side=[
            rx.cond(
                SettingsState.logins.length() > 1,
                button(
                    "Log out everywhere else",
                    kind="ghost",
                    size="sm",
                    on_click=SettingsState.end_other_logins,
                ),
            )
        ],
        class_name="settings__wide",
    )


def _login(line: rx.Var[LoginLine]) -> rx.Component:
    return rx.el.li(
        icon("server"),
        rx.el.div(
            rx.el.b(line.device),
            rx.el.p(line.ip, " · since ", moment(line.since_ms), class_name="caption"),
            class_name="grow",
        ),
        rx.cond(
            line.current,
            chip("ok", "check", "This one"),
            button(
                "Log out",
                kind="ghost",
                size="sm",
                on_click=SettingsState.end_login(line.id),
                custom_attrs={"aria-label": "Log out " + line.device},
            ),
        ),
        class_name="row",
    )
