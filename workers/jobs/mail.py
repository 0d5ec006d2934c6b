"""The job that sends what is in the outbox."""

from __future__ import annotations

from nexnum_console.bootstrap import services
from nexnum_console.core.clock import utc_now
from nexnum_console.notifications import mail
from nexnum_console.notifications.carriages import carriage


def send() -> int:
    """Try every letter whose time has come."""
    parts = services()
    chosen = parts.settings
    way = carriage(chosen.smtp_url, chosen.nexnum_data_dir / "mail", chosen.mail_from)
    return mail.send_due(parts.database, parts.secret_box, way, utc_now)
