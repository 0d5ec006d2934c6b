"""A provider's price list becomes our offers, all of it or nothing.

What this sync did not see becomes unavailable in the same transaction. A list that is empty, or
less than half of what is known, is refused: a broken reply must not empty the shop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from nexnum_console.catalogue import rates, stale, terms
from nexnum_console.catalogue.errors import ListingShrank, ListingUnreadable, RateMissing
from nexnum_console.catalogue.listing import Listing, read_listing
from nexnum_console.catalogue.normalise import Normaliser, load_facts
from nexnum_console.catalogue.source import Priced, Source
from nexnum_console.catalogue.staging import store
from nexnum_console.core import job_runs
from nexnum_console.core.db import Database, UnitOfWork
from nexnum_console.core.errors import BusinessError, NotFound
from nexnum_console.core.events import ADMIN_CHANNEL, Events
from nexnum_console.providers.errors import ProviderError

KIND: Final = "catalogue.sync"
SMALL: Final = 20
_STEPS: Final = 5


@dataclass(frozen=True, slots=True)
class Seller:
    """What a sync needs to know of a provider."""

    id: int
    name: str
    currency: str
    margin: Decimal
    dialect: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a sync; ``skipped`` counts rows left out by reason."""

    run_id: int
    provider: str
    countries: int
    services: int
    offers: int
    changed: int
    gone: int
    skipped: dict[str, int]
    unknown_countries: list[str]


def sync(
    database: Database,
    provider: str,
    source: Source,
    *,
    wallet_currency: str,
    clock: Callable[[], datetime],
    events: Events | None = None,
    force: bool = False,
) -> Report:
    """Read everything ``provider`` sells and store it; progress and outcome go to ``job_run``.

    Raises AlreadyRunning, RateMissing, ListingShrank (unless ``force``) or ListingUnreadable;
    in all of them the offers stay as they were, except that without a rate they are not sold.
    """
    with database.transaction() as unit:
        seller = _seller(unit, provider)
        rates.ensure_wallet_currency(unit, wallet_currency, now=clock())
        run_id = job_runs.start(unit, KIND, provider, now=clock())
    run = _Run(database, run_id, provider, clock, events)
    try:
        report = _carry_out(run, seller, source, wallet_currency, force)
    except ProviderError as error:
        run.fail(f"{provider} could not be read: {error.message}")
        raise ListingUnreadable(
            f"{provider} could not be read ({error.code}); the catalogue was kept."
        ) from error
    except RateMissing as error:
        run.fail(error.message)
        with database.transaction() as unit:
            unit.run(
                "update offer set available = false where provider_id = :id and available",
                id=seller.id,
            )
        raise
    except BusinessError as error:
        run.fail(error.message)
        raise
    except BaseException as error:
        run.fail(f"the sync broke off: {type(error).__name__}")
        raise
    return report


@dataclass(frozen=True, slots=True)
class _Run:
    database: Database
    id: int
    provider: str
    clock: Callable[[], datetime]
    events: Events | None

    def step(self, number: int, text: str) -> None:
        with self.database.transaction() as unit:
            job_runs.progress(unit, self.id, text, done=number, total=_STEPS, now=self.clock())
        self.tell()

    def fail(self, reason: str) -> None:
        with self.database.transaction() as unit:
            job_runs.fail(unit, self.id, reason, now=self.clock())
        self.tell()

    def tell(self) -> None:
        if self.events is not None:
            self.events.publish(ADMIN_CHANNEL, "sync", provider=self.provider, run=self.id)


def _carry_out(
    run: _Run, seller: Seller, source: Source, wallet_currency: str, force: bool
) -> Report:
    with run.database.transaction() as unit:
        rates.get_rate(unit, seller.currency, wallet_currency=wallet_currency)
    run.step(0, "reading countries")
    countries = [(row[0], row[1]) for row in source.countries()]
    run.step(1, "reading services")
    services = [(row[0], row[1]) for row in source.services()]
    run.step(2, "reading prices")
    prices = source.prices()
    run.step(3, f"sorting {len(prices)} prices")
    with run.database.transaction() as unit:
        by_hand = terms.by_hand(unit, seller.id)
    words = Normaliser(load_facts(), seller.name, seller.dialect, countries, services, by_hand)
    listing = read_listing(prices, words)
    run.step(4, f"storing {len(listing.rows)} offers")
    with run.database.transaction() as unit:
        if (said := terms.by_hand(unit, seller.id)) != by_hand:  # somebody said so meanwhile
            words = Normaliser(load_facts(), seller.name, seller.dialect, countries, services, said)
            listing = read_listing(prices, words)
        _refuse_if_shrunk(unit, seller, listing, force)
        terms.remember(unit, seller.id, words.terms(_pairs(prices)))
        changed, gone = store(unit, seller.id, listing, run.id, run.clock())
        stale.prices_read(unit, seller.name, run.clock())
        report = _report(run, listing, changed, gone)
        job_runs.progress(unit, run.id, "", done=_STEPS, total=_STEPS, now=run.clock())
        job_runs.finish(unit, run.id, _shown(report), now=run.clock())
    run.tell()
    return report


def _pairs(prices: Sequence[Priced]) -> set[tuple[str, str]]:
    return {(one.country, one.service) for one in prices if one.country and one.service}


def _refuse_if_shrunk(unit: UnitOfWork, seller: Seller, listing: Listing, force: bool) -> None:
    known = int(
        unit.scalar(
            "select count(*) from offer where provider_id = :id and available", id=seller.id
        )
    )
    listed = len(listing.rows)
    if force or (listed > 0 and (known < SMALL or listed * 2 >= known)):
        return
    skipped = sum(listing.skipped.values())
    raise ListingShrank(
        f"{seller.name} listed {listed} usable offers ({skipped} rows were left out), {known} are"
        " known. The catalogue was kept; if the new list is right, sync again with force.",
        listed=listed,
        known=known,
    )


def _seller(unit: UnitOfWork, provider: str) -> Seller:
    row = unit.first(
        "select id, name, currency, margin, config ->> 'dialect' as dialect from provider"
        " where name = :name",
        name=provider,
    )
    if row is None:
        raise NotFound(f"There is no provider {provider}.")
    return Seller(**row)


def _report(run: _Run, listing: Listing, changed: int, gone: int) -> Report:
    return Report(
        run_id=run.id,
        provider=run.provider,
        countries=len(listing.countries),
        services=len(listing.services),
        offers=len(listing.rows),
        changed=changed,
        gone=gone,
        skipped=dict(listing.skipped),
        unknown_countries=[name for name, _ in listing.unknown_countries.most_common(20)],
    )


def _shown(report: Report) -> dict[str, Any]:
    return {
        "countries": report.countries,
        "services": report.services,
        "offers": report.offers,
        "changed": report.changed,
        "gone": report.gone,
        "skipped": report.skipped,
        "unknown_countries": report.unknown_countries,
    }
