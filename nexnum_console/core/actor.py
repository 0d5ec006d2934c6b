"""Who acts: the answer of authentication, passed down explicitly."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person and what they may do. ``name`` goes into journals and logs.

    ``session_id`` is the login they came by, 0 outside of one.
    """

    user_id: int
    email: str
    role: str
    capabilities: frozenset[str]
    session_id: int = 0

    @property
    def name(self) -> str:
        """How records name this actor: stable, and no e-mail address in the ledger."""
        return f"user:{self.user_id}"

    def may(self, capability: str) -> bool:
        """Whether the actor holds ``capability``."""
        return capability in self.capabilities


SYSTEM = "system"
