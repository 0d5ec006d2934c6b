"""Health as a load balancer sees it."""

from __future__ import annotations

import dataclasses

from fastapi.testclient import TestClient

from nexnum_console.api.app import create_api
from nexnum_console.bootstrap import Services
from tests.api.conftest import ORIGIN


def _ready(services: Services, **changed: str) -> tuple[int, dict[str, dict[str, object]]]:
    settings = services.settings.model_copy(update=changed)
    with TestClient(
        create_api(dataclasses.replace(services, settings=settings)), base_url=ORIGIN
    ) as client:
        assert client.get("/api/health").json() == {"status": "ok"}
        answer = client.get("/api/health/ready")
    return answer.status_code, answer.json()["parts"]


def test_ready_when_everything_answers(services: Services) -> None:
    status, parts = _ready(services)
    assert status == 200
    assert [name for name, part in parts.items() if part["ok"]] == [
        "database",
        "migrations",
        "redis",
    ]


def test_a_silent_redis_is_named(services: Services) -> None:
    status, parts = _ready(services, redis_url="redis://127.0.0.1:1/0")
    assert status == 503
    assert [name for name, part in parts.items() if not part["ok"]] == ["redis"]


def test_a_silent_database_is_named_without_its_address(services: Services) -> None:
    status, parts = _ready(services, database_url="postgresql://nobody@127.0.0.1:1/none")
    assert status == 503
    assert parts["database"] | {"ms": 0} == {"ok": False, "ms": 0, "problem": "does not answer"}


def test_an_old_schema_is_not_ready(services: Services) -> None:
    with services.database.transaction() as unit:
        unit.run("update alembic_version set version_num = '0000'")
    status, parts = _ready(services)
    assert status == 503
    assert "migration" in str(parts["migrations"]["problem"])
