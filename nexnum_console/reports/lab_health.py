"""How a provider does: what its calls came to, its errors by kind, its balance over time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.money import MoneyError, format_micro, to_micro
from nexnum_console.providers import versions
from nexnum_console.providers.body import Reply
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.listed import listing_of
from nexnum_console.providers.loading import ConfigError
from nexnum_console.providers.reply import read
from nexnum_console.reports.figures import BarRow, Spark, bar_row, spark
from nexnum_console.reports.provider_detail import Fact, provider_page
from nexnum_console.reports.words import count, millis

BALANCES_MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Health:
    """What the health tab shows; ``errors`` are purchases of 24 hours by error."""

    success: list[BarRow] = field(default_factory=list)
    answers: list[Fact] = field(default_factory=list)
    errors: list[BarRow] = field(default_factory=list)
    calls: list[Fact] = field(default_factory=list)
    balance: str = ""
    balance_at_ms: int = 0
    trend: Spark = field(default_factory=Spark)
    seen: int = 0
    since_ms: int = 0
    rate: list[Fact] = field(default_factory=list)
    rate_words: str = ""
    rate_fits: bool = True


@dataclass(frozen=True, slots=True)
class Need:
    """Whether the limit of a config is enough for the numbers that wait."""

    facts: list[Fact]
    words: str
    fits: bool


def health(unit: UnitOfWork, name: str, now: datetime) -> Health:
    """The health of a provider that exists."""
    page = provider_page(unit, name, now)
    errors = unit.all(_ERRORS, name=name, now=now)
    total = sum(row["n"] for row in errors)
    balances = _balances(unit, name)
    newest = balances[-1] if balances else None
    need = _need(unit, name)
    return Health(
        success=page.success,
        answers=page.answers,
        errors=[
            bar_row(str(row["code"]).replace("_", " "), row["n"], total, count(row["n"]), "")
            for row in errors
        ],
        calls=[_call(row) for row in unit.all(_CALLS, name=name)],
        balance=f"{format_micro(newest[0])} {newest[2]}" if newest else "",
        balance_at_ms=millis(newest[1]) if newest else 0,
        trend=spark([one[0] for one in balances]) if len(balances) > 1 else Spark(),
        seen=len(balances),
        since_ms=millis(balances[0][1]) if balances else 0,
        rate=need.facts if need else [],
        rate_words=need.words if need else "The published config cannot be read.",
        rate_fits=need is None or need.fits,
    )


def _need(unit: UnitOfWork, name: str) -> Need | None:
    """What the numbers that wait now ask of the limit; None for a config that cannot be read."""
    try:
        compiled = versions.compiled(versions.served(unit, name).text, name)
    except ConfigError:
        return None
    return need(compiled, int(unit.scalar(_WAITING, name=name)))


def need(compiled: CompiledProvider, waiting: int) -> Need:
    """Calls a second that so many waiting numbers make at the config's own pace."""
    config = compiled.config
    listing, every = listing_of(compiled), config.lifetimes.poll_seconds
    most = config.rate_limit.requests / config.rate_limit.per_seconds
    together = 1 if listing is None else listing.most or max(waiting, 1)
    calls = -(-waiting // together) / every
    words = (
        f"Numbers waiting now: {count(waiting)}. This config needs {calls:,.1f} calls a second"
        f" for them; its limit is {most:,.1f}."
    )
    room = f"{int(most * every) * together:,} numbers"
    if listing is not None and listing.most is None:
        room = "one call tells of all"
    facts = [Fact("Asks every", f"{every:g} s"), Fact("Room for", room)]
    return Need(facts, words, calls <= most)


def _call(row: Any) -> Fact:
    bad = row["n"] - row["good"]
    note = f"{count(bad)} not read or refused" if bad else "all read"
    return Fact(row["operation"], f"{row['p50']:,.0f} ms", f"{count(row['n'])} kept, {note}")


def _balances(unit: UnitOfWork, name: str) -> list[tuple[int, datetime, str]]:
    """(micro-units, moment, currency) of the kept balance answers, oldest first."""
    try:
        compiled = versions.compiled(versions.served(unit, name).text, name)
    except ConfigError:
        return []
    found = []
    for row in unit.all(_BALANCES, name=name, most=BALANCES_MOST):
        try:
            result = read(compiled, "balance", Reply(row["status"], {}, row["body"]), {})
            found.append((to_micro(result["balance"]), row["at"], result["currency"]))
        except (ProviderError, MoneyError):
            continue
    return found[::-1]


_WAITING: Final = """
select count(*) from activation x join provider_account a on a.id = x.account_id
  join provider p on p.id = a.provider_id
where p.name = :name and x.state = 'waiting'
"""
_ERRORS: Final = """
select coalesce(nullif(t.error_code, ''), t.state) as code, count(*) as n
from attempt t join provider_account a on a.id = t.account_id
  join provider p on p.id = a.provider_id
where p.name = :name and t.state in ('declined','unknown','released')
  and t.sent_at > cast(:now as timestamptz) - interval '24 hours'
group by 1 order by n desc, 1 limit 12
"""
_CALLS: Final = """
select e.operation, count(*) as n, count(*) filter (where e.outcome = 'ok') as good,
  percentile_cont(0.5) within group (order by e.millis) as p50
from provider_exchange e join provider p on p.id = e.provider_id where p.name = :name
group by e.operation order by n desc, e.operation
"""
_BALANCES: Final = """
select e.status, e.body, e.at from provider_exchange e join provider p on p.id = e.provider_id
where p.name = :name and e.operation = 'balance' and e.outcome = 'ok' order by e.id desc limit :most
"""
