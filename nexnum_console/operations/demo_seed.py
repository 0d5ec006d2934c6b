"""Demo data: the sandbox carriers as two providers, ready to sync. Safe to run again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nexnum_console.catalogue import rates
from nexnum_console.core.actor import SYSTEM
from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.operations.sandbox_control import SandboxControl
from nexnum_console.providers import fixtures, registry, versions
from nexnum_console.providers.registry import AccountTerms
from nexnum_console.providers.replay import load_recordings

CONFIGS = Path(__file__).resolve().parents[2] / "provider_configs"
MARGINS = {"fivesim": "1.60", "sms_activate": "1.50"}
ANSWER_SLACK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Where the sandbox runs: ``urls`` by carrier name, and the key its carriers ask for."""

    control: SandboxControl
    urls: dict[str, str]
    carrier_key: str


def seed(
    database: Database, box: SecretBox, sandbox: Sandbox, wallet_currency: str, now: datetime
) -> list[str]:
    """Make a provider of each sandbox carrier, with the lifetimes it declares at this moment.

    Returns the providers' names. What an admin changed (margin, priority, switched off) stays.
    """
    declared = {carrier["name"]: carrier for carrier in sandbox.control.carriers()}
    names = [name for name in sandbox.urls if name in declared]
    with database.transaction() as unit:
        rates.ensure_wallet_currency(unit, wallet_currency, now=now)
        for name in names:
            _provider(unit, box, sandbox, declared[name], now, wallet_currency)
    return names


def _provider(
    unit: UnitOfWork,
    box: SecretBox,
    sandbox: Sandbox,
    carrier: dict[str, Any],
    now: datetime,
    wallet_currency: str,
) -> None:
    name = carrier["name"]
    config = _config(name, carrier)
    terms = _terms(carrier["lifetimes"])
    account = next((a for a in registry.accounts(unit) if a.provider == name), None)
    if account is None:
        registry.add_provider(
            unit,
            box,
            config,
            base_url=sandbox.urls[name],
            title=f"{config.get('displayName', name)} (sandbox)",
            secret=sandbox.carrier_key,
            margin=MARGINS.get(name),
            terms=terms,
        )
    else:
        registry.set_config(unit, name, config, base_url=sandbox.urls[name])
        registry.set_terms(unit, account.account_id, terms)
        registry.set_secret(unit, box, account.account_id, sandbox.carrier_key)
    _fixtures(unit, name)
    if config["currency"] != wallet_currency and config["currency"] not in rates.all_rates(unit):
        rates.set_rate(unit, config["currency"], "1", wallet_currency=wallet_currency, now=now)


def _fixtures(unit: UnitOfWork, name: str) -> None:
    """The recordings that come with the config are its first fixtures."""
    file = CONFIGS / "recordings" / f"{name}.json"
    if not file.exists():
        return
    provider_id = versions.served(unit, name).provider_id
    if not fixtures.fixtures(unit, provider_id):
        recordings = load_recordings(file.read_text("utf-8"), file.name)
        fixtures.adopt(unit, SYSTEM, provider_id, recordings)


def _config(name: str, carrier: dict[str, Any]) -> dict[str, Any]:
    """The shipped config; time-outs follow the simulated world's pace, and it has room for all."""
    config: dict[str, Any] = json.loads((CONFIGS / f"{name}.json").read_text("utf-8"))
    answer = carrier["lifetimes"]["max_answer_seconds"] + ANSWER_SLACK_SECONDS
    config["currency"] = carrier["currency"]
    config["deadlines"] = {
        "readSeconds": answer,
        "spendSeconds": answer,
        "releaseSeconds": answer,
    }
    config["rateLimit"] = {"requests": 2_000, "perSeconds": 1, "concurrency": 400}
    return config


def _terms(lifetimes: dict[str, float]) -> AccountTerms:
    return AccountTerms(
        settle_seconds=int(lifetimes["settle_seconds"]),
        activation_seconds=int(lifetimes["activation_seconds"]),
        cancel_lock_seconds=int(lifetimes["cancel_lock_seconds"]),
        poll_seconds=1.0,
    )
