"""Versions of a provider's config: one draft, one published, the rest archived.

What is published is also ``provider.config``: calls read it there. Who and why is in the audit
log as well as in the version.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from nexnum_console.audit.log import record
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import BusinessError, InvalidInput, NotFound
from nexnum_console.providers import fixtures
from nexnum_console.providers.compile import CompiledProvider, compile_config
from nexnum_console.providers.loading import ConfigError, load_config
from nexnum_console.providers.positions import SyntaxProblem, parse
from nexnum_console.providers.replay import ReplayOutcome

MOST_TEXT: Final = 256 * 1024
CANARY_MOST: Final = 50
REASON_MOST: Final = 500


class NotPublishable(BusinessError):
    """The draft cannot serve: its config is faulty or a fixture fails. What served goes on."""

    code = "not_publishable"
    status = 409


@dataclass(frozen=True, slots=True)
class Version:
    """One version. ``text`` is the config as it was written; ``base`` the number it began from."""

    id: int
    number: int
    state: str
    text: str
    author: str
    reason: str
    base: int
    created_at: datetime
    changed_at: datetime
    published_at: datetime | None
    canary_percent: int


@dataclass(frozen=True, slots=True)
class Served:
    """A provider and the version it runs with; ``secret_host`` is whom its key is for."""

    provider_id: int
    name: str
    title: str
    base_url: str | None
    account_id: int
    secret_host: str | None
    number: int
    text: str


_VERSION: Final = (
    "select v.id, v.number, v.state, cast(v.config as text) as text, v.author, v.reason,"
    " v.base_number as base, v.created_at, v.changed_at, v.published_at, v.canary_percent"
    " from provider_config_version v join provider p on p.id = v.provider_id"
    " where p.name = :provider"
)
_SERVED: Final = """
select p.id as provider_id, p.name, p.title, p.base_url, a.id as account_id, a.secret_host,
  coalesce(v.number, 0) as number, cast(p.config as text) as text
from provider p
join lateral (select id, secret_host from provider_account where provider_id = p.id
  order by id limit 1) a on true
left join provider_config_version v on v.provider_id = p.id and v.state = 'published'
where p.name = :provider
"""


def served(unit: UnitOfWork, provider: str) -> Served:
    """What the provider runs with now; NotFound."""
    row = unit.first(_SERVED, provider=provider)
    if row is None:
        raise NotFound(f"There is no provider {provider[:64]}.")
    return Served(**row)


def versions(unit: UnitOfWork, provider: str, *, limit: int = 100) -> list[Version]:
    """Versions of the provider, newest first."""
    rows = unit.all(_VERSION + " order by v.number desc limit :n", provider=provider, n=limit)
    return [Version(**row) for row in rows]


def version(unit: UnitOfWork, provider: str, number: int) -> Version:
    """One version; NotFound."""
    row = unit.first(_VERSION + " and v.number = :number", provider=provider, number=number)
    if row is None:
        raise NotFound(f"There is no version {number} of {provider[:64]}.")
    return Version(**row)


def draft(unit: UnitOfWork, provider: str) -> Version | None:
    """The provider's draft, if there is one."""
    row = unit.first(_VERSION + " and v.state = 'draft'", provider=provider)
    return Version(**row) if row else None


def begin(unit: UnitOfWork, provider_id: int, config: str, author: str, reason: str) -> int:
    """Publish a config without further ado: of a new provider, or of the seed. Its number."""
    unit.run(
        "update provider_config_version set state = 'archived' where provider_id = :id"
        " and state = 'published'",
        id=provider_id,
    )
    return int(
        unit.scalar(
            "insert into provider_config_version (provider_id, number, config, state, author,"
            " reason, published_at) values (:id, (select coalesce(max(number), 0) + 1 from"
            " provider_config_version where provider_id = :id), cast(:config as json),"
            " 'published', :author, :reason, now()) returning number",
            id=provider_id,
            config=config,
            author=author,
            reason=reason,
        )
    )


