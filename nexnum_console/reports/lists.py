"""Every list of the product by name: what export jobs may write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nexnum_console.reports.activations_list import ACTIVATIONS
from nexnum_console.reports.listing import Listing

LISTINGS: Final[Mapping[str, Listing]] = {listing.name: listing for listing in (ACTIVATIONS,)}
