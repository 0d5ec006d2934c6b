"""Strict reading of what a client sent: Reflex enforces no types, so the gate does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, create_model

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
Operator = Annotated[str, Field(min_length=1, max_length=64)]
Iso2 = Annotated[str, Field(pattern="^[A-Z]{2}$")]
RowId = Annotated[int, Field(ge=1, le=2**63 - 1)]
Micro = Annotated[int, Field(ge=1, le=2**53)]
Key = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Preference = Literal["best", "cheapest", "fastest", "reliable"]
Words = Annotated[str, Field(max_length=120)]
Amount = Annotated[str, Field(max_length=24)]


class ArgumentsRefused(ValueError):
    """The payload is not what the handler declared; the message names fields, never values."""


class Arguments:
    """The declared arguments of one handler: every one required, nothing besides them."""

    def __init__(self, types: Mapping[str, Any]) -> None:
        config = ConfigDict(strict=True, extra="forbid")
        fields: dict[str, Any] = {name: (kind, ...) for name, kind in types.items()}
        self._model = TypeAdapter(create_model("Arguments", __config__=config, **fields))

    def check(self, payload: Mapping[str, Any]) -> None:
        """Raise ArgumentsRefused unless ``payload`` is exactly what was declared."""
        try:
            self._model.validate_python(dict(payload))
        except ValidationError as error:
            fields = sorted({str(fault["loc"][0])[:40] for fault in error.errors() if fault["loc"]})
            raise ArgumentsRefused(", ".join(fields) or "payload") from None
