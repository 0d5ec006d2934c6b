"""Tens of thousands of offers into PostgreSQL: copied to a staging table, merged in bulk."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from nexnum_console.catalogue.listing import Listing
from nexnum_console.catalogue.pricing import sell_price_sql
from nexnum_console.core.db import UnitOfWork

# One big merge may take longer than a page may.
_PATIENCE: Final = "set local statement_timeout = '120s'"
_STAGE: Final = """
create temporary table staged_offer (
  country text, service text, operator text, external_country text, external_service text,
  cost_micro bigint, stock bigint
) on commit drop
"""
_COPY: Final = (
    "copy staged_offer (country, service, operator, external_country, external_service,"
    " cost_micro, stock) from stdin"
)
_PRICE: Final = sell_price_sql("s.cost_micro", "r.rate", "p.margin")
_MERGE: Final = f"""
insert into offer (provider_id, country, service, operator, external_country, external_service,
  cost_micro, price_micro, stock, available, sync_no, updated_at)
select p.id, s.country, s.service, s.operator, s.external_country, s.external_service,
  s.cost_micro, {_PRICE}, s.stock, true, :sync_no, :now
from staged_offer s
cross join (select id, margin, currency from provider where id = :provider_id for share) p
join currency_rate r on r.currency = p.currency
on conflict (provider_id, country, service, operator) do update set
  external_country = excluded.external_country, external_service = excluded.external_service,
  cost_micro = excluded.cost_micro, price_micro = excluded.price_micro, stock = excluded.stock,
  available = true, sync_no = excluded.sync_no, updated_at = excluded.updated_at
where (offer.external_country, offer.external_service, offer.cost_micro, offer.price_micro,
  offer.stock, offer.available)
  is distinct from (excluded.external_country, excluded.external_service, excluded.cost_micro,
  excluded.price_micro, excluded.stock, true)
"""  # noqa: S608  column names of this file
_GONE: Final = """
update offer set available = false, sync_no = :sync_no, updated_at = :now
where provider_id = :provider_id and available and not exists (
  select from staged_offer s where s.country = offer.country and s.service = offer.service
    and s.operator = offer.operator)
"""
_REPRICE: Final = f"""
update offer set price_micro = {sell_price_sql("offer.cost_micro", "r.rate", "p.margin")},
  updated_at = :now
from provider p join currency_rate r on r.currency = p.currency
where p.id = offer.provider_id and offer.price_micro is distinct from
    {sell_price_sql("offer.cost_micro", "r.rate", "p.margin")}
  and (cast(:provider_id as bigint) is null or p.id = :provider_id)
  and (cast(:currency as text) is null or p.currency = :currency)
"""  # noqa: S608  column names of this file


def store(
    unit: UnitOfWork, provider_id: int, listing: Listing, sync_no: int, now: datetime
) -> tuple[int, int]:
    """Merge the listing into the provider's offers; (rows written, offers no longer listed).

    Rows that did not change are not written, so a sync costs what changed.
    """
    unit.run(_PATIENCE)
    _know(unit, listing)
    unit.run(_STAGE)
    _copy(unit, listing)
    unit.run("analyze staged_offer")
    marks: dict[str, Any] = {"provider_id": provider_id, "sync_no": sync_no, "now": now}
    changed = unit.run(_MERGE, **marks).rowcount
    gone = unit.run(_GONE, **marks).rowcount
    return changed, gone


def reprice(
    unit: UnitOfWork,
    *,
    now: datetime,
    provider_id: int | None = None,
    currency: str | None = None,
) -> int:
    """Apply today's margins and rates to stored offers; returns how many prices moved."""
    unit.run(_PATIENCE)
    done = unit.run(_REPRICE, provider_id=provider_id, currency=currency, now=now)
    return done.rowcount


def _know(unit: UnitOfWork, listing: Listing) -> None:
    # Sorted, so that two syncs meeting on the same new rows cannot lock crosswise.
    unit.many(
        "insert into country (iso2, name, dial) values (:iso2, :name, :dial)"
        " on conflict do nothing",
        [
            {"iso2": one.iso2, "name": one.name, "dial": one.dial}
            for _, one in sorted(listing.countries.items())
        ],
    )
    unit.many(
        "insert into service (code, name, popularity) values (:code, :name, :popularity)"
        " on conflict do nothing",
        [
            {"code": one.code, "name": one.name, "popularity": one.popularity}
            for _, one in sorted(listing.services.items())
        ],
    )


def _copy(unit: UnitOfWork, listing: Listing) -> None:
    unit.copy(
        _COPY,
        (
            (
                row.country,
                row.service,
                row.operator,
                row.external_country,
                row.external_service,
                row.cost_micro,
                row.stock,
            )
            for row in listing.rows
        ),
    )
