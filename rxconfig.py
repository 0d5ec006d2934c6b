"""Reflex's settings: one origin, state in Redis, nothing sent anywhere."""

import reflex as rx

from nexnum_console.settings import settings

# The built pages must work on any host and port, so this address never leaves the build:
# nexnum_console/stack/frontend.py puts the page's own origin in its place.
BUILD_ORIGIN = "http://nexnum.invalid"

chosen = settings()

config = rx.Config(
    app_name="nexnum_console",
    api_url=BUILD_ORIGIN,
    deploy_url=None,
    backend_host="127.0.0.1",
    redis_url=chosen.redis_url,
    cors_allowed_origins=list(chosen.origins),
    trusted_proxy_hops=chosen.trusted_proxy_hops,
    default_color_mode="dark",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    disable_plugins=[rx.plugins.SitemapPlugin],
)
