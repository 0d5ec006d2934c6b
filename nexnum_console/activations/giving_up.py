"""Asking a provider to take a number back that is over here, and what its answer means for us.

A refusal alone seldom tells whether we pay: one dialect says ``BAD_STATUS`` of a number whose SMS
came, of one that is over and of one that may not be cancelled yet, and ``NO_ACTIVATION`` of what
was used up. So the provider is asked once more, how the number stands.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from nexnum_console.activations.settle import Sms, messages_of
from nexnum_console.providers.carrier import Carrier
from nexnum_console.providers.client import About, ProviderClient
from nexnum_console.providers.errors import GONE, Code, NotAdmitted, ProviderError
from nexnum_console.providers.results import StatusReport

_USED: Final = frozenset({"received", "retry", "finished"})
_UNUSED: Final = frozenset({"cancelled", "expired"})
# Refusals after which the number's own state tells more.
_TELLING: Final = GONE | {Code.SMS_ALREADY_RECEIVED, Code.INVALID_TRANSITION}

Ending = Literal["over", "earned", "later", "unasked"]


@dataclass(frozen=True, slots=True)
class GivenUp:
    """``over``: not paid for. ``earned``: the provider keeps our money; ``late`` are the SMS that
    came. ``later``: ask again. ``unasked``: our own gate let nothing out, which is no try."""

    ending: Ending
    late: list[Sms] = field(default_factory=list)


def give_up(carrier: Carrier, upstream_id: str, known: About, *, last: bool = False) -> GivenUp:
    """Cancel at the provider; look at the number where that tells more than the refusal, or where
    it is the ``last`` time that anybody asks."""
    try:
        carrier.client.cancel(upstream_id, known)
    except NotAdmitted:
        return GivenUp("unasked")
    except ProviderError as refusal:
        if refusal.code not in _TELLING and not last:
            return GivenUp("later")
        taken: Ending = "over" if refusal.code in GONE else "later"
        if refusal.code == Code.SMS_ALREADY_RECEIVED:
            taken = "earned"
        return look_at(carrier.client, upstream_id, known, taken)
    return GivenUp("over")


def look_at(client: ProviderClient, upstream_id: str, known: About, taken: Ending) -> GivenUp:
    """What a refusal to cancel comes to by the number's own state; ``taken``: what it is taken for
    where that state says nothing else."""
    try:
        report = client.status(upstream_id, known)
    except NotAdmitted:
        return GivenUp("unasked")
    except ProviderError as error:
        if error.code not in GONE:
            return GivenUp("later")
        return GivenUp("earned" if taken == "earned" else "over")
    return _read(report, taken)


def _read(report: StatusReport, taken: Ending) -> GivenUp:
    late = messages_of(report)
    if late or report.state in _USED:
        return GivenUp("earned", late)
    if report.state in _UNUSED and taken != "earned":
        return GivenUp("over")
    return GivenUp(taken)
