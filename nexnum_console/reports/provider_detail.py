"""One provider: what it holds and sells, how it answers, its syncs and its newest errors.

Keys never leave the vault: of the account's key only whether there is one, and for which host.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from nexnum_console.catalogue.pricing import sell_price
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import InvalidInput
from nexnum_console.core.money import CENT, MoneyError, decimal_of
from nexnum_console.providers.registry import MARGIN_MOST
from nexnum_console.reports.figures import BarRow, Step, bar_row
from nexnum_console.reports.overview import SYNC_KIND, ProviderRow, providers
from nexnum_console.reports.overview_delivery import FEW, TARGET
from nexnum_console.reports.overview_figures import seconds, share
from nexnum_console.reports.words import count, flag, millis, money

MOST_RUNS: Final = 8
MOST_ERRORS: Final = 10
EXAMPLES: Final = 3


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of what is known; ``at_ms`` 0 for no moment."""

    label: str
    value: str
    note: str = ""
    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class ErrorLine:
    """An answer that sold nothing; ``activation`` is our order's number."""

    code: str
    text: str
    activation: int
    href: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class PriceExample:
    """An offer's price today and with another margin."""

    what: str
    where: str
    flag: str
    cost: str
    before: str
    after: str
    tone: str


@dataclass(frozen=True, slots=True)
class ProviderPage:
    """Everything the page shows; ``margin`` and ``rank`` are what the forms begin with."""

    margin: str = ""
    rank: str = ""
    facts: list[Fact] = field(default_factory=list)
    success: list[BarRow] = field(default_factory=list)
    answers: list[Fact] = field(default_factory=list)
    runs: list[Step] = field(default_factory=list)
    errors: list[ErrorLine] = field(default_factory=list)


def row_of(unit: UnitOfWork, name: str, now: datetime) -> ProviderRow | None:
    """The provider as every list shows it; None when there is none."""
    return next((row for row in providers(unit, now) if row.name == name), None)


def provider_page(unit: UnitOfWork, name: str, now: datetime) -> ProviderPage:
    """The provider's page; the caller knows that it exists."""
    row = unit.first(_PROVIDER, name=name)
    assert row is not None, "row_of found it"
    delivery = unit.first(_DELIVERY, name=name, now=now)
    assert delivery is not None, "a count has one row"
    return ProviderPage(
        margin=_factor(row["margin"]),
        rank=str(row["priority"]),
        facts=_facts(row),
        success=_success(row["title"], delivery),
        answers=_answers(unit, name, now, delivery),
        runs=[_run(one) for one in unit.all(_RUNS, kind=SYNC_KIND, name=name, limit=MOST_RUNS)],
        errors=[_error(one) for one in unit.all(_ERRORS, name=name, limit=MOST_ERRORS)],
    )


