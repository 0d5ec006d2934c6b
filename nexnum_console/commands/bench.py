"""``./nexnum bench``: how fast the product is on this machine, and whether budgets are kept."""

from __future__ import annotations

import click

NAMES = ("purchase", "ledger", "poll", "ui", "engine", "routing", "torture")


@click.command()
@click.argument("name", type=click.Choice(NAMES), default="purchase")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line; the last sums up.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=1, max=600),
    default=3.0,
    show_default=True,
    help="How long each figure is measured in each of the three rounds.",
)
def bench(name: str, as_json: bool, seconds: float) -> None:
    """Measure NAME on a throwaway installation; exit 1 if the ledger or a budget breaks."""
    from importlib import import_module  # noqa: PLC0415  no other command needs it

    from bench.pgbench import PgbenchFailed  # noqa: PLC0415
    from bench.report import reporting  # noqa: PLC0415
    from bench.shoppers import NotSold  # noqa: PLC0415
    from bench.watching import NeverSeen  # noqa: PLC0415
    from nexnum_console.trial.single import TrialFailed  # noqa: PLC0415

    try:
        with reporting(as_json=as_json) as report:
            ok = import_module(f"bench.{name}").run(report, seconds)
    except (NeverSeen, NotSold, PgbenchFailed, TrialFailed) as error:
        raise click.ClickException(f"The measurement failed: {error}") from error
    raise SystemExit(0 if ok else 1)
