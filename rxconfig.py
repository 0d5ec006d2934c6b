"""Reflex's settings. A build needs no database and no port: the pages ask their own origin."""

import reflex as rx

from nexnum_console.settings import pages_settings
from nexnum_console.ui.build import SameOrigin

_served = pages_settings()

config = rx.Config(
    app_name="nexnum_console",
    backend_host="127.0.0.1",
    redis_url=_served.redis_url,
    cors_allowed_origins=list(_served.origins),
    trusted_proxy_hops=_served.trusted_proxy_hops,
    telemetry_enabled=False,
    show_built_with_reflex=False,
    default_color_mode="dark",
    react_strict_mode=False,
    frontend_compression_formats=["gzip"],
    plugins=[SameOrigin()],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
