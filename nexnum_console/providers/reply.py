"""From an answer to a result in normal form, or to one typed error. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Mapping

from nexnum_console.providers.body import Reply
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.normal import NormalForm
from nexnum_console.providers.request import operation_of
from nexnum_console.providers.rules import Verdict, judge

EXCERPT = 160
_MAX_RETRY = 86_400

__all__ = ["Reply", "read"]


def read(
    compiled: CompiledProvider, operation: str, reply: Reply, variables: Mapping[str, str]
) -> NormalForm:
    """The operation's normal form (shapes: upstream vocabulary in docs); raises ProviderError.

    Replies are tried before error rules: what carries an id and a phone is a sale, whatever
    words stand beside it.
    """
    known = operation_of(compiled, operation)
    for shape in known.replies:
        if shape.accepts(reply.status) and shape.condition.holds(variables):
            result = shape.read(reply, variables)
            if result is not None:
                return result
    raise refusal(compiled, reply, judge(known.errors, reply))


def refusal(compiled: CompiledProvider, reply: Reply, verdict: Verdict) -> ProviderError:
    """The typed error of a verdict, with a sentence that shows the answer's start."""
    excerpt = " ".join(reply.text[:EXCERPT].split())
    said = f"answered “{excerpt}”" if excerpt else "answered nothing"
    return ProviderError(
        verdict.code,
        f"{compiled.name} {said} (HTTP {reply.status}; {verdict.rule})",
        min_price=verdict.min_price,
        retry_after=verdict.retry_after or _retry_after(reply),
        raw=reply.text[:EXCERPT],
    )


def _retry_after(reply: Reply) -> int | None:
    written = reply.headers.get("retry-after", "")
    return min(int(written), _MAX_RETRY) if written.isascii() and written.isdigit() else None
