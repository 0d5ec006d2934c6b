"""``./nexnum routing``: who is asked first, by what rules, and what others would have brought."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import click

from nexnum_console import bootstrap
from nexnum_console.core.clock import utc_now
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import BusinessError
from nexnum_console.operations import routing_desk
from nexnum_console.reports.routing import REPLAY_MOST, estimate_document
from nexnum_console.reports.routing import simulate as run_simulation
from nexnum_console.routing.replay import ENOUGH, Estimate
from nexnum_console.routing.rulings import rules_held

OPERATOR = "operator:shell"
MICRO = 1_000_000


@click.group()
def routing() -> None:
    """Pin and ban providers; try other weights on past orders."""


SERVICE = click.option("--service", default="", help="Our code; without it every service.")
COUNTRY = click.option("--country", default="", help="ISO code; without it every country.")
HOURS = click.option(
    "--hours",
    type=click.IntRange(1, routing_desk.HOURS_MOST),
    default=None,
    help="How long it holds; without it until it is taken back.",
)
REASON = click.option("--reason", required=True, help="Why, for whoever reads it later.")


@routing.command("rules")
def show_rules() -> None:
    """Every pin and ban; one that has ended says so."""
    now = utc_now()
    with _unit() as unit:
        held = rules_held(unit)
    for rule in held:
        where = f"{rule.service or 'every service'}, {rule.country or 'every country'}"
        until = f" until {rule.until:%Y-%m-%d %H:%M} UTC" if rule.until else ""
        ended = "" if rule.holds(now) else "ended: "
        click.echo(
            f"{ended}{rule.kind} {rule.provider} for {where}{until}: {rule.reason} ({rule.actor})"
        )
    if not held:
        click.echo("no pins and no bans")


@routing.command("pin")
@click.argument("provider")
@SERVICE
@COUNTRY
@REASON
@HOURS
def pin(provider: str, service: str, country: str, reason: str, hours: int | None) -> None:
    """Ask PROVIDER alone, as long as it can be asked."""
    _rule("pin", provider, service, country, reason, hours or 0)


@routing.command("ban")
@click.argument("provider")
@SERVICE
@COUNTRY
@REASON
@HOURS
def ban(provider: str, service: str, country: str, reason: str, hours: int | None) -> None:
    """Never ask PROVIDER."""
    _rule("ban", provider, service, country, reason, hours or 0)


@routing.command("free")
@click.argument("provider")
@SERVICE
@COUNTRY
def free(provider: str, service: str, country: str) -> None:
    """Take back the pin or ban of PROVIDER for exactly this service and country."""
    with _unit() as unit:
        kind = routing_desk.free_provider(
            unit,
            bootstrap.services().events,
            OPERATOR,
            provider,
            service=service,
            country=country,
            now=utc_now(),
        )
    click.echo(f"the {kind} of {provider} is taken back")


@routing.command("simulate")
@click.argument("weights", nargs=-1, metavar="[NAME=VALUE]...")
@click.option(
    "--last",
    type=click.IntRange(1, REPLAY_MOST),
    default=5_000,
    show_default=True,
    help="How many decisions to look back at.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def simulate(weights: tuple[str, ...], last: int, as_json: bool) -> None:
    """What other weights would have brought in the last decisions; nothing is changed.

    \b
    For example: ./nexnum routing simulate failure_cost=0.20 price_weight=1
    """
    with _unit() as unit:
        policy = routing_desk.policy_with(unit, dict(_pair(each) for each in weights))
        found = run_simulation(unit, policy, last, utc_now())
    if as_json:
        told = None if found is None else estimate_document(found)
        click.echo(json.dumps({"policy": policy.document(), "estimate": told}))
    elif found is None:
        click.echo(
            "No decision of half an hour ago or before left anything to chance, so there is nothing"
            " to learn from."
        )
    else:
        _print(found)


def _print(found: Estimate) -> None:
    def amount(micro: float) -> str:
        return f"{micro / MICRO:.4f}"

    click.echo(f"{found.orders} orders, worth {found.effective:.0f} under these weights")
    click.echo(
        f"profit an order: was {amount(found.profit_was)}, would be {amount(found.profit)}"
        f" (95 %: {amount(found.profit_low)} to {amount(found.profit_high)})"
    )
    click.echo(
        f"the difference: {amount(found.gain)}"
        f" (95 %: {amount(found.gain_low)} to {amount(found.gain_high)})"
    )
    click.echo(f"orders with a code: was {found.delivered_was:.1%}, would be {found.delivered:.1%}")
    for name, (was, would) in sorted(found.leads.items(), key=lambda item: -item[1][1]):
        click.echo(f"  {name}: led {was:.1%}, would lead {would:.1%}")
    if not found.enough:
        click.echo(f"Too few to decide by: wait until they are worth {ENOUGH:.0f} orders.")


def _rule(
    kind: Literal["pin", "ban"],
    provider: str,
    service: str,
    country: str,
    reason: str,
    hours: int,
) -> None:
    with _unit() as unit:
        routing_desk.rule_provider(
            unit,
            bootstrap.services().events,
            OPERATOR,
            provider,
            kind,
            service=service,
            country=country,
            reason=reason,
            hours=hours,
            now=utc_now(),
        )
    click.echo(f"{kind} of {provider} holds within 2 seconds in every process")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(f"{text!r} is no weight; write NAME=VALUE.")
    return name, value


@contextmanager
def _unit() -> Iterator[UnitOfWork]:
    try:
        with bootstrap.services().database.transaction() as unit:
            yield unit
    except BusinessError as error:
        raise click.ClickException(error.message) from error
    finally:
        bootstrap.close()
