"""From an answer to a result in normal form, or to one typed error. No I/O, no clock."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import TypeVar

from jmespath.exceptions import JMESPathError

from nexnum_console.providers.body import Reply
from nexnum_console.providers.compile import CompiledProvider, CompiledReply
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.fast_rows import Offers
from nexnum_console.providers.normal import NormalForm
from nexnum_console.providers.request import operation_of
from nexnum_console.providers.rules import Verdict, judge

_log = logging.getLogger(__name__)

Mask = Callable[[str], str]
Result = TypeVar("Result")
Reading = Callable[[Reply, Mapping[str, str]], Result | None]

EXCERPT = 160
_READ = attrgetter("read")
_OFFERS = attrgetter("offers")
_UNFIT = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, JMESPathError)
_MASKED = 4_096  # read further than is shown, so that no half secret is left at the cut
_MAX_RETRY = 86_400

__all__ = ["Offers", "Reply", "read", "read_offers"]


def read(
    compiled: CompiledProvider,
    operation: str,
    reply: Reply,
    variables: Mapping[str, str],
    mask: Mask = str,
) -> NormalForm:
    """The operation's normal form (keys: vocabulary.OUTPUTS); raises ProviderError.

    ``mask`` takes secrets out of what an error quotes, before it is cut to length.

    Replies are tried before error rules: what carries an id and a phone is a sale, whatever
    words stand beside it.
    """
    found: NormalForm = _first(compiled, operation, reply, variables, mask, _READ)
    return found


def read_offers(
    compiled: CompiledProvider,
    reply: Reply,
    variables: Mapping[str, str],
    mask: Mask = str,
) -> Offers:
    """As ``read`` of ``prices``, typed at once: what a sync takes, without a dictionary a row."""
    found: Offers = _first(compiled, "prices", reply, variables, mask, _OFFERS)
    return found


def _first(
    compiled: CompiledProvider,
    operation: str,
    reply: Reply,
    variables: Mapping[str, str],
    mask: Mask,
    reader_of: Callable[[CompiledReply], Reading[Result] | None],
) -> Result:
    """A structure no path foresaw is a shape that does not fit, never a crash after a sale."""
    known = operation_of(compiled, operation)
    for shape in known.replies:
        reading = reader_of(shape)
        if reading and shape.accepts(reply.status) and shape.condition.holds(variables):
            try:
                result = reading(reply, variables)
            except _UNFIT:
                _log.warning("a reply of type %s did not fit", shape.type, exc_info=True)
                continue
            if result is not None:
                return result
    raise refusal(compiled, reply, judge(known.errors, reply), mask)


def refusal(
    compiled: CompiledProvider, reply: Reply, verdict: Verdict, mask: Mask
) -> ProviderError:
    """The typed error of a verdict, with a sentence that shows the answer's start."""
    shown = mask(reply.text[:_MASKED])[:EXCERPT]
    excerpt = " ".join(shown.split())
    said = f"answered “{excerpt}”" if excerpt else "answered nothing"
    return ProviderError(
        verdict.code,
        f"{compiled.name} {said} (HTTP {reply.status}; {verdict.rule})",
        min_price=verdict.min_price,
        retry_after=verdict.retry_after or _retry_after(reply),
        raw=shown,
        unsure=verdict.unsure,
    )


def _retry_after(reply: Reply) -> int | None:
    written = reply.headers.get("retry-after", "")
    return min(int(written), _MAX_RETRY) if written.isascii() and written.isdigit() else None
