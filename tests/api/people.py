"""Signed-in people of every role, and a store whose carriers are played."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

from fastapi.testclient import TestClient

from nexnum_console.accounts import sessions
from nexnum_console.api.app import create_api
from nexnum_console.bootstrap import Services
from nexnum_console.core.clock import utc_now
from nexnum_console.operations.registration import enrol
from tests.activations.world import World
from tests.api.conftest import ORIGIN


def played(services: Services, world: World) -> Services:
    """The same services with the world's carriers behind the desk."""
    return dataclasses.replace(services, desk=world.desk)


def sign_in(client: TestClient, services: Services, email: str, role: str = "user") -> int:
    """A new user of that role whose session the client carries from now on; their id."""
    now = utc_now()
    with services.database.transaction() as unit:
        user_id = enrol(unit, email, "x", currency="USD", role=role)
        token = sessions.open_session(unit, user_id, now=now, lifetime=timedelta(hours=1))
    client.cookies.set("nexnum_session", token)
    return user_id


def another(services: Services) -> TestClient:
    """One more browser at the same API."""
    return TestClient(create_api(services), base_url=ORIGIN)
