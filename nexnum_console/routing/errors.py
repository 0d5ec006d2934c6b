"""Why a quote or a new policy is refused."""

from __future__ import annotations

from nexnum_console.core.errors import BusinessError, NotFound


class QuoteNotFound(NotFound):
    """No such quote, or it is another user's; nothing was bought."""

    code = "quote_not_found"


class PolicyChanged(BusinessError):
    """The policy is another than the one that was looked at; nothing was saved."""

    code = "policy_changed"
    status = 409


class QuoteExpired(BusinessError):
    """The quote's time is over; nothing was bought."""

    code = "quote_expired"
    status = 409


class QuoteUsed(BusinessError):
    """A number was ordered with this quote before; nothing more was bought."""

    code = "quote_used"
    status = 409
