"""A browser tab without a browser, as the benchmarks have it."""

from __future__ import annotations

from bench.socket_client import HYDRATE, NAMESPACE, Tab

__all__ = ["HYDRATE", "NAMESPACE", "Tab"]
