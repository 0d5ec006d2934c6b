"""A bench never meets the operator's own parts."""

from __future__ import annotations

from bench.instance import environment_without_settings, settings_of

OWN = {
    "DATABASE_URL": "postgresql://own/bench",
    "REDIS_URL": "redis://own",
    "NEXNUM_SECRET_KEY": "k" * 32,
    "SANDBOX_URLS": '{"fivesim": "http://127.0.0.1:1/fivesim"}',
}


def test_the_operators_variables_are_left_out():
    given = {"PATH": "/bin", "DATABASE_URL": "postgresql://live/shop", "REDIS_URL": "redis://live"}
    assert environment_without_settings(given) == {"PATH": "/bin"}


def test_settings_come_from_the_instance_and_die_nowhere(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://live/shop")
    monkeypatch.setenv("FAILPOINT", "purchase.placed")
    chosen = settings_of(OWN)
    assert chosen.database_url == "postgresql://own/bench"
    assert chosen.sandbox_urls == {"fivesim": "http://127.0.0.1:1/fivesim"}
    assert chosen.failpoint is None