def save_draft(
    unit: UnitOfWork, actor: Actor, provider: str, text: str, *, now: datetime
) -> Version:
    """Keep a text as the draft; it must be JSON, but may still be a faulty config.

    Raises InvalidInput; also while the draft serves a share of the calls.
    """
    _check_json(text)
    now_served = served(unit, provider)
    _lock(unit, now_served.provider_id)
    found = draft(unit, provider)
    if found is not None and found.canary_percent:
        raise InvalidInput(
            f"Draft v{found.number} serves {found.canary_percent} % of the calls;"
            " set its share to 0 before it is changed. Nothing was saved."
        )
    if found is None:
        _insert_draft(unit, actor, now_served, text, now)
    else:
        unit.run(
            "update provider_config_version set config = cast(:config as json),"
            " author = :author, changed_at = :now where id = :id",
            id=found.id,
            config=text,
            author=actor.name,
            now=now,
        )
    saved = draft(unit, provider)
    assert saved is not None, "it was just stored"
    return saved


def discard_draft(unit: UnitOfWork, actor: Actor, provider: str, *, now: datetime) -> int:
    """Throw the draft away and return its number; NotFound."""
    found = _draft_or_raise(unit, provider)
    unit.run("delete from provider_config_version where id = :id", id=found.id)
    _audit(unit, actor, "provider.draft.discard", provider, {"draft": found.number}, None, "", now)
    return found.number


def compiled(text: str, source: str) -> CompiledProvider:
    """A config ready for calls; raises ConfigError."""
    return compile_config(load_config(text, source))


def failing(
    unit: UnitOfWork, provider_id: int, config: CompiledProvider
) -> tuple[list[ReplayOutcome], int]:
    """(outcomes of fixtures that fail, how many there are)."""
    outcomes = fixtures.check(config, fixtures.fixtures(unit, provider_id))
    return [one for one in outcomes if not one.passed], len(outcomes)


def publish(
    unit: UnitOfWork, actor: Actor, provider: str, number: int, reason: str, *, now: datetime
) -> bool:
    """Let a draft serve every call. Returns whether the key was cleared: it is bound to a host,
    and this version calls another one.

    Raises NotPublishable, InvalidInput without a reason, NotFound.
    """
    now_served = served(unit, provider)
    _lock(unit, now_served.provider_id)
    found = version(unit, provider, number)
    if found.state != "draft":
        raise NotPublishable(f"v{number} is {found.state}; only a draft can be published.")
    config = publishable(unit, now_served, found.text)
    why = _reason(reason)
    _serve(unit, now_served, found, why, now, config.config.currency)
    change = {"version": now_served.number}, {"version": number}
    _audit(unit, actor, "provider.publish", provider, *change, why, now)
    return _keep_key_home(unit, now_served, config.config.base_url)


def roll_back(
    unit: UnitOfWork, actor: Actor, provider: str, number: int, reason: str, *, now: datetime
) -> bool:
    """Let an archived version serve again, at once: fixtures pinned since then are not asked.

    Returns whether the key was cleared. Raises NotPublishable, NotFound.
    """
    now_served = served(unit, provider)
    _lock(unit, now_served.provider_id)
    found = version(unit, provider, number)
    if found.state != "archived":
        raise NotPublishable(f"v{number} is {found.state}; only an archived version comes back.")
    config = _loaded(found.text, provider)
    why = reason.strip()[:REASON_MOST] or f"Back to v{number}"
    _serve(unit, now_served, found, why, now, config.config.currency)
    change = {"version": now_served.number}, {"version": number}
    _audit(unit, actor, "provider.rollback", provider, *change, why, now)
    return _keep_key_home(unit, now_served, config.config.base_url)


def set_canary(
    unit: UnitOfWork, actor: Actor | str, provider: str, percent: int, why: str, *, now: datetime
) -> int:
    """Let the draft serve a share of the calls, 0 to 50 %; returns the draft's number.

    Raises NotPublishable, InvalidInput, NotFound.
    """
    if not 0 <= percent <= CANARY_MOST:
        raise InvalidInput(f"The share is 0 to {CANARY_MOST} %; nothing was changed.")
    now_served = served(unit, provider)
    _lock(unit, now_served.provider_id)
    found = _draft_or_raise(unit, provider)
    if percent:
        config = publishable(unit, now_served, found.text)
        host = host_of(now_served.base_url, config.config.base_url)
        if now_served.secret_host and host != now_served.secret_host:
            raise NotPublishable(
                f"The draft calls {host}, and the key is for {now_served.secret_host};"
                " it can only be published whole. Nothing was changed."
            )
    unit.run(
        "update provider_config_version set canary_percent = :percent,"
        " canary_at = case when canary_percent = 0 then cast(:now as timestamptz)"
        " else canary_at end where id = :id",
        id=found.id,
        percent=percent,
        now=now,
    )
    change = {"percent": found.canary_percent}, {"percent": percent, "version": found.number}
    _audit(unit, actor, "provider.canary", provider, *change, why, now)
    return found.number


