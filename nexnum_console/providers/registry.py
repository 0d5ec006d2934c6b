"""The providers of this installation and our accounts with them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit

from nexnum_console.core.actor import SYSTEM
from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import BusinessError, InvalidInput, NotFound
from nexnum_console.core.money import decimal_of
from nexnum_console.core.runtime_settings import rules
from nexnum_console.providers import versions

MARGIN_MOST: Final = Decimal(1000)


class ProviderExists(BusinessError):
    """A provider of this name is here already."""

    code = "provider_exists"
    status = 409


@dataclass(frozen=True, slots=True)
class AccountTerms:
    """What an account declares, in seconds; None leaves it to the config."""

    settle_seconds: int = 150
    activation_seconds: int | None = None
    cancel_lock_seconds: int | None = None
    poll_seconds: float | None = None
    exclusive: bool = True


@dataclass(frozen=True, slots=True)
class ProviderView:
    """A provider as the console shows it. ``offers`` counts what is available now."""

    id: int
    name: str
    title: str
    base_url: str | None
    currency: str
    margin: Decimal
    priority: int
    enabled: bool
    accounts: int
    has_secret: bool
    offers: int


@dataclass(frozen=True, slots=True)
class ProviderAccountView:
    """What a client is built from; ``secret`` is opened apart, by ``open_secret``.

    ``draft`` is set while it serves ``draft_percent`` of the calls.
    """

    account_id: int
    provider_id: int
    provider: str
    config: dict[str, Any]
    base_url: str | None
    currency: str
    label: str
    enabled: bool
    exclusive: bool
    settle_seconds: int
    activation_seconds: int | None
    cancel_lock_seconds: int | None
    poll_seconds: float | None
    secret_host: str | None
    version: int = 0
    draft: dict[str, Any] | None = None
    draft_version: int = 0
    draft_percent: int = 0


_PROVIDERS: Final = """
select p.id, p.name, p.title, p.base_url, p.currency, p.margin, p.priority, p.enabled,
  (select count(*) from provider_account a where a.provider_id = p.id) as accounts,
  exists (select from provider_account a where a.provider_id = p.id
    and a.secret_sealed is not null) as has_secret,
  (select count(*) from offer o where o.provider_id = p.id and o.available) as offers
from provider p order by p.priority, p.name
"""
_ACCOUNTS: Final = """
select a.id as account_id, p.id as provider_id, p.name as provider, p.config, p.base_url,
  p.currency, a.label, a.enabled and p.enabled as enabled, a.exclusive, a.settle_seconds,
  a.activation_seconds, a.cancel_lock_seconds, a.poll_seconds, a.secret_host,
  coalesce(v.number, 0) as version, d.config as draft, coalesce(d.number, 0) as draft_version,
  coalesce(d.canary_percent, 0) as draft_percent
from provider_account a join provider p on p.id = a.provider_id
left join provider_config_version v on v.provider_id = p.id and v.state = 'published'
left join provider_config_version d on d.provider_id = p.id and d.state = 'draft'
  and d.canary_percent > 0
