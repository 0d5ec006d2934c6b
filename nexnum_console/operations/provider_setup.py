"""A new provider, step by step. What is done is read from the database, never remembered."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from nexnum_console.audit.log import record
from nexnum_console.catalogue.sync import sync
from nexnum_console.core.actor import SYSTEM, Actor
from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.egress import EgressPolicy
from nexnum_console.core.errors import BusinessError, InvalidInput, NotFound
from nexnum_console.operations import provider_lab, upkeep
from nexnum_console.operations.upkeep import Upkeep
from nexnum_console.providers import fixtures, registry, versions
from nexnum_console.providers.importing.draft import Draft
from nexnum_console.providers.importing.reading import KINDS, import_source
from nexnum_console.providers.importing.sample import ImportFault
from nexnum_console.providers.loading import ConfigError
from nexnum_console.providers.registry import AccountTerms
from nexnum_console.providers.replay import load_recordings

CONFIGS: Final = Path(__file__).resolve().parents[2] / "provider_configs"
SOURCES: Final = ("template", *KINDS)
NAME_MOST: Final = 40
SOURCE_MOST: Final = 1024 * 1024
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]*\Z")
_RESERVED: Final = frozenset({"new"})


class NotReady(BusinessError):
    """A step before this one is still to do."""

    code = "not_ready"
    status = 409


@dataclass(frozen=True, slots=True)
class Carrier:
    """A simulated carrier that can stand in for the provider."""

    name: str
    url: str
    key: str


@dataclass(frozen=True, slots=True)
class Wish:
    """How the provider begins: ``source`` a template's name or a text of that kind."""

    kind: str
    source: str
    name: str
    title: str = ""
    carrier: Carrier | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """The provider's name and what the import could not know."""

    name: str
    open_points: list[str]


@dataclass(frozen=True, slots=True)
class Progress:
    """What is done. ``trouble`` says why the config cannot serve yet."""

    name: str
    title: str
    config: bool
    key: bool
    tested: bool
    mapped: bool
    margin: bool
    published: bool
    bought: bool
    trouble: str
    offers: int
    factor: str
    account_id: int


def templates() -> list[str]:
    """Names of the configs that come with the product."""
    return sorted(f.stem for f in CONFIGS.glob("*.json") if f.stem not in {"schema", "webhooks"})


def begin(unit: UnitOfWork, box: SecretBox, actor: Actor, wish: Wish, *, now: datetime) -> Begun:
    """Store a provider that sells nothing yet. Raises InvalidInput, ProviderExists."""
    name = _checked_name(wish.name)
    draft = _template(wish.source, name) if wish.kind == "template" else _imported(wish, name)
    draft.config["name"] = name
    if wish.title.strip():
        draft.config["displayName"] = wish.title.strip()[:80]
    text = versions.written(draft.config)
    sound = _is_sound(text, name)
    url = wish.carrier.url if wish.carrier else None
    provider_id, _ = registry.add_provider(
        unit,
        box,
        draft.config if sound else _nothing_yet(draft.config, name),
        base_url=url,
        secret=wish.carrier.key if wish.carrier else None,
        enabled=False,
        terms=_terms(unit, url),
        author=actor.name,
    )
    if not sound:
        versions.save_draft(unit, actor, name, text, now=now)
    fixtures.adopt(unit, SYSTEM, provider_id, draft.recordings)
    told = {"from": wish.kind, "template": wish.source if wish.kind == "template" else ""}
    record(unit, actor, "provider.add", f"provider:{name}", after=told, now=now)
    return Begun(name, [str(one) for one in draft.unknowns])


def progress(unit: UnitOfWork, name: str) -> Progress:
    """What is done of a provider's setup; NotFound."""
    row = unit.first(_PROGRESS, name=name, target=f"provider:{name}")
    if row is None:
        raise NotFound(f"There is no provider {name[:64]}.")
    trouble = _trouble(unit, name)
    return Progress(
        name=name,
        title=row["title"],
        config=not trouble,
        key=row["has_key"],
        tested=row["tested"],
        mapped=row["offers"] > 0,
        margin=row["margin_set"],
        published=row["enabled"],
        bought=row["bought"],
        trouble=trouble,
        offers=row["offers"],
        factor=f"{row['margin'].normalize():f}",
        account_id=row["account_id"],
    )


def try_balance(
    parts: Upkeep, box: SecretBox, policy: EgressPolicy, actor: Actor, name: str
) -> str:
    """Ask the provider for the balance and pin what it answers as the first fixture. Blocks.

    Returns what it holds for us. Raises NotReady where the answer is not understood, TrialRefused.
    """
    with parts.database.transaction() as unit:
        compiled = versions.compiled(versions.served(unit, name).text, name)
        target = provider_lab.live_target(unit, box, name, compiled)
    run = provider_lab.call(compiled, "balance", {}, target, policy)
    if run.trace is None or run.trace.result is None:
        why = run.failure or (run.trace.error.message if run.trace and run.trace.error else "")
        raise NotReady(f"The balance was not understood: {why}. Open the lab to see the trace.")
    now = parts.clock()
    with parts.database.transaction() as unit:
        fixture = f"{name}-balance-{now:%Y%m%d-%H%M%S}"
        provider_lab.pin(unit, actor, name, compiled, run, fixture, now)
    return f"{run.trace.result['balance']} {run.trace.result['currency']}"


