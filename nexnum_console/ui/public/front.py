"""The front page: what it is and how to begin."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.components.icon import brand, icon
from nexnum_console.ui.public.state import FrontState

FEATURES = (
    (
        "undo",
        "Refunds you can read",
        "Every cent has a line: held, charged, returned. One refund per order, by constraint.",
    ),
    (
        "bolt",
        "On screen at once",
        "The code is pushed the moment it exists. No reload, and it survives a closed tab.",
    ),
    (
        "lock",
        "A price that is a cap",
        "You never pay more than the figure on the button, whichever carrier sells.",
    ),
    (
        "layers",
        "Several carriers, one shelf",
        "When one carrier has no number, the next is asked before you notice.",
    ),
    (
        "shield",
        "Bought once",
        "A click sent twice buys one number. A lost answer is followed up, never guessed.",
    ),
    (
        "server",
        "On your own machine",
        "PostgreSQL and Redis hold everything. No part of it calls home.",
    ),
)


def front() -> rx.Component:
    """What it is and how to begin; complete without a session and without scripts."""
    return rx.el.div(
        rx.el.div(class_name="glow"),
        rx.el.header(
            brand(),
            rx.el.div(
                rx.el.a("Log in", href="/login", class_name="btn btn--ghost"),
                rx.el.a("Create account", href="/register", class_name="btn btn--secondary"),
                class_name="account end",
            ),
            class_name="top",
        ),
        rx.el.main(_hero(), _facts(), _features(), _foot(), id="main", class_name="main"),
        class_name="store front",
    )


def _hero() -> rx.Component:
    return rx.el.section(
        rx.el.span(
            rx.el.span(class_name="dot dot--sm dot--live"),
            "Codes arrive by push",
            class_name="chip chip--lg",
        ),
        rx.el.h1("A number, a code, and proof of every cent."),
        rx.el.p(
            "Rent a phone number for one verification. See price and stock before you buy;"
            " the money comes back by itself when no code comes."
        ),
        rx.el.div(
            rx.el.a("Get a number", href="/register", class_name="btn btn--primary btn--lg"),
            rx.el.a("Log in", href="/login", class_name="btn btn--secondary btn--lg"),
            class_name="row",
        ),
        class_name="hero",
    )


def _facts() -> rx.Component:
    shown = (
        ("countries with stock", FrontState.countries),
        ("services", FrontState.services),
        ("numbers in stock", FrontState.pieces),
    )
    return rx.el.dl(
        *(
            rx.el.div(rx.el.dt(label), rx.el.dd(rx.cond(value != "", value, "–")))
            for label, value in shown
        ),
        class_name="facts",
    )


def _features() -> rx.Component:
    cards = [
        rx.el.article(icon(symbol), rx.el.h2(title), rx.el.p(text), class_name="card")
        for symbol, title, text in FEATURES
    ]
    return rx.el.section(*cards, class_name="features", style={"padding_top": "48px"})


def _foot() -> rx.Component:
    return rx.el.footer(
        "Temporary numbers for verification. Use them lawfully and within each service's rules.",
        class_name="foot",
    )
