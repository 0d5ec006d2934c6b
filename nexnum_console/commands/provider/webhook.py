"""./nexnum provider webhook: the address at which a provider may push its SMS."""

from __future__ import annotations

import click

from nexnum_console import bootstrap
from nexnum_console.operations.inbound_sms import webhook_path
from nexnum_console.providers import registry


@click.command("webhook")
@click.argument("name")
def webhook_command(name: str) -> None:
    """Print the webhook address of each account with the provider NAME. It is a secret.

    Where one config reads several senders, add a slash and the sender's name.
    """
    services = bootstrap.services()
    try:
        with services.database.transaction() as unit:
            found = [each for each in registry.accounts(unit) if each.provider == name]
        if not found:
            raise click.ClickException(f"There is no provider {name}.")
        root = services.settings.public_url.rstrip("/")
        for account in found:
            path = webhook_path(services.secret_box, account)
            click.echo(f"account {account.account_id} {account.label}: {root}{path}")
    finally:
        bootstrap.close()