def publishable(unit: UnitOfWork, now_served: Served, text: str) -> CompiledProvider:
    """The compiled config when it may serve; raises NotPublishable with the first reason."""
    config = _loaded(text, now_served.name)
    if config.name != now_served.name:
        raise NotPublishable(
            f"The config names itself “{config.name}”; this provider is {now_served.name}."
        )
    failed, total = failing(unit, now_served.provider_id, config)
    if failed:
        first = failed[0]
        raise NotPublishable(
            f"{len(failed)} of {total} fixtures fail; {first.id}: {first.difference}."
            f" v{now_served.number} keeps serving."
        )
    return config


def host_of(base_url: str | None, config_url: str) -> str:
    """The host that is called; ``base_url`` replaces the config's where it is given."""
    return urlsplit(base_url or config_url).hostname or ""


def _loaded(text: str, provider: str) -> CompiledProvider:
    try:
        return compiled(text, provider)
    except ConfigError as error:
        first, more = error.problems[0], len(error.problems) - 1
        others = f", and {more} more" if more else ""
        raise NotPublishable(
            f"The config has faults: line {first.line}, {first.message}{others}."
        ) from error


def _check_json(text: str) -> None:
    if len(text.encode()) > MOST_TEXT:
        raise InvalidInput(f"A config has at most {MOST_TEXT // 1024} kB; nothing was saved.")
    try:
        value = parse(text).value
    except SyntaxProblem as problem:
        line, column = problem.position
        raise InvalidInput(
            f"Line {line}, column {column}: {problem.message}. Nothing was saved."
        ) from problem
    if not isinstance(value, dict):
        raise InvalidInput("A config is a JSON object; nothing was saved.")


def _insert_draft(
    unit: UnitOfWork, actor: Actor, now_served: Served, text: str, now: datetime
) -> None:
    unit.run(
        "insert into provider_config_version (provider_id, number, config, state, author,"
        " base_number, created_at, changed_at) values (:id, (select coalesce(max(number), 0) + 1"
        " from provider_config_version where provider_id = :id), cast(:config as json), 'draft',"
        " :author, :base, :now, :now)",
        id=now_served.provider_id,
        config=text,
        author=actor.name,
        base=now_served.number,
        now=now,
    )


def _serve(
    unit: UnitOfWork, now_served: Served, found: Version, why: str, now: datetime, currency: str
) -> None:
    unit.run(
        "update provider_config_version set state = 'archived' where provider_id = :id"
        " and state = 'published'",
        id=now_served.provider_id,
    )
    unit.run(
        "update provider_config_version set state = 'published', canary_percent = 0,"
        " canary_at = null, reason = :why, published_at = :now where id = :id",
        id=found.id,
        why=why,
        now=now,
    )
    unit.run(
        "update provider set config = cast(:config as json), currency = :currency where id = :id",
        id=now_served.provider_id,
        config=found.text,
        currency=currency,
    )


def _keep_key_home(unit: UnitOfWork, now_served: Served, config_url: str) -> bool:
    """A key never goes to a host it was not entered for."""
    host = host_of(now_served.base_url, config_url)
    if now_served.secret_host is None or host == now_served.secret_host:
        return False
    unit.run(
        "update provider_account set secret_sealed = null, secret_host = null"
        " where provider_id = :id and secret_host is distinct from :host",
        id=now_served.provider_id,
        host=host,
    )
    return True


def _draft_or_raise(unit: UnitOfWork, provider: str) -> Version:
    found = draft(unit, provider)
    if found is None:
        raise NotFound("There is no draft; what is published serves every call.")
    return found


def _reason(written: str) -> str:
    why = written.strip()
    if not why:
        raise InvalidInput("Say in a few words why; nothing was published.")
    return why[:REASON_MOST]


def _lock(unit: UnitOfWork, provider_id: int) -> None:
    """Two people publish one after the other."""
    unit.run("select id from provider where id = :id for update", id=provider_id)


def _audit(
    unit: UnitOfWork,
    actor: Actor | str,
    action: str,
    provider: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    reason: str,
    now: datetime,
) -> None:
    target = f"provider:{provider}"
    record(unit, actor, action, target, before=before, after=after, reason=reason, now=now)


def written(config: dict[str, Any]) -> str:
    """A config as text for people: two blanks, the order of its keys kept."""
    return json.dumps(config, indent=2, ensure_ascii=False)
