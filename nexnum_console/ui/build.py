"""What the front-end build needs changed in Reflex's templates."""

from __future__ import annotations

from typing import Final

from reflex_base.plugins.base import Plugin

STATE_JS: Final = "utils/state.js"
# Reflex bakes the backend's address into the bundle and swaps only the host name. Served on one
# port, the backend is wherever the page came from, whatever port that is.
_SWAPS: Final = (
    ("endpoint.hostname = frontend_hostname;", "endpoint.host = window.location.host;"),
    ('endpoint.port = ""; // Assume websocket is on https port via load balancer.', ""),
)


class TemplateChanged(RuntimeError):
    """Reflex's template is not the one this was written for; look at it before upgrading."""


class SameOrigin(Plugin):
    """Makes the pages talk to the origin they were loaded from, so that one build fits all ports."""

    def pre_compile(self, **context) -> None:
        """Register the change of the template."""
        context["add_modify_task"](STATE_JS, same_origin)


def same_origin(source: str) -> str:
    """The template with its backend address taken from the page; the second run changes nothing."""
    for old, new in _SWAPS:
        if source.count(old) == 1:
            source = source.replace(old, new)
        elif new and new not in source:
            raise TemplateChanged(f"{STATE_JS} has no “{old}”")
    return source
