"""The front page: what it is, what it costs now, and how to begin."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.shelf import OfferRow
from nexnum_console.ui.components.icon import flag, icon, tile
from nexnum_console.ui.components.states import chip, loading
from nexnum_console.ui.public.frame import public_frame
from nexnum_console.ui.public.prices import price_table
from nexnum_console.ui.public.state import FrontState

FEATURES = (
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
)
QUESTIONS = (
    (
        "What happens when no code comes?",
        "When the time is over the charge returns to your wallet by itself. You see both lines in"
        " your ledger, with their times. There is nothing to ask for.",
    ),
    (
        "Can one number get several codes?",
        "While it lives, every further SMS to it appears on the same card. Whether a carrier can"
        " be asked for another code stands on the card.",
    ),
    (
        "Why can I not cancel at once?",
        "Some carriers lock a number for its first minutes. The button counts down to the moment"
        " when it opens, and tells why.",
    ),
    (
        "What is not allowed?",
        "Anything that is against the law or the rules of the service you register with. Numbers"
        " are for receiving verification codes; they cannot call or send.",
    ),
    (
        "Can I run this myself?",
        "Yes: it is one command, on a machine of your own, under the MIT licence. You bring the"
        " carriers, set the margins and watch the money.",
    ),
)


def front() -> rx.Component:
    """Complete without a session and, but for the figures, without scripts."""
    return public_frame(
        _hero(),
        _picture(),
        _facts(),
        _features(),
        _prices(),
        _questions(),
        _call(),
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
            rx.el.a("See live prices", href="/pricing", class_name="btn btn--secondary btn--lg"),
            class_name="row",
        ),
        class_name="hero",
    )


def _picture() -> rx.Component:
    """The product's own parts: at the left what is for sale now, at the right an example."""
    offers = rx.el.div(
        rx.el.p(
            rx.cond(FrontState.flag != "", flag(FrontState.flag)),
            rx.el.b(rx.cond(FrontState.example != "", FrontState.example, "The live shelf")),
            rx.el.span("for sale now", class_name="end caption"),
            class_name="row picture__head",
        ),
        rx.cond(
            FrontState.offers.length() > 0,
            rx.el.table(
                rx.el.thead(
                    rx.el.tr(
                        rx.el.th("Operator", scope="col"),
                        rx.el.th("In stock", scope="col", class_name="r"),
                        rx.el.th("Price", scope="col", class_name="r"),
                    )
                ),
                rx.el.tbody(rx.foreach(FrontState.offers, _offer)),
                class_name="table table--brief",
            ),
            rx.cond(
                FrontState.loaded,
                rx.el.p("Prices appear here as soon as a carrier is connected.", class_name="mid"),
                loading(4),
            ),
        ),
        class_name="card picture__offers",
    )
    return rx.el.section(
        offers, _example(), class_name="picture", custom_attrs={"aria-label": "The product"}
    )


def _offer(row: rx.Var[OfferRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(row.title, scope="row"),
        rx.el.td(row.stock, class_name="r num", custom_attrs={"data-label": "In stock"}),
        rx.el.td(
            rx.el.b(row.price), class_name="r num hi price", custom_attrs={"data-label": "Price"}
        ),
    )


def _example() -> rx.Component:
    steps = (
        ("lock", "Price held", "Nothing is charged before there is a number"),
        ("check", "Number yours", "Charged at most what the button said"),
        ("message", "SMS on your screen", "Pushed, with a copy button"),
    )
    return rx.el.div(
        rx.el.div(
            tile(rx.Var.create("W"), rx.Var.create(0), "tile--lg"),
            rx.el.div(
                rx.el.b("A code has arrived"),
                rx.el.p("+44 7700 900118 · an example", class_name="caption"),
                class_name="grow",
            ),
            chip("ok", "check", "Code received"),
            class_name="row",
        ),
        rx.el.p("731-046", class_name="picture__code"),
        rx.el.ol(
            *(
                rx.el.li(
                    icon(symbol),
                    rx.el.span(rx.el.b(title), rx.el.span(text, class_name="caption")),
                )
                for symbol, title, text in steps
            ),
            class_name="picture__steps",
        ),
        class_name="card picture__example",
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
    lines = (
        ("Hold", "set aside", "−$0.31"),
        ("Charge", "of the hold", "$0.00"),
        ("Refund", "no SMS came", "+$0.31"),
    )
    refunds = rx.el.article(
        rx.el.div(
            icon("undo"),
            rx.el.h3("Refunds you can read"),
            rx.el.p(
                "Every cent has a line: held, charged, returned. One refund per order, by"
                " constraint, and a verifier that anyone can run."
            ),
        ),
        rx.el.dl(
            *(
                rx.el.div(rx.el.dt(name, rx.el.small(why)), rx.el.dd(amount))
                for name, why, amount in lines
            ),
            class_name="features__lines",
        ),
        class_name="card features__wide",
    )
    cards = [
        rx.el.article(icon(symbol), rx.el.h3(title), rx.el.p(text), class_name="card")
        for symbol, title, text in FEATURES
    ]
    return _section(
        "features",
        "Nothing hidden behind the button",
        "What other services keep in help articles stands next to the price.",
        rx.el.div(refunds, *cards, class_name="features"),
    )


def _prices() -> rx.Component:
    return _section(
        "pricing",
        "Prices, as they are now",
        "From the live catalogue. No subscription, no minimum.",
        price_table(
            rx.el.a("All prices", href="/pricing", class_name="link"),
        ),
    )


def _questions() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Questions people ask first"),
            rx.el.p(
                "The rest is in the ",
                rx.el.a("API reference", href="/api/docs", class_name="link", reload_document=True),
                ".",
                class_name="mid",
            ),
        ),
        rx.el.div(
            *(
                rx.el.details(rx.el.summary(question, icon("down")), rx.el.p(answer))
                for question, answer in QUESTIONS
            )
        ),
        id="questions",
        class_name="questions",
    )


def _call() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Your first code is a minute away"),
        rx.el.p("Top up a little, buy a number, and see what happens to each cent."),
        rx.el.a("Create account", href="/register", class_name="btn btn--secondary btn--lg"),
        class_name="card call",
    )


def _section(name: str, title: str, text: str, *body: rx.Component) -> rx.Component:
    return rx.el.section(
        rx.el.h2(title), rx.el.p(text, class_name="mid lead"), *body, id=name, class_name="band"
    )
