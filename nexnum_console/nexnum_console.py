"""The web application: pages and API on one port."""

from __future__ import annotations

import reflex as rx

from nexnum_console.api.app import create_api
from nexnum_console.bootstrap import services


class Ping(rx.State):
    """Proves the round trip from page to server and back."""

    count: int = 0

    @rx.event
    def hit(self) -> None:
        """Count one press."""
        self.count += 1


def index() -> rx.Component:
    """The front page."""
    return rx.vstack(
        rx.heading("NexNum Console"), rx.button(Ping.count, on_click=Ping.hit, id="hit")
    )


app = rx.App(api_transformer=create_api(services()))
app.add_page(index, title="NexNum Console")
