"""One vocabulary for everything a provider can refuse or get wrong."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

RAW_LIMIT: Final = 2_000


class Code(StrEnum):
    """What an answer means, whatever words the provider chose for it."""

    BAD_KEY = "bad_key"
    ACCESS_DENIED = "access_denied"
    ACCOUNT_BLOCKED = "account_blocked"
    ACCOUNT_INACTIVE = "account_inactive"
    RATING_LOW = "rating_low"
    BAD_ACTION = "bad_action"
    BAD_REQUEST = "bad_request"
    BAD_SERVICE = "bad_service"
    BAD_COUNTRY = "bad_country"
    BAD_OPERATOR = "bad_operator"
    NO_NUMBERS = "no_numbers"
    NO_BALANCE = "no_balance"
    MAX_PRICE_TOO_LOW = "max_price_too_low"
    LIMIT_CHANNELS = "limit_channels"
    DUPLICATE_ORDER = "duplicate_order"
    RATE_LIMITED = "rate_limited"
    ACTIVATION_NOT_FOUND = "activation_not_found"
    ACTIVATION_EXPIRED = "activation_expired"
    ACTIVATION_CLOSED = "activation_closed"
    INVALID_TRANSITION = "invalid_transition"
    CANCEL_TOO_EARLY = "cancel_too_early"
    SMS_ALREADY_RECEIVED = "sms_already_received"
    REUSE_UNAVAILABLE = "reuse_unavailable"
    REGION_BLOCKED = "region_blocked"
    PROVIDER_UNAVAILABLE = "provider_unavailable"
    PROVIDER_ERROR = "provider_error"
    PARSE_ERROR = "parse_error"


UNKNOWN_AFTER_SENDING: Final = frozenset(
    {
        Code.PROVIDER_UNAVAILABLE,
        Code.PROVIDER_ERROR,
        Code.PARSE_ERROR,
        Code.DUPLICATE_ORDER,  # our first try with this reference may have sold
    }
)


# How providers say of an order that it is over.
GONE: Final = frozenset(
    {Code.ACTIVATION_NOT_FOUND, Code.ACTIVATION_EXPIRED, Code.ACTIVATION_CLOSED}
)


class ProviderError(Exception):
    """A provider said no, or said nothing we can trust.

    ``min_price``: decimal text in the provider's currency. ``retry_after``: seconds.
    ``sent``: whether any byte of the request may have reached the provider.
    ``raw``: the start of the answer, with secrets removed. ``activation_id``: of an order that
    may stand although its number never came. ``unsure``: the refusal may not be one.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        min_price: str | None = None,
        retry_after: int | None = None,
        sent: bool = True,
        raw: str = "",
        activation_id: str | None = None,
        unsure: bool = False,
    ) -> None:
        super().__init__(message)
        self.code = Code(code)
        self.message = message
        self.min_price = min_price
        self.retry_after = retry_after
        self.sent = sent
        self.raw = raw[:RAW_LIMIT]
        self.activation_id = activation_id
        self.unsure = unsure

    @property
    def declined(self) -> bool:
        """True when a purchase certainly did not happen; False when nobody can say."""
        if not self.sent:
            return True
        return not self.unsure and self.code not in UNKNOWN_AFTER_SENDING

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class NotAdmitted(ProviderError):
    """Our own gate let no call out: the limit is used up, or the circuit breaker is open."""

    def __init__(self, code: str, message: str, *, retry_after: int) -> None:
        super().__init__(code, message, retry_after=retry_after, sent=False)
