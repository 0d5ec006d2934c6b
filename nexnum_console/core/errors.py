"""Errors that carry a code, a sentence for people, and an HTTP status."""

from __future__ import annotations

from typing import Any, ClassVar


class BusinessError(Exception):
    """A refusal with a reason: what happened, what was not done, what to do.

    ``code`` is stable and machine-readable; ``details`` are JSON values safe to show.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400

    def __init__(self, message: str, *, retry_after: int | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after = retry_after
        self.details = details


class NotFound(BusinessError):
    """The thing named does not exist, or is not the caller's to see."""

    code = "not_found"
    status = 404


class InvalidInput(BusinessError):
    """A value is not acceptable; the message names the field and the cure."""

    code = "invalid_input"
    status = 422


class Unavailable(BusinessError):
    """A part we need does not answer now; nothing was done."""

    code = "unavailable"
    status = 503
