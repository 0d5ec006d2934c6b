"""What happened, in order."""

from __future__ import annotations

import reflex as rx

from nexnum_console.reports.figures import Step
from nexnum_console.ui.components.clock import time_of
from nexnum_console.ui.components.icon import icon


def timeline(steps: rx.Var[list[Step]]) -> rx.Component:
    """Steps from the first to the last; one to come has the tone ``todo`` and no moment."""
    return rx.el.ol(rx.foreach(steps, _step), class_name="timeline")


def _step(step: rx.Var[Step]) -> rx.Component:
    return rx.el.li(
        rx.el.span(icon(step.icon), class_name="timeline__icon timeline__icon--" + step.tone),
        rx.el.span(
            step.title,
            rx.cond(step.at_ms > 0, rx.el.span(time_of(step.at_ms), class_name="low")),
            class_name="timeline__title",
        ),
        rx.cond(step.detail != "", rx.el.p(step.detail)),
    )
