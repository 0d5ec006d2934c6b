"""Whose address a call comes from."""

from __future__ import annotations

import dataclasses

import pytest
from fastapi.testclient import TestClient

from nexnum_console.api.app import create_api
from nexnum_console.api.deps import require
from nexnum_console.bootstrap import Services
from tests.api.conftest import ORIGIN, register


@pytest.mark.parametrize(
    ("hops", "forwarded", "address"),
    [
        (0, "198.51.100.7", "192.0.2.1"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (2, "203.0.113.9, 198.51.100.7", "203.0.113.9"),
        (2, "198.51.100.7", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "not an address", "192.0.2.1"),
        (1, "2001:db8::7", "2001:db8::7"),
    ],
)
def test_only_trusted_proxies_are_believed(
    services: Services, hops: int, forwarded: str, address: str
) -> None:
    settings = services.settings.model_copy(update={"trusted_proxy_hops": hops})
    app = create_api(dataclasses.replace(services, settings=settings))
    with TestClient(
        app,
        base_url=ORIGIN,
        client=("192.0.2.1", 5000),
        headers={"X-Forwarded-For": forwarded},
    ) as client:
        register(client)
    with services.database.transaction() as unit:
        assert unit.scalar("select ip from user_session") == address


def test_a_capability_nobody_holds_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="no role holds"):
        require("store.but")
