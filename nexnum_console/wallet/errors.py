"""Why a money move is refused. Nothing clamps and nothing is silently repeated."""

from __future__ import annotations

from nexnum_console.core.errors import BusinessError, NotFound


class InsufficientFunds(BusinessError):
    """The wallet cannot cover the move; it was left as it is."""

    code = "insufficient_funds"
    status = 402


class WalletFrozen(BusinessError):
    """Outgoing moves are stopped until an admin has looked at the evidence."""

    code = "wallet_frozen"
    status = 423


class NotLookedAt(BusinessError):
    """More is open about a frozen wallet than the person who lets it go has looked at; ``freezes``
    and ``evidence`` in the details number it."""

    code = "not_looked_at"
    status = 409


class WalletNotFound(NotFound):
    """No such wallet."""

    code = "wallet_not_found"


class AlreadyBooked(BusinessError):
    """A journal with this key exists; ``journal_id`` in the details names it."""

    code = "already_booked"
    status = 409


class HoldResolved(BusinessError):
    """The hold was committed or released before; it resolves once."""

    code = "hold_resolved"
    status = 409


class HoldNotFound(NotFound):
    """No hold of this reference and amount."""

    code = "hold_not_found"


class NothingToRefund(BusinessError):
    """The order was never charged, or not by that much."""

    code = "nothing_to_refund"
    status = 409
