"""./nexnum sandbox: deliver an SMS by hand, make a carrier misbehave, look at its orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import click
import httpx

EXIT_REFUSED = 1
EXIT_UNREACHABLE = 3
TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class ControlAccess:
    """Where the sandbox listens and the key of its control API."""

    url: str
    key: str


class SandboxUnreachable(click.ClickException):
    """Nothing answers at the sandbox's address."""

    exit_code = EXIT_UNREACHABLE


class SandboxRefused(click.ClickException):
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
    """Deliver an SMS with CODE to the carrier's activation ACTIVATION_ID now."""
    body = {"code": code} if text is None else {"code": code, "text": text}
    order = _ask(ctx, "POST", f"/activations/{_part(activation_id)}/sms", body)
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
    access = _access(ctx)
    url = f"{access.url.rstrip('/')}/control{path}"
    try:
        # No proxies or .netrc from the environment: the sandbox is on this machine.
        with httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False) as client:
            headers = {"X-Sandbox-Key": access.key}
            reply = client.request(method, url, json=body, params=query, headers=headers)
        answer: dict[str, Any] = reply.json()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        message = f"no sandbox answers at {access.url}; start it with ./nexnum up"
        raise SandboxUnreachable(message) from error
    except ValueError as error:
        raise SandboxUnreachable(f"what answers at {access.url} is not the sandbox") from error
    if reply.is_error:
        raise SandboxRefused(str(answer.get("error", f"HTTP {reply.status_code}")))
    return answer


def _access(ctx: click.Context) -> ControlAccess:
    url, key = ctx.meta[__name__]
    url = url or getattr(ctx.obj, "sandbox_url", "")
    key = key or getattr(ctx.obj, "sandbox_key", "")
    if not url or not key:
        raise click.UsageError("which sandbox? give --url and --key, or start one: ./nexnum up")
    return ControlAccess(url, key)


def _part(text: str) -> str:
    return quote(text, safe="")
