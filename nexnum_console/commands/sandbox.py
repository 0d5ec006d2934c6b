"""./nexnum sandbox: deliver an SMS by hand, make a carrier misbehave, look at its orders."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import click

from nexnum_console.activations.reading import upstream_id
from nexnum_console.bootstrap import services
from nexnum_console.core.errors import Unavailable
from nexnum_console.operations.sandbox_control import SandboxControl, SandboxRefused
from nexnum_console.settings import settings

EXIT_REFUSED = 1
EXIT_UNREACHABLE = 3
OUR_DIGITS_MAX = 18


class Unreachable(click.ClickException):
    """Nothing answers at the sandbox's address."""

    exit_code = EXIT_UNREACHABLE


class Refused(click.ClickException):
    """The sandbox answered no; its own words are the message."""

    exit_code = EXIT_REFUSED


@click.group("sandbox")
@click.option("--url", metavar="URL", help="Sandbox address; default: the running one.")
@click.option("--key", metavar="KEY", help="Key of its control API; default: the running one's.")
@click.pass_context
def sandbox(ctx: click.Context, url: str | None, key: str | None) -> None:
    """Play the carriers' side: SMS by hand, faults on demand."""
    ctx.meta[__name__] = (url, key)


@sandbox.command("sms")
@click.argument("activation_id")
@click.argument("code")
@click.option("--text", help="The whole message; made up around the code when left out.")
@click.pass_context
def send_sms(ctx: click.Context, activation_id: str, code: str, text: str | None) -> None:
    """Deliver an SMS with CODE now. ACTIVATION_ID is ours or the carrier's."""
    body = {"code": code} if text is None else {"code": code, "text": text}
    order = _ask(ctx, "POST", f"/activations/{_part(_carriers_id(activation_id))}/sms", body)
    click.echo(f"delivered to {order['phone']} ({order['carrier']} {order['id']}): {code}")


@sandbox.command("fault")
@click.argument("provider")
@click.argument("fault", required=False)
@click.option("--rate", type=click.FloatRange(0, 1), default=1.0, show_default=True)
@click.option("--operation", "operations", multiple=True, help="Only there; may be repeated.")
@click.option("--clear", is_flag=True, help="End the fault, or all of them without a FAULT.")
@click.pass_context
def set_fault(
    ctx: click.Context,
    *,
    provider: str,
    fault: str | None,
    rate: float,
    operations: tuple[str, ...],
    clear: bool,
) -> None:
    """Make PROVIDER suffer FAULT in a share of its requests, or end that with --clear."""
    path = f"/carriers/{_part(provider)}/faults"
    if clear:
        cleared = _ask(ctx, "DELETE", f"{path}/{_part(fault)}" if fault else path)["cleared"]
        click.echo(f"{provider}: {', '.join(cleared) or 'no fault'} cleared")
        return
    if fault is None:
        raise click.UsageError("name a FAULT; `sandbox faults` lists them")
    body: dict[str, Any] = {"rate": rate}
    if operations:
        body["operations"] = list(operations)
    now = _ask(ctx, "PUT", f"{path}/{_part(fault)}", body)
    click.echo(f"{provider}: {now['fault']} in {now['rate']:.0%} of {', '.join(now['operations'])}")


@sandbox.command("faults")
@click.pass_context
def list_faults(ctx: click.Context) -> None:
    """List the faults there are and the ones that are set."""
    found = _ask(ctx, "GET", "/faults")
    click.echo("known: " + ", ".join(found["known"]))
    for provider, faults in found["set"].items():
        listed = [f"{name} {setting['rate']:.0%}" for name, setting in faults.items()]
        click.echo(f"{provider}: {', '.join(listed) or 'none set'}")


@sandbox.command("orders")
@click.option("--provider", help="Only this carrier's.")
@click.option("--open", "only_open", is_flag=True, help="Only orders that still run.")
@click.pass_context
def list_orders(ctx: click.Context, provider: str | None, only_open: bool) -> None:
    """List every order the carriers have sold, oldest first."""
    query = {"carrier": provider} if provider else {}
    if only_open:
        query["open"] = "1"
    found = _ask(ctx, "GET", "/orders", query=query)
    for order in found["orders"]:
        codes = " ".join(sms["code"] for sms in order["sms"]) or "-"
        columns = (order["carrier"], order["id"], order["phone"], order["state"])
        click.echo("  ".join((*columns, f"charged {order['charged']}", codes)))
    requests = ", ".join(f"{name} {count}" for name, count in found["buy_requests"].items())
    click.echo(f"{len(found['orders'])} orders; buy requests: {requests}")


def _ask(
    ctx: click.Context,
    method: str,
    path: str,
    body: dict[str, Any] | None = None,
    query: dict[str, str] | None = None,
) -> dict[str, Any]:
    try:
        return _control(ctx).ask(method, f"/control{path}", body, query)
    except SandboxRefused as error:
        raise Refused(str(error)) from error
    except Unavailable as error:
        raise Unreachable(str(error)) from error


def _control(ctx: click.Context) -> SandboxControl:
    url, key = ctx.meta[__name__]
    if url is None or key is None:
        chosen = settings()
        url = url or chosen.sandbox_control_url
        key = key or chosen.sandbox_control_key
    if not url or not key:
        raise click.UsageError("which sandbox? give --url and --key, or start one: ./nexnum up")
    return SandboxControl(url, key)


def _carriers_id(activation_id: str) -> str:
    """The carrier's id of an activation, given ours or its own."""
    if not activation_id.isdecimal() or len(activation_id) > OUR_DIGITS_MAX:
        return activation_id
    with services().database.transaction() as unit:
        return upstream_id(unit, int(activation_id)) or activation_id


def _part(text: str) -> str:
    return quote(text, safe="")
