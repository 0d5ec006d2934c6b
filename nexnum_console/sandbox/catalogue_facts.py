"""The countries and services the carriers know, from the data files beside this module."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Country:
    """``number`` is the handler_api id, ``slug`` the 5sim name; a mobile number is
    dial code + one of ``mobile_prefixes`` + digits up to ``national_length``."""

    iso2: str
    number: int
    slug: str | None
    dial: str
    english: str
    russian: str
    chinese: str
    mobile_prefixes: tuple[str, ...]
    national_length: int


@dataclass(frozen=True, slots=True)
class Service:
    """``code`` is the handler_api code, ``slug`` the 5sim product."""

    code: str
    slug: str | None
    name: str


@cache
def countries() -> dict[str, Country]:
    """By ISO 3166-1 alpha-2 code, in the order of their numbers."""
    return {
        row["iso2"]: Country(
            row["iso2"],
            row["id"],
            row["slug"],
            row["dial"],
            row["eng"],
            row["rus"],
            row["chn"],
            tuple(row["mobile_prefixes"]),
            row["national_length"],
        )
        for row in _rows("countries.json")
    }


@cache
def services() -> dict[str, Service]:
    """By handler_api code."""
    return {
        row["code"]: Service(row["code"], row["slug"], row["name"])
        for row in _rows("services.json")
    }


def _rows(name: str) -> list[dict[str, Any]]:
    text = files("nexnum_console.sandbox").joinpath("facts", name).read_text("utf-8")
    rows: list[dict[str, Any]] = json.loads(text)
    return rows
