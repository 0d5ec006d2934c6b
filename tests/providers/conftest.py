"""Configs as shipped, and the gates before a carrier."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from nexnum_console.providers.compile import CompiledProvider, compile_config
from nexnum_console.providers.gates import Gates
from nexnum_console.providers.loading import load_config
from nexnum_console.providers.problems import ConfigError, Problem

CONFIGS = Path(__file__).parents[2] / "provider_configs"


def shipped(name: str) -> CompiledProvider:
    file = CONFIGS / f"{name}.json"
    return compile_config(load_config(file.read_text("utf-8"), file.name))


@pytest.fixture(autouse=True)
def every_fault_has_a_cure(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever config a test breaks: each fault says where it is and what to do."""
    told: list[Problem] = []
    real = ConfigError.__init__

    def noted(error: ConfigError, problems: list[Problem]) -> None:
        told.extend(problems)
        real(error, problems)

    monkeypatch.setattr(ConfigError, "__init__", noted)
    yield
    assert [each for each in told if not (each.cure and each.line >= 1 and each.column >= 1)] == []


@pytest.fixture(scope="session")
def fivesim() -> CompiledProvider:
    return shipped("fivesim")


@pytest.fixture(scope="session")
def handler_api() -> CompiledProvider:
    return shipped("sms_activate")


@pytest.fixture
def gates(redis_client: redis.Redis) -> Iterator[Gates]:
    """The gates of one process, over this worker's Redis."""
    made = Gates(redis_client)
    yield made
    made.close()
