"""The compose file names everything the product needs, and no secret."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from nexnum_console.settings import Settings
from nexnum_console.stack.layout import CHECKOUT
from nexnum_console.stack.programs import WORKERS

TEXT = (CHECKOUT / "docker-compose.yml").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SERVERS = {"postgres", "redis", "meilisearch", "caddy"}
OWN = {"web", "workers", "worker-catalogue", "worker-errands", "scheduler", "setup"}
SECRET = re.compile(r"PASSWORD|SECRET|_KEY$|TOKEN")


def test_every_part_is_there() -> None:
    assert set(SERVICES) == SERVERS | OWN


@pytest.mark.parametrize("name", sorted((SERVERS | OWN) - {"setup"}))
def test_every_lasting_service_has_a_health_check_and_restarts(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(SERVERS))
def test_servers_keep_their_data_in_named_volumes_and_pinned_images(name: str) -> None:
    sources = {volume.split(":")[0] for volume in SERVICES[name]["volumes"]}
    assert sources & set(COMPOSE["volumes"])
    assert re.search(r":v?\d", SERVICES[name]["image"])


def test_secrets_come_from_outside() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if SECRET.search(name) or "://" in str(value):
                bare = re.sub(r"\$\{[A-Z_]+:[?-]\}", "", str(value))
                assert SECRET.search(name) is None or bare == ""
                assert re.search(r"://[^@/]*:[^@/]+@", bare) is None
    asked = set(re.findall(r"\$\{([A-Z_]+):[?-]\}", TEXT))
    listed = re.findall(r"^([A-Z_]+)=(.*)$", (CHECKOUT / "deploy/env.example").read_text(), re.M)
    assert asked == {name for name, _ in listed}
    assert {value for _, value in listed} == {""}


def test_only_the_proxy_is_reachable_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["caddy"]


def test_only_setup_may_change_tables() -> None:
    holders = [n for n, s in SERVICES.items() if "DATABASE_OWNER_URL" in s.get("environment", {})]
    assert holders == ["setup"]


def test_the_database_is_the_major_version_we_embed() -> None:
    assert SERVICES["postgres"]["image"].startswith("postgres:18")
    assert "--builtin-locale=C.UTF-8" in SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"]


def test_every_queue_has_a_worker() -> None:
    commands = [service.get("command", []) for service in SERVICES.values()]
    worked = {word for argv in commands if "workers.run" in argv for word in argv[3:]}
    assert worked == {queue for queues in WORKERS.values() for queue in queues}


def test_the_settings_understand_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SERVICES["web"]["environment"].items():
        filled = re.sub(r"\$\{PUBLIC_URL:\?\}", "https://numbers.example", value)
        given = re.sub(r"\$\{[A-Z_]+:\?\}", "x" * 40, filled)
        monkeypatch.setenv(name, re.sub(r"\$\{[A-Z_]+:-\}", "", given))
    settings = Settings()
    assert settings.smtp_url is None
    assert settings.mail_from.startswith("NexNum")
    assert settings.public_url == "https://numbers.example"
    assert settings.trusted_proxy_hops == 1


def test_caddy_serves_the_site_and_hides_the_metrics() -> None:
    text = (CHECKOUT / "deploy/Caddyfile").read_text("utf-8")
    assert text.count("{") == text.count("}")
    assert "{$SITE_ADDRESS} {" in text
    assert "reverse_proxy web:8000" in text
    assert re.search(r"@inside path /api/metrics.*\n\s*respond @inside 404", text)


def test_the_image_runs_as_an_ordinary_user() -> None:
    lines = (CHECKOUT / "Dockerfile").read_text("utf-8").splitlines()
    assert "USER nexnum" in lines
    assert not [line for line in lines if SECRET.search(line) and line.startswith(("ENV", "ARG"))]
