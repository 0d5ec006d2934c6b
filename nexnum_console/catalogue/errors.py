"""Why a sync is refused or a price cannot be told."""

from __future__ import annotations

from nexnum_console.core.errors import BusinessError


class RateMissing(BusinessError):
    """Nobody said what a currency is worth; nothing is priced by a guess."""

    code = "rate_missing"
    status = 409


class ListingShrank(BusinessError):
    """The provider listed far less than last time; the catalogue was kept."""

    code = "listing_shrank"
    status = 409


class ListingUnreadable(BusinessError):
    """The provider could not be read; the catalogue was kept."""

    code = "listing_unreadable"
    status = 502
