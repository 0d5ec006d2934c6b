"""What each role may do. A handler names a capability, never a role."""

from __future__ import annotations

from typing import Final

USER: Final = frozenset(
    {
        "account.manage",
        "store.view",
        "store.buy",
        "wallet.view",
        "wallet.deposit",
    }
)
SUPPORT: Final = USER | {
    "console.view",
    "users.view",
    "orders.view",
    "providers.view",
    "ledger.view",
    "audit.view",
}
ADMIN: Final = SUPPORT | {
    "users.manage",
    "providers.manage",
    "routing.manage",
    "catalogue.sync",
    "wallet.adjust",
    "money.manage",
    "ledger.check",
    "settings.manage",
    "outbox.manage",
    "questions.settle",
    "alerts.manage",
    "sandbox.control",
}

ROLES: Final[dict[str, frozenset[str]]] = {"user": USER, "support": SUPPORT, "admin": ADMIN}
EVERY: Final = ADMIN


def capabilities_of(role: str) -> frozenset[str]:
    """The role's capabilities; an unknown role holds none."""
    return ROLES.get(role, frozenset())
