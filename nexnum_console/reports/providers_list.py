"""The list of providers, as staff see it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from nexnum_console.core.money import CENT, format_micro
from nexnum_console.reports import filters
from nexnum_console.reports.columns import count_column, state_column
from nexnum_console.reports.listing import Cell, Choice, Column, Filter, Listing, Row
from nexnum_console.reports.overview_figures import share
from nexnum_console.reports.words import count, initials, millis, money, tile


def _provider(row: Row) -> Cell:
    title = row["title"]
    return Cell(text=title, sub=row["name"], letters=initials(title), tile=tile(row["name"]))


def _state(row: Row) -> Cell:
    if not row["enabled"]:
        return Cell(text="Off", icon="ban")
    if row["run_state"] == "running":
        return Cell(text="Syncing", icon="refresh", tone="info")
    if row["run_state"] == "failed":
        return Cell(text="Sync failed", icon="alert", tone="danger")
    return Cell(text="Ready", icon="check", tone="ok")


def _balance(row: Row) -> Cell:
    held = row["balance_micro"]
    if held is None:
        return Cell(text="unknown", tone="low")
    return Cell(text=money(held - held % CENT, row["currency"]), tone="hi")


def _success(row: Row) -> Cell:
    if not row["had_time"]:
        return Cell(text="–", sub="n = 0, 24 h", tone="low")
    rate = f"{share(row['coded'], row['had_time'])} %"
    return Cell(text=rate, sub=f"n = {count(row['had_time'])}, 24 h")


def _synced(row: Row) -> datetime | None:
    found: datetime | None = row["synced_at"]
    return found


PROVIDERS: Final = Listing(
    name="providers",
    title="Providers",
    path="/console/providers",
    capability="providers.view",
    fields="p.id, p.name, p.title, p.enabled, p.currency, p.margin, p.priority, pa.balance_micro,"
    " o.offers, a.had_time, a.coded, r.state as run_state, s.synced_at",
    source="from provider p"
    " left join lateral (select id, balance_micro from provider_account"
    "   where provider_id = p.id order by id limit 1) pa on true"
    " left join lateral (select count(*) as offers from offer"
    "   where provider_id = p.id and available) o on true"
    " left join lateral (select count(*) filter (where sms_count > 0 or state = 'expired')"
    "   as had_time, count(*) filter (where sms_count > 0) as coded from activation"
    "   where account_id = pa.id and acquired_at > now() - interval '24 hours') a on true"
    " left join lateral (select state from job_run where kind = 'catalogue.sync'"
    "   and subject = p.name order by id desc limit 1) r on true"
    " left join lateral (select max(finished_at) as synced_at from job_run"
    "   where kind = 'catalogue.sync' and subject = p.name and state = 'done') s on true",
    columns=(
        Column(
            "provider", "Provider", _provider, lambda row: row["name"], kind="tile", sort="p.title"
        ),
        state_column(_state, "p.enabled", lambda row: row["enabled"]),
        Column(
            "margin",
            "Margin",
            lambda row: Cell(text=f"× {row['margin'].normalize():f}"),
            lambda row: row["margin"],
            kind="number",
            sort="p.margin",
            right=True,
        ),
        Column(
            "rank",
            "Rank",
            lambda row: Cell(text=str(row["priority"])),
            lambda row: row["priority"],
            kind="number",
            sort="p.priority",
            right=True,
            wide=True,
        ),
        Column(
            "balance",
            "Balance",
            _balance,
            lambda row: "" if row["balance_micro"] is None else format_micro(row["balance_micro"]),
            kind="number",
            sort="pa.balance_micro",
            right=True,
        ),
        count_column("offers", "Offers", "offers", sort="o.offers"),
        Column(
            "success",
            "Success",
            _success,
            lambda row: share(row["coded"], row["had_time"]),
            sort="a.coded::numeric / nullif(a.had_time, 0)",
            right=True,
        ),
        Column(
            "synced",
            "Last sync",
            lambda row: Cell(ms=millis(_synced(row))),
            _synced,
            kind="time",
            sort="s.synced_at",
        ),
    ),
    tie="p.id",
    order="rank",
    filters=(
        filters.search("p.title ilike :f_q or p.name ilike :f_q", "Name of the provider"),
        Filter(
            "state",
            "State",
            "p.enabled = (:f_state = 'on')",
            choices=(Choice("on", "Sells"), Choice("off", "Off")),
        ),
    ),
    href=lambda row: f"/console/providers/{row['name']}",
    none_yet="No providers yet",
    nothing="Numbers come from providers. Start the product with its demo data, or add a config.",
)
