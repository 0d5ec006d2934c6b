"""What was learned of providers, and the decisions that were made with it."""

from __future__ import annotations

import reflex as rx

from nexnum_console.ui.admin.routing.frame import routing_frame
from nexnum_console.ui.admin.routing.list_states import DecisionsState, LearnedState
from nexnum_console.ui.components.table import data_table


def learned() -> rx.Component:
    """What is believed of the next order, by provider, service and country."""
    return routing_frame(
        LearnedState,
        "learned",
        "What was learned",
        rx.el.p(
            "Old outcomes fade, and what has few of its own borrows from the row above it: the"
            " service, then the whole provider. The lower line is where the true chance lies in"
            " 19 of 20 cases. A provider whose codes stop at once is doubted to be in order at all,"
            " which the chance of a code for an order counts in.",
            class_name="mid small",
        ),
        data_table(LearnedState, symbol="book"),
    )


def decisions() -> rx.Component:
    """Who was asked first for each purchase; a row opens its activation, with every reason."""
    return routing_frame(
        DecisionsState,
        "decisions",
        "Routing decisions",
        data_table(DecisionsState, symbol="layers"),
    )
