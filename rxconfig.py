"""Reflex's settings: one origin, state in Redis, nothing sent anywhere."""

import os

import reflex as rx

# The built pages must work on any host and port, so this address never leaves the build:
# nexnum_console/stack/frontend.py puts the page's own origin in its place.
BUILD_ORIGIN = "http://nexnum.invalid"

config = rx.Config(
    app_name="nexnum_console",
    api_url=BUILD_ORIGIN,
    deploy_url=None,
    backend_host="127.0.0.1",
    redis_url=os.environ.get("REDIS_URL"),
    cors_allowed_origins=os.environ.get("ALLOWED_ORIGINS", "http://127.0.0.1:8000").split(","),
    telemetry_enabled=False,
    show_built_with_reflex=False,
    plugins=[rx.plugins.RadixThemesPlugin()],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
