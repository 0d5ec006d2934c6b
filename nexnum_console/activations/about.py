"""What a provider may ask for beside the id: the country, service, phone and state of a number."""

from __future__ import annotations

from typing import Any

from nexnum_console.catalogue.service import Candidate
from nexnum_console.core.db import UnitOfWork
from nexnum_console.providers.client import About


def about_activation(unit: UnitOfWork, row: Any) -> About:
    """About an activation's row, with the provider's own codes from the attempt that bought it."""
    bought = unit.first(
        "select external_country, external_service from attempt where activation_id = :id"
        " and state = 'acquired'",
        id=row["id"],
    )
    return about(row, *(bought.values() if bought else (None, None)))


def about(row: Any, country: str | None, service: str | None) -> About:
    """About a number whose country and service are known already."""
    return {
        "country": country,
        "service": service,
        "phone": row["phone"],
        "state": "received" if row["sms_count"] else "waiting",
    }


def about_number(candidate: Candidate) -> About:
    """About a number that is asked for again."""
    return {
        "country": candidate.external_country,
        "service": candidate.external_service,
        "phone": candidate.again.phone if candidate.again else None,
        "state": "received",
    }


def about_stray(row: Any) -> About:
    """About a number that no order is bound to."""
    return {
        "country": row["external_country"],
        "service": row["external_service"],
        "phone": row["phone"],
        "state": "waiting",
    }