def read_catalogue(parts: Upkeep, name: str) -> int:
    """Read what the provider sells, also of one that is off; offers known then. Blocks.

    Raises what the sync raises.
    """
    with parts.database.transaction() as unit:
        account_id = versions.served(unit, name).account_id
    client = parts.carriers.get(account_id).client
    sync(
        parts.database,
        name,
        client,
        wallet_currency=parts.wallet_currency,
        clock=parts.clock,
        events=parts.events,
    )
    upkeep.refresh_balance(parts, account_id)
    with parts.database.transaction() as unit:
        return progress(unit, name).offers


def open_shop(unit: UnitOfWork, actor: Actor, name: str, *, now: datetime) -> None:
    """Sell through the provider from now on. Raises NotReady while a step before is to do."""
    state = progress(unit, name)
    waits = {
        "its config has faults": not state.config,
        "it has no key": not state.key,
        "none of its operations was tested": not state.tested,
        "its catalogue was not read": not state.mapped,
        "its margin was not set": not state.margin,
    }
    missing = [words for words, lacks in waits.items() if lacks]
    if missing:
        raise NotReady(f"It cannot sell yet: {', '.join(missing)}. Nothing was changed.")
    served = versions.served(unit, name)
    versions.publishable(unit, served, served.text)
    registry.set_enabled(unit, name, True)
    change = {"enabled": False}, {"enabled": True}
    before, after = change
    record(unit, actor, "provider.enabled", f"provider:{name}", before=before, after=after, now=now)


def keep_margin(unit: UnitOfWork, actor: Actor, name: str, *, now: datetime) -> None:
    """Say that the margin that stands is meant."""
    factor = progress(unit, name).factor
    told = {"margin": factor}
    record(unit, actor, "provider.margin", f"provider:{name}", before=told, after=told, now=now)


def _checked_name(written: str) -> str:
    name = written.strip().lower()
    if not _NAME.match(name) or len(name) > NAME_MOST or name in _RESERVED:
        raise InvalidInput(
            f"A provider's name has 1 to {NAME_MOST} letters, digits, - and _, and begins with a"
            " letter or digit; “new” is taken. Nothing was added."
        )
    return name


def _template(source: str, name: str) -> Draft:
    if source not in templates():
        raise InvalidInput(f"There is no template “{source[:40]}”; nothing was added.")
    config: dict[str, Any] = json.loads((CONFIGS / f"{source}.json").read_text("utf-8"))
    file = CONFIGS / "recordings" / f"{source}.json"
    found = load_recordings(file.read_text("utf-8"), file.name) if file.exists() else []
    return Draft(config, recordings=[one for one in found if one["operation"] != "webhook"])


def _imported(wish: Wish, name: str) -> Draft:
    if len(wish.source) > SOURCE_MOST:
        raise InvalidInput("The source is longer than 1 MB; nothing was added.")
    shipped: Mapping[str, str] = {
        one: (CONFIGS / f"{one}.json").read_text("utf-8") for one in templates()
    }
    try:
        return import_source(wish.kind, wish.source, shipped, name=name)
    except ImportFault as error:
        raise InvalidInput(f"{error}. Nothing was added.") from error


def _is_sound(text: str, name: str) -> bool:
    try:
        versions.compiled(text, name)
    except ConfigError:
        return False
    return True


def _nothing_yet(config: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What a provider runs with until its draft can be published: no operation at all."""
    url = str(config.get("baseUrl") or config.get("apiBaseUrl") or "")
    if not url.startswith(("https://", "http://")) or not versions.host_of(None, url):
        url = "https://example.invalid"
    return {"name": name, "baseUrl": url, "endpoints": {}, "mappings": {}}


def _terms(unit: UnitOfWork, url: str | None) -> AccountTerms | None:
    """At a carrier that another account uses too, what we do not know need not be a stray."""
    if url is None:
        return None
    unit.run(
        "update provider_account a set exclusive = false from provider p"
        " where p.id = a.provider_id and p.base_url = :url",
        url=url,
    )
    first = unit.first(
        "select a.settle_seconds, a.activation_seconds, a.cancel_lock_seconds, a.poll_seconds"
        " from provider_account a join provider p on p.id = a.provider_id"
        " where p.base_url = :url order by a.id limit 1",
        url=url,
    )
    return AccountTerms(**first, exclusive=False) if first else AccountTerms(exclusive=False)


def _trouble(unit: UnitOfWork, name: str) -> str:
    served = versions.served(unit, name)
    try:
        compiled = versions.compiled(served.text, name)
    except ConfigError as error:
        return f"Line {error.problems[0].line}: {error.problems[0].message}"
    missing = [one for one in ("prices", "buy", "status") if one not in compiled.operations]
    if missing:
        return f"It says nothing of {', '.join(missing)}."
    failed, total = versions.failing(unit, served.provider_id, compiled)
    return f"{len(failed)} of {total} fixtures fail." if failed else ""


_PROGRESS: Final = """
select p.title, p.enabled, p.margin, a.id as account_id, a.secret_host is not null as has_key,
  exists (select from provider_exchange e where e.provider_id = p.id) or exists (
    select from provider_fixture f where f.provider_id = p.id and f.author <> 'system') as tested,
  (select count(*) from offer o where o.provider_id = p.id and o.available) as offers,
  exists (select from audit_entry t where t.action = 'provider.margin' and t.target = :target)
    as margin_set,
  exists (select from activation n where n.account_id = a.id and n.acquired_at is not null)
    as bought
from provider p join lateral (select * from provider_account where provider_id = p.id
  order by id limit 1) a on true
where p.name = :name
"""
