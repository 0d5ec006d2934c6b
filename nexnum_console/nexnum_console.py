"""The web application: pages and API on one port."""

from __future__ import annotations

import reflex as rx


class Ping(rx.State):
    """Proves the round trip from page to server and back."""

    count: int = 0

    @rx.event
    def hit(self) -> None:
        """Count one press."""
        self.count += 1


def index() -> rx.Component:
    """The front page."""
    return rx.vstack(rx.heading("NexNum Console"), rx.button(Ping.count, on_click=Ping.hit, id="hit"))


app = rx.App()
app.add_page(index, title="NexNum Console")
