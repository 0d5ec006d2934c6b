"""What a provider's list of many activations tells of each: the state of one is its row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from nexnum_console.providers.errors import Code, ProviderError
from nexnum_console.providers.vocabulary import STATES

if TYPE_CHECKING:
    from nexnum_console.providers.compile import (
        CompiledOperation,
        CompiledProvider,
        CompiledReply,
    )
    from nexnum_console.providers.normal import NormalForm

# By preference: the first is made for asking.
LISTINGS: Final = ("statuses", "active")
BATCH: Final = 100
_NOT_LISTED = "the provider's list does not hold this number"


@dataclass(frozen=True, slots=True)
class Listing:
    """One call that tells of many numbers whether an SMS came. ``most``: ids in one call, None
    where it takes none and tells of all."""

    operation: str
    most: int | None = None


def listing_of(compiled: CompiledProvider) -> Listing | None:
    """How many numbers are asked about at once; None where no list shows their SMS."""
    meant = compiled.config.status_from
    for name in LISTINGS:
        known = compiled.operations.get(name)
        if known is None or not known.routes:
            continue
        if known.tells_sms or (meant is not None and meant.operation == name):
            most = known.routes[0].batch_size or BATCH
            return Listing(name, most if name == "statuses" else None)
    return None


def status_of(listing: CompiledOperation, absent: str) -> CompiledOperation:
    """An operation ``status`` that asks for the list and gives the row of ``$id``."""
    replies = tuple(_picking(reply, absent) for reply in listing.replies)
    return replace(listing, name="status", replies=replies)


def row_of(result: NormalForm, activation_id: str, absent: str) -> NormalForm:
    """The row of one activation as a status; raises ProviderError where ``absent`` is an error."""
    rows = result["activations"]
    row = next((each for each in rows if each["activation_id"] == activation_id), None)
    if row is None:
        return {"activation_id": activation_id, **absence(absent)}
    spoken = bool(row.get("code") or row.get("text"))
    status = {**row, "state": row.get("state") or ("received" if spoken else "waiting")}
    if status["state"] == "retry":
        status = {name: value for name, value in status.items() if name not in {"code", "text"}}
    return status


def absence(written: str) -> dict[str, str]:
    """What it means that a list holds no such row: a state, or a refusal."""
    if written in STATES:
        return {"state": written}
    raise ProviderError(Code(written), _NOT_LISTED)


def _picking(reply: CompiledReply, absent: str) -> CompiledReply:
    def read(answer: Any, variables: Mapping[str, str]) -> NormalForm | None:
        result = reply.read(answer, variables)
        return None if result is None else row_of(result, variables.get("id", ""), absent)

    return replace(reply, read=read)
