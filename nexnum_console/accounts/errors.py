"""Refusals of accounts: what people read when a login, a link or a registration fails."""

from __future__ import annotations

from nexnum_console.core.errors import BusinessError, InvalidInput


class NotSignedIn(BusinessError):
    """No valid session came with the request."""

    code = "not_signed_in"
    status = 401


class NotAllowed(BusinessError):
    """The session is valid but does not hold the capability."""

    code = "not_allowed"
    status = 403


class BadCredentials(BusinessError):
    """Unknown address, wrong password or banned: one answer for all three."""

    code = "bad_credentials"
    status = 401


class EmailTaken(BusinessError):
    """The address already has an account."""

    code = "email_taken"
    status = 409


class BadEmail(InvalidInput):
    """The text is not an address we can send to."""

    code = "bad_email"


class WeakPassword(InvalidInput):
    """Too short, too long, or among the first that anyone would guess."""

    code = "weak_password"


class LinkInvalid(BusinessError):
    """Unknown, used or expired one-time link; which of them is nobody's business."""

    code = "link_invalid"
    status = 410


class AdminExists(BusinessError):
    """The first admin was already made."""

    code = "admin_exists"
    status = 409
