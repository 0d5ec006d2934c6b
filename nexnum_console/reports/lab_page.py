"""What the lab shows around its panes: the versions in play, fixtures under both, differences."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.providers import versions
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.providers.config_changes import Line, side_by_side
from nexnum_console.providers.differences import ResultChange, summary
from nexnum_console.providers.fixtures import Fixture, check
from nexnum_console.providers.loading import ConfigError
from nexnum_console.providers.positions import SyntaxProblem, parse
from nexnum_console.providers.replay import ReplayOutcome
from nexnum_console.providers.vocabulary import EFFECTS
from nexnum_console.reports.overview import ProviderRow
from nexnum_console.reports.provider_detail import row_of
from nexnum_console.reports.words import millis

_EXCERPT: Final = 90
LINES_MOST: Final = 600


@dataclass(frozen=True, slots=True)
class LabHead:
    """The provider and its versions; ``draft`` 0 for none, ``by`` and ``at_ms`` of the draft or
    else of what is published."""

    name: str = ""
    title: str = ""
    initials: str = ""
    tile: int = 0
    chip: str = ""
    chip_icon: str = ""
    chip_word: str = ""
    host: str = ""
    currency: str = ""
    served: int = 0
    draft: int = 0
    percent: int = 0
    by: str = ""
    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class FixtureRow:
    """A fixture under the published config and under the draft: empty is a pass, else why not."""

    id: int
    name: str
    operation: str
    reply: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class OperationTab:
    """An operation; ``tone`` ok or danger by its fixtures, empty without any."""

    name: str
    tone: str
    icon: str
    effect: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version in the list."""

    number: int
    state: str
    chip: str
    icon: str
    author: str
    reason: str
    at_ms: int
    percent: int


def head(unit: UnitOfWork, name: str, now: datetime) -> LabHead | None:
    """The head of the lab; None where there is no such provider."""
    row: ProviderRow | None = row_of(unit, name, now)
    if row is None:
        return None
    served, draft = versions.served(unit, name), versions.draft(unit, name)
    newest = draft or next(
        (one for one in versions.versions(unit, name) if one.state == "published"), None
    )
    config = json.loads(served.text)
    url = str(config.get("baseUrl") or config.get("apiBaseUrl") or config.get("base_url") or "")
    return LabHead(
        name=name,
        title=row.title,
        initials=row.initials,
        tile=row.tile,
        chip=row.chip,
        chip_icon=row.chip_icon,
        chip_word=row.chip_word,
        host=versions.host_of(served.base_url, url),
        currency=str(config.get("currency", "USD")),
        served=served.number,
        draft=draft.number if draft else 0,
        percent=draft.canary_percent if draft else 0,
        by=people(unit, [newest.author])[0] if newest else "",
        at_ms=millis(newest.changed_at if draft else newest.published_at) if newest else 0,
    )


def people(unit: UnitOfWork, names: Sequence[str]) -> list[str]:
    """Authors as people call them: an address for ``user:7``."""
    ids = {int(name[5:]) for name in names if name.startswith("user:")}
    known = {
        f"user:{row['id']}": str(row["email"])
        for row in unit.all("select id, email from app_user where id = any(:ids)", ids=list(ids))
    }
    return [known.get(name, name) for name in names]


def old_config(unit: UnitOfWork, name: str) -> CompiledProvider | None:
    """What is published, compiled; None where this release cannot read it any more."""
    try:
        return versions.compiled(versions.served(unit, name).text, name)
    except ConfigError:
        return None


def fixture_rows(
    pinned: Sequence[Fixture], old: CompiledProvider | None, new: CompiledProvider | None
) -> list[FixtureRow]:
    """Every fixture under both configs; what does not pass first."""
    before, after = _outcomes(pinned, old), _outcomes(pinned, new)
    rows = [
        FixtureRow(
            one.id,
            one.name,
            one.operation,
            _excerpt(one.recording),
            _verdict(old, was),
            _verdict(new, now),
        )
        for one, was, now in zip(pinned, before, after, strict=True)
    ]
    return sorted(rows, key=lambda row: (row.new == "", row.name))


def _outcomes(
    pinned: Sequence[Fixture], config: CompiledProvider | None
) -> Iterable[ReplayOutcome | None]:
    return check(config, pinned) if config is not None else [None] * len(pinned)


def _verdict(config: CompiledProvider | None, outcome: ReplayOutcome | None) -> str:
    if config is None or outcome is None:
        return "the config has faults"
    return outcome.difference or ""


def _excerpt(recording: dict[str, Any]) -> str:
    side = recording["response"] if recording["operation"] != "webhook" else recording["request"]
    body = side.get("body")
    text = body if isinstance(body, str) else json.dumps(body or "")
    short = " ".join(text.split())
    return short[:_EXCERPT] + ("…" if len(short) > _EXCERPT else "")


def operation_tabs(names: Iterable[str], fixtures: Iterable[FixtureRow]) -> list[OperationTab]:
    """Operations with the verdict of their fixtures."""
    verdicts: dict[str, bool] = {}
    for row in fixtures:
        verdicts[row.operation] = verdicts.get(row.operation, True) and row.new == ""
    tones = {True: ("ok", "check"), False: ("danger", "x")}
    return [
        OperationTab(
            name,
            *(tones[verdicts[name]] if name in verdicts else ("", "")),
            effect=EFFECTS.get(name, "read"),
        )
        for name in names
    ]


def version_rows(unit: UnitOfWork, name: str) -> list[VersionRow]:
    """Versions, newest first."""
    found = versions.versions(unit, name)
    authors = people(unit, [one.author for one in found])
    looks = {"published": ("ok", "check"), "draft": ("info", "file"), "archived": ("", "clock")}
    return [
        VersionRow(
            one.number,
            one.state,
            *looks[one.state],
            author=author,
            reason=one.reason,
            at_ms=millis(one.published_at or one.changed_at),
            percent=one.canary_percent,
        )
        for one, author in zip(found, authors, strict=True)
    ]


def text_difference(old: str, new: str) -> list[Line]:
    """Both texts side by side; a long difference ends with a line that says so."""
    lines = side_by_side(_formatted(old), _formatted(new))
    if len(lines) > LINES_MOST:
        rest = len(lines) - LINES_MOST
        return [*lines[:LINES_MOST], Line("gap", 0, f"{rest} more lines differ", 0, "")]
    return lines


def changed_lines(old: str, new: str) -> int:
    """How many lines differ."""
    return sum(
        line.kind in {"changed", "gone", "new"}
        for line in side_by_side(_formatted(old), _formatted(new))
    )


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One exchange under both versions; ``change`` is empty where the result is the same."""

    operation: str
    old: str
    new: str
    change: str


def result_rows(changes: Iterable[ResultChange]) -> list[ResultRow]:
    """Exchanges whose result another config changes first, else in the order given."""
    ordered = sorted(changes, key=lambda one: one.kind == "same")
    return [
        ResultRow(one.operation, summary(one.before), summary(one.after), one.message)
        for one in ordered
    ]


def _formatted(text: str) -> str:
    """A stored config may stand on one line; a difference is about lines."""
    if "\n" in text.strip():
        return text
    try:
        value = parse(text).value
    except SyntaxProblem:
        return text
    return versions.written(value) if isinstance(value, dict) else text


def shown_text(text: str) -> str:
    """A config as the editor shows it."""
    return _formatted(text)
