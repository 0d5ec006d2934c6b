"""./nexnum user: people and their money from the shell."""

from __future__ import annotations

import secrets
import sys

import click

from nexnum_console import bootstrap
from nexnum_console.accounts import service as accounts
from nexnum_console.core.clock import utc_now
from nexnum_console.core.errors import BusinessError
from nexnum_console.core.money import format_micro, to_micro
from nexnum_console.operations import registration
from nexnum_console.wallet import deposits, reading

ACTOR = "operator:shell"


@click.group("user")
def user() -> None:
    """Create users, give them money, list them."""


@user.command("create")
@click.argument("email")
@click.option("--admin", is_flag=True, help="The user administers this installation.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def create(email: str, admin: bool, password_stdin: bool) -> None:
    """Create the user EMAIL with an empty wallet. Without a terminal use --password-stdin."""
    password = _password(password_stdin)
    services = bootstrap.services()
    try:
        user_id = registration.register(
            services.database,
            email,
            password,
            currency=services.settings.wallet_currency,
            role="admin" if admin else "user",
        )
    except BusinessError as error:
        raise click.ClickException(error.message) from error
    finally:
        bootstrap.close()
    click.echo(
        f"{'admin' if admin else 'user'} {accounts.normal_email(email)} created, id {user_id}"
    )


@user.command("deposit")
@click.argument("email")
@click.argument("amount")
@click.option("--reference", help="The same reference is booked once only.")
def deposit(email: str, amount: str, reference: str | None) -> None:
    """Book AMOUNT (like 12.50) into the wallet of EMAIL, as a manual deposit."""
    services = bootstrap.services()
    try:
        micro = to_micro(amount)
        with services.database.transaction() as unit:
            person = accounts.by_email(unit, email)
            wallet = reading.balance_of(unit, person.id)
            deposits.deposit(
                unit,
                wallet_id=wallet.wallet_id,
                amount=micro,
                gateway="manual",
                gateway_ref=reference or f"shell-{secrets.token_hex(8)}",
                actor=ACTOR,
                now=utc_now(),
            )
            wallet = reading.balance_of(unit, person.id)
    except BusinessError as error:
        raise click.ClickException(error.message) from error
    finally:
        bootstrap.close()
    click.echo(
        f"{format_micro(micro)} {wallet.currency} booked; {person.email} has"
        f" {format_micro(wallet.available)} {wallet.currency}"
    )


@user.command("list")
def list_users() -> None:
    """Every user: id, role, status, address."""
    services = bootstrap.services()
    try:
        last = 0
        while True:
            with services.database.transaction() as unit:
                page = accounts.everyone(unit, limit=500, after_id=last)
            for person in page:
                click.echo(f"{person.id}\t{person.role}\t{person.status}\t{person.email}")
            if not page:
                return
            last = page[-1].id
    finally:
        bootstrap.close()


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise click.UsageError("There is no terminal to ask on: use --password-stdin.")
    answer: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return answer
