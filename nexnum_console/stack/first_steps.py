"""Between servers and processes: migrate, seed the demo, offer the first admin link.

A process of its own (``python -m nexnum_console.stack.first_steps``), so that the supervisor
stays small. Reads the stack's environment; prints one JSON object.
"""

from __future__ import annotations

import json
import sys

from nexnum_console import bootstrap
from nexnum_console.core.clock import utc_now
from nexnum_console.operations import demo_seed
from nexnum_console.operations.first_admin import first_admin_link
from nexnum_console.operations.sandbox_control import SandboxControl
from nexnum_console.stack.layout import Layout
from nexnum_console.stack.migrate import migrate


def main() -> None:
    """Do all three; each is safe to repeat."""
    services = bootstrap.services()
    chosen = services.settings
    migrate(Layout.of(), chosen.database_owner_url or chosen.database_url)
    providers = _seed(services) if chosen.sandbox_control_url else []
    link = first_admin_link(services.database, chosen.public_url, utc_now())
    bootstrap.close()
    sys.stdout.write(json.dumps({"providers": providers, "admin_link": link}) + "\n")


def _seed(services: bootstrap.Services) -> list[str]:
    chosen = services.settings
    control = SandboxControl(chosen.sandbox_control_url or "", chosen.sandbox_control_key or "")
    sandbox = demo_seed.Sandbox(control, chosen.sandbox_urls, chosen.sandbox_carrier_key or "")
    return demo_seed.seed(
        services.database, services.secret_box, sandbox, chosen.wallet_currency, utc_now()
    )


if __name__ == "__main__":
    main()