def margin_preview(unit: UnitOfWork, name: str, text: str, currency: str) -> list[PriceExample]:
    """What a margin would make of three well-known offers: cheap, usual, dear. InvalidInput."""
    margin = read_margin(text)
    rows = unit.all(_OFFERS, name=name)
    picked = [rows[len(rows) * n // (2 * EXAMPLES)] for n in (1, 3, 5)] if rows else []
    return [_example(row, margin, currency) for row in picked[:EXAMPLES]]


def read_margin(text: str) -> Decimal:
    """A factor of at least 1 with at most 4 decimals; InvalidInput."""
    try:
        margin = decimal_of(text)
    except MoneyError as error:
        raise InvalidInput("Write the margin as a factor, for example 1.5.") from error
    if not 1 <= margin <= MARGIN_MOST or margin != round(margin, 4):
        raise InvalidInput("The margin is a factor from 1 to 1000 with at most 4 decimals.")
    return margin


def _facts(row: Any) -> list[Fact]:
    balance = row["balance_micro"]
    held = "unknown" if balance is None else money(balance - balance % CENT, row["currency"])
    key = "stored and sealed" if row["has_key"] else "none stored"
    return [
        Fact("Balance at the carrier", held, "asked", millis(row["balance_at"])),
        Fact("Offers for sale", count(row["offers"]), f"in {count(row['countries'])} countries"),
        Fact("Currency", row["currency"]),
        Fact("Key", key, f"for {row['secret_host']}" if row["secret_host"] else ""),
        Fact("Lifetime of a number", _or_config(row["activation_seconds"])),
        Fact("Settling an unknown answer", f"{row['settle_seconds']} s"),
        Fact("Sold over all time", count(row["sold"])),
    ]


def _or_config(value: int | None) -> str:
    return "as its config says" if value is None else f"{value} s"


def _success(title: str, row: Any) -> list[BarRow]:
    asked, coded = row["had_time"], row["coded"]
    if not asked:
        return []
    tone = "" if asked < FEW else None
    value, note = f"{share(coded, asked)} %", f"n = {count(asked)}"
    return [bar_row(title, coded, asked, value, note, target=TARGET, tone=tone)]


def _answers(unit: UnitOfWork, name: str, now: datetime, delivery: Any) -> list[Fact]:
    row = unit.first(_ANSWERS, name=name, now=now)
    assert row is not None, "a count has one row"
    p50, p95 = row["latency"] or (None, None)
    codes = delivery["waits"]
    waits = (round(codes[0]), round(codes[1])) if codes else (None, None)
    return [
        Fact("Purchases asked", count(row["asked"]), "24 h"),
        Fact("Sold", f"{share(row['sold'], row['asked'])} %", f"{count(row['sold'])} numbers"),
        Fact("Declined", count(row["declined"]), "nothing was bought"),
        Fact("Answer unknown", count(row["unknown"]), "settled by the carrier's listing"),
        Fact("Answer takes", _ms(p50), f"p95 {_ms(p95)}"),
        Fact("First code after", seconds(waits[0]), f"p95 {seconds(waits[1])}"),
    ]


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f} ms"


def _run(row: Any) -> Step:
    took = ""
    if row["finished_at"] is not None:
        took = f"{(row['finished_at'] - row['started_at']).total_seconds():.1f} s"
    if row["state"] == "failed":
        return Step("alert", "danger", "Sync failed", (row["error"] or "")[:200], _at(row))
    if row["state"] == "running":
        return Step("refresh", "live", "Syncing", row["step"], _at(row))
    result = row["result"] or {}
    told = [
        f"{count(result.get('offers', 0))} offers",
        f"{count(result.get('changed', 0))} changed",
        f"{count(result.get('gone', 0))} gone",
        took,
    ]
    return Step("check", "ok", "Synced", " · ".join(told), _at(row))


def _at(row: Any) -> int:
    return millis(row["finished_at"] or row["started_at"])


def _error(row: Any) -> ErrorLine:
    return ErrorLine(
        code=(row["error_code"] or row["state"]).replace("_", " "),
        text=(row["error_text"] or "")[:200],
        activation=row["activation_id"],
        href=f"/console/activations/{row['activation_id']}",
        at_ms=millis(row["at"]),
    )


def _example(row: Any, margin: Decimal, currency: str) -> PriceExample:
    before = row["price_micro"]
    after = sell_price(row["cost_micro"], row["rate"], margin)
    tone = "ok" if after > before else "warn" if after < before else ""
    return PriceExample(
        what=row["service_name"],
        where=row["country_name"],
        flag=flag(row["country"]),
        cost=money(row["cost_micro"], row["currency"]),
        before=money(before, currency),
        after=money(after, currency),
        tone=tone,
    )


def _factor(margin: Decimal) -> str:
    text = f"{margin:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_PROVIDER: Final = """
select p.title, p.margin, p.priority, p.currency, pa.balance_micro, pa.balance_at,
  pa.secret_sealed is not null as has_key, pa.secret_host, pa.activation_seconds,
  pa.settle_seconds, o.offers, o.countries,
  (select count(*) from activation a where a.account_id = pa.id) as sold
from provider p
join lateral (select * from provider_account where provider_id = p.id order by id limit 1) pa
  on true
cross join lateral (select count(*) as offers, count(distinct country) as countries from offer
  where provider_id = p.id and available) o
where p.name = :name
"""
_DELIVERY: Final = """
select count(*) filter (where a.sms_count > 0 or a.state = 'expired') as had_time,
  count(*) filter (where a.sms_count > 0) as coded,
  percentile_cont(array[0.5, 0.95]) within group (
    order by extract(epoch from m.first_at - a.acquired_at) * 1000)
    filter (where m.first_at is not null) as waits
from activation a join provider_account pa on pa.id = a.account_id
  join provider p on p.id = pa.provider_id
  left join lateral (select min(received_at) as first_at from message
    where activation_id = a.id and not late) m on true
where p.name = :name and a.acquired_at > cast(:now as timestamptz) - interval '24 hours'
"""
_ANSWERS: Final = """
select count(*) as asked, count(*) filter (where t.state = 'acquired') as sold,
  count(*) filter (where t.state = 'declined') as declined,
  count(*) filter (where t.state in ('unknown','released')) as unknown,
  percentile_cont(array[0.5, 0.95]) within group (order by t.latency_ms)
    filter (where t.latency_ms is not null) as latency
from attempt t join provider_account pa on pa.id = t.account_id
  join provider p on p.id = pa.provider_id
where p.name = :name and t.sent_at > cast(:now as timestamptz) - interval '24 hours'
"""
_RUNS: Final = """
select state, step, error, result, started_at, finished_at from job_run
where kind = :kind and subject = :name order by id desc limit :limit
"""
_ERRORS: Final = """
select t.state, t.error_code, t.error_text, t.activation_id,
  coalesce(t.answered_at, t.sent_at) as at
from attempt t join provider_account pa on pa.id = t.account_id
  join provider p on p.id = pa.provider_id
where p.name = :name and t.state in ('declined','unknown','released')
order by t.id desc limit :limit
"""
# The best known services, one country each, from the cheapest to the dearest.
_OFFERS: Final = """
select * from (
  select distinct on (o.service) o.service, s.name as service_name, o.country,
    c.name as country_name, o.cost_micro, o.price_micro, p.currency, r.rate, s.popularity
  from offer o join provider p on p.id = o.provider_id
    join currency_rate r on r.currency = p.currency
    join service s on s.code = o.service join country c on c.iso2 = o.country
  where p.name = :name and o.available
    and o.service in (select code from service order by popularity desc, code limit 30)
  order by o.service, o.stock desc nulls last, o.country, o.operator
) known order by cost_micro, service
"""