"""
_SEALED: Final = """
select a.secret_sealed, a.secret_host, p.base_url, p.config
from provider_account a join provider p on p.id = a.provider_id where a.id = :id
"""


def add_provider(
    unit: UnitOfWork,
    box: SecretBox,
    config: dict[str, Any],
    *,
    base_url: str | None = None,
    title: str | None = None,
    secret: str | None = None,
    margin: str | Decimal | None = None,
    priority: int = 100,
    enabled: bool = True,
    terms: AccountTerms | None = None,
    author: str = SYSTEM,
) -> tuple[int, int]:
    """Store a provider and its first account from a validated config; (provider id, account id).

    ``base_url`` replaces the config's; without ``margin`` the rules' default holds. The secret
    is sealed and bound to the host it is for.
    Raises ProviderExists, InvalidInput.
    """
    provider_id = unit.scalar(
        "insert into provider (name, title, config, base_url, currency, margin, priority, enabled)"
        " values (:name, :title, cast(:config as json), :base_url, :currency, :margin, :priority,"
        " :enabled) on conflict (name) do nothing returning id",
        name=config["name"],
        title=title or config.get("displayName") or config["name"],
        config=json.dumps(config),
        base_url=base_url,
        currency=config.get("currency", "USD"),
        margin=_margin(rules(unit).default_margin if margin is None else margin),
        priority=priority,
        enabled=enabled,
    )
    if provider_id is None:
        raise ProviderExists(f"There is a provider {config['name']} already.")
    versions.begin(unit, int(provider_id), json.dumps(config), author, "Added")
    return int(provider_id), _add_account(unit, box, int(provider_id), secret, terms)


def set_config(
    unit: UnitOfWork, name: str, config: dict[str, Any], *, base_url: str | None = None
) -> None:
    """Replace a provider's config by a validated one of the same name; NotFound.

    The seed's way: a version that a person published stays, and only ``base_url`` is set. A key
    goes to the host it was given for and to no other: where the host changed, it is cleared.
    """
    row = unit.first(
        "update provider p set base_url = :base_url where name = :name returning p.id,"
        " p.config, coalesce((select author from provider_config_version where"
        " provider_id = p.id and state = 'published'), :system) as author",
        name=name,
        base_url=base_url,
        system=SYSTEM,
    )
    if row is None:
        raise NotFound(f"There is no provider {name}.")
    stays = row["author"] != SYSTEM or row["config"] == config
    _keep_keys_home(unit, name, host_of(base_url, row["config"] if stays else config))
    if stays:
        return
    unit.run(
        "update provider set config = cast(:config as json), currency = :currency where id = :id",
        id=row["id"],
        config=json.dumps(config),
        currency=config.get("currency", "USD"),
    )
    versions.begin(unit, row["id"], json.dumps(config), SYSTEM, "As shipped")


def host_of(base_url: str | None, config: Mapping[str, Any]) -> str | None:
    """The host a provider's calls go to, lower-case; None where it has none."""
    named = (config.get(key) for key in ("baseUrl", "apiBaseUrl", "base_url"))
    written = base_url or next((url for url in named if url), "")
    try:
        return urlsplit(written).hostname
    except ValueError:
        return None


def _keep_keys_home(unit: UnitOfWork, name: str, host: str | None) -> None:
    unit.run(
        "update provider_account a set secret_sealed = null, secret_host = null from provider p"
        " where p.id = a.provider_id and p.name = :name and a.secret_sealed is not null"
        " and a.secret_host is distinct from :host",
        name=name,
        host=host,
    )


def set_enabled(unit: UnitOfWork, name: str, enabled: bool) -> None:
    """Sell through the provider or not; open orders run on in either case. NotFound."""
    done = unit.run(
        "update provider set enabled = :enabled where name = :name", name=name, enabled=enabled
    )
    _found(done.rowcount, name)


def set_margin(
    unit: UnitOfWork,
    name: str,
    margin: str | Decimal,
    *,
    reprice: Callable[[UnitOfWork, int], int],
) -> int:
    """Set the factor between cost and price and re-price the stored offers at once.

    ``reprice(unit, provider_id)`` is the catalogue's; returns how many prices moved.
    Raises InvalidInput, NotFound.
    """
    provider_id = unit.scalar(
        "update provider set margin = :margin where name = :name returning id",
        name=name,
        margin=_margin(margin),
    )
    _found(provider_id is not None, name)
    return reprice(unit, provider_id)


def set_priority(unit: UnitOfWork, name: str, priority: int) -> None:
    """Whom to prefer at equal prices, low first; NotFound."""
    done = unit.run(
        "update provider set priority = :priority where name = :name", name=name, priority=priority
    )
    _found(done.rowcount, name)


def set_secret(unit: UnitOfWork, box: SecretBox, account_id: int, secret: str | None) -> None:
    """Seal a new key for the account and bind it to the host it is for; NotFound.

    That of a provider which is never asked, and only calls us, is bound to there being no host.
    """
    row = unit.first(_SEALED, id=account_id)
    if row is None:
        raise NotFound(f"There is no provider account {account_id}.")
    host = host_of(row["base_url"], row["config"])
    if secret and not host and row["config"].get("endpoints"):
        raise InvalidInput("A key is bound to a host, and this provider has no base URL.")
    unit.run(
        "update provider_account set secret_sealed = :sealed, secret_host = :host where id = :id",
        id=account_id,
        sealed=box.seal(secret, _place(account_id)) if secret else None,
        host=host if secret else None,
    )


