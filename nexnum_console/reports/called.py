"""Who did something, as people call them: records keep ``user:7``, pages show an address."""

from __future__ import annotations

from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports.activation_story import Fact


def called(unit: UnitOfWork, name: str) -> str:
    """The e-mail of ``user:7``; what names no user (``system``, ``gateway:stripe``) in words."""
    kind, _, number = name.partition(":")
    if kind == "user" and number.isdecimal():
        email = unit.scalar("select email from app_user where id = :id", id=int(number))
        return str(email or name)
    return name.replace(":", " ")


def by(unit: UnitOfWork, label: str, name: str, words: str = "") -> Fact:
    """A fact about who did it, with what they said; it leads to them where they are a user."""
    kind, _, number = name.partition(":")
    shown = called(unit, name)
    href = f"/console/users/{number}" if kind == "user" and number.isdecimal() else ""
    return Fact(label, f"{shown}: {words}" if words else shown, href)
