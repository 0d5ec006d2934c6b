"""How names are compared and turned into codes; pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_NOT_SLUG: Final = re.compile(r"[^a-z0-9]+")
_QUALIFIER: Final = re.compile(r"\(.*?[)）]")
SLUG_MAX: Final = 64


def same_form(name: str) -> str:
    """Names that differ in case, accents, blanks, punctuation or ``.com`` get one form."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    form = "".join(char for char in plain if char.isalnum())
    return form.removesuffix("com") if name.casefold().rstrip().endswith(".com") else form


def without_qualifier(name: str) -> str:
    """``USA (virtual)`` is a kind of ``USA``."""
    return _QUALIFIER.sub("", name).strip()


def slug(name: str) -> str:
    """A code for a name: lower-case ASCII words joined by hyphens; empty if nothing is left."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    plain = plain.replace("'", "").replace("’", "")
    return _NOT_SLUG.sub("-", plain).strip("-")[:SLUG_MAX].strip("-")