def open_secret(unit: UnitOfWork, box: SecretBox, account_id: int) -> str:
    """The account's key in clear, "" if it has none; NotFound, SealBroken. Never log it.

    A key whose host is not the provider's any more stays shut, however that came about.
    """
    row = unit.first(_SEALED, id=account_id)
    if row is None:
        raise NotFound(f"There is no provider account {account_id}.")
    sealed = row["secret_sealed"]
    if sealed is None or row["secret_host"] != host_of(row["base_url"], row["config"]):
        return ""
    return box.open(bytes(sealed), _place(account_id))


def set_terms(unit: UnitOfWork, account_id: int, terms: AccountTerms) -> None:
    """Replace what the account declares; NotFound."""
    done = unit.run(
        "update provider_account set settle_seconds = :settle_seconds,"
        " activation_seconds = :activation_seconds, cancel_lock_seconds = :cancel_lock_seconds,"
        " poll_seconds = :poll_seconds, exclusive = :exclusive where id = :id",
        id=account_id,
        **asdict(terms),
    )
    if not done.rowcount:
        raise NotFound(f"There is no provider account {account_id}.")


def providers(unit: UnitOfWork) -> list[ProviderView]:
    """Every provider, in the order of priority."""
    return [ProviderView(**row) for row in unit.all(_PROVIDERS)]


def accounts(unit: UnitOfWork, *, enabled_only: bool = False) -> list[ProviderAccountView]:
    """Every account with what its client is built from."""
    where = " where a.enabled and p.enabled" if enabled_only else ""
    rows = unit.all(_ACCOUNTS + where + " order by p.priority, p.name, a.id")
    return [ProviderAccountView(**row) for row in rows]


def account(unit: UnitOfWork, account_id: int) -> ProviderAccountView:
    """One account; NotFound."""
    row = unit.first(_ACCOUNTS + " where a.id = :id", id=account_id)
    if row is None:
        raise NotFound(f"There is no provider account {account_id}.")
    return ProviderAccountView(**row)


def note_balance(unit: UnitOfWork, account_id: int, balance_micro: int, *, now: datetime) -> None:
    """What the provider says it holds for us, in its currency; ends a starvation it disproves."""
    unit.run(
        "update provider_account set balance_micro = :balance, balance_at = :now,"
        " starved_until = case when :balance > coalesce(balance_micro, 0) then null"
        " else starved_until end where id = :id",
        id=account_id,
        balance=balance_micro,
        now=now,
    )


def note_starved(unit: UnitOfWork, account_id: int, *, until: datetime) -> None:
    """The provider said there is no money for us: ask it again after ``until``."""
    unit.run(
        "update provider_account set starved_until = :until where id = :id",
        id=account_id,
        until=until,
    )


def _add_account(
    unit: UnitOfWork,
    box: SecretBox,
    provider_id: int,
    secret: str | None,
    terms: AccountTerms | None,
) -> int:
    chosen = terms or AccountTerms()
    account_id = int(
        unit.scalar(
            "insert into provider_account (provider_id, exclusive, settle_seconds,"
            " activation_seconds, cancel_lock_seconds, poll_seconds) values (:provider_id,"
            " :exclusive, :settle, :activation, :cancel_lock, :poll) returning id",
            provider_id=provider_id,
            exclusive=chosen.exclusive,
            settle=chosen.settle_seconds,
            activation=chosen.activation_seconds,
            cancel_lock=chosen.cancel_lock_seconds,
            poll=chosen.poll_seconds,
        )
    )
    if secret:
        set_secret(unit, box, account_id, secret)
    return account_id


def _margin(text: str | Decimal) -> Decimal:
    margin = decimal_of(text)
    if not 1 <= margin <= MARGIN_MOST or margin != round(margin, 4):
        raise InvalidInput(
            "The margin is a factor from 1 to 1000 with at most 4 decimals; 1.5 adds half."
        )
    return margin


def _place(account_id: int) -> str:
    return f"provider_account:{account_id}:secret"


def _found(found: object, name: str) -> None:
    if not found:
        raise NotFound(f"There is no provider {name}.")
