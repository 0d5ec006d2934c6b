"""From the normal form to the typed results; instants become datetimes here."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from nexnum_console.providers.compare import instant
from nexnum_console.providers.normal import NormalForm
from nexnum_console.providers.results import (
    ActiveRow,
    Bought,
    Message,
    OfferRow,
    Outcome,
    StatusReport,
)

OFFER_FIELDS = OfferRow.__struct_fields__
_LONGEST_SECONDS = 366 * 86_400


def bought(result: NormalForm, now: datetime) -> Bought:
    """A sale. ``now`` is what a life told in seconds counts from."""
    expires_at = moment(result.get("expires_at"))
    if expires_at is None and result.get("expires_in"):
        expires_at = now + timedelta(seconds=min(result["expires_in"], _LONGEST_SECONDS))
    return Bought(
        activation_id=result["activation_id"],
        phone=result["phone"],
        cost=result.get("cost"),
        currency=result["currency"],
        operator=result.get("operator"),
        expires_at=expires_at,
    )


def status_report(result: NormalForm) -> StatusReport:
    """What is known of one activation."""
    listed = result.get("messages") or [result]
    messages = tuple(
        Message(each.get("code"), each.get("text"), each.get("sender"))
        for each in listed
        if each.get("code") or each.get("text")
    )
    return StatusReport(
        state=result["state"],
        code=result.get("code"),
        text=result.get("text"),
        sender=result.get("sender"),
        messages=messages,
    )


def active_rows(result: NormalForm) -> list[ActiveRow]:
    """Rows of the provider's own list."""
    return [
        ActiveRow(
            activation_id=row["activation_id"],
            phone=row.get("phone"),
            state=row.get("state"),
            service=row.get("service"),
            country=row.get("country"),
            cost=row.get("cost"),
            created_at=moment(row.get("created_at")),
            code=row.get("code"),
            text=row.get("text"),
        )
        for row in result["activations"]
    ]


def offer_rows(result: NormalForm) -> list[OfferRow]:
    """Offers; rows that were read as typed ones stay as they are."""
    rows = result["offers"]
    if rows and isinstance(rows[0], OfferRow):
        return list(rows)
    return [OfferRow(*map(row.get, OFFER_FIELDS)) for row in rows]


def outcome(result: NormalForm, asked: str) -> Outcome:
    """After a change of state; an id is told only where it is another one."""
    changed = result.get("activation_id")
    return Outcome(result["state"], changed if changed != asked else None)


def moment(written: Any) -> datetime | None:
    """A datetime with a zone, or None where there is none to read."""
    return instant(written) if isinstance(written, str) else None
