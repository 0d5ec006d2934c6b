"""Jobs that keep prices, stock and balances fresh."""

from __future__ import annotations

from nexnum_console.bootstrap import services
from nexnum_console.operations import upkeep


def sync_provider(name: str) -> None:
    """Read everything one provider sells, now."""
    upkeep.sync_provider(services().upkeep, name)


def sync_due() -> None:
    """Refresh the catalogues and balances whose time has come."""
    upkeep.sync_due(services().upkeep)
