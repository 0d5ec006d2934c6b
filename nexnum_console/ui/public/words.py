"""Words for what form routes send back as codes in the query; the codes are never shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_WRONG: Final = {
    "bad_credentials": "The address or the password is wrong.",
    "email_taken": "This address cannot be registered. If it is yours, log in instead.",
    "bad_email": "This is not an e-mail address; write it like name@example.org.",
    "weak_password": "Choose a longer password: at least 8 characters, not one of the common ones.",
    "link_invalid": "This link was used already or has expired. Ask for a new one.",
    "admin_exists": "This installation has an admin already. Log in instead.",
    "too_many_requests": "Too many tries. Wait a few minutes, then try again.",
    "foreign_origin": "The form came from another site, so nothing was done. Try again here.",
    "unavailable": "A part of the service does not answer now. Nothing was lost, try again.",
    "not_signed_in": "Your session has ended. Log in, then try again.",
    "registration_closed": "Registration is closed here. Ask the operator for an account.",
}
_DONE: Final = {
    "letter_sent": (
        "A letter is on its way",
        "If the address has an account, it holds a link that sets a new password within an hour.",
    ),
    "verified": ("Address confirmed", "Thank you. There is nothing more to do."),
    "password_set": ("Password set", "Every device was logged out. Log in with the new one."),
    "password_changed": ("Password changed", "Every other device was logged out."),
}
_UNKNOWN: Final = "That did not work and nothing was done. Try again."


def said(query: Mapping[str, str]) -> tuple[str, str, str] | None:
    """(kind, title, text) of a notice for ``?error=`` or ``?done=``; None when there is none."""
    error, done = query.get("error", ""), query.get("done", "")
    if error:
        return "danger", "That did not work", _WRONG.get(error, _UNKNOWN)
    if done in _DONE:
        return "ok", *_DONE[done]
    return None
