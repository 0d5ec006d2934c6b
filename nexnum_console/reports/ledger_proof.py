"""How the ledger's proof stands: each promise, the evidence against it, seals, frozen wallets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from nexnum_console.core import job_runs
from nexnum_console.core.db import UnitOfWork
from nexnum_console.reports import filters
from nexnum_console.reports.activation_story import Fact
from nexnum_console.reports.columns import text_column, time_column
from nexnum_console.reports.ledger_book import LINES_PATH
from nexnum_console.reports.listing import Cell, Choice, Column, Filter, Listing, Row
from nexnum_console.reports.overview_work import LEDGER_KIND
from nexnum_console.reports.words import count, millis, money
from nexnum_console.wallet import seals
from nexnum_console.wallet.verify import Check

SUBJECT: Final = "all"
MOST_FROZEN: Final = 50


@dataclass(frozen=True, slots=True)
class PromiseLine:
    """An invariant and what the last look at it found."""

    name: str
    promise: str
    freezes: bool
    tone: str
    icon: str
    word: str
    checked_ms: int
    whole_ms: int
    href: str


@dataclass(frozen=True, slots=True)
class CauseLine:
    """Something open about a frozen wallet: a ``freeze`` or ``evidence``, by its number.

    ``quoted``: evidence that a freeze of the same wallet repeats word for word.
    """

    kind: str
    number: int
    title: str
    words: str
    by: str
    at_ms: int
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class FrozenWallet:
    """A wallet that nothing may leave, and all that is open about it; ``href`` leads to its
    lines."""

    wallet: int
    user: int
    email: str
    reason: str
    available: str
    href: str
    user_href: str
    causes: list[CauseLine]


@dataclass(frozen=True, slots=True)
class Proof:
    """``running`` while a whole check is under way, ``percent`` of its pieces done."""

    tone: str = ""
    icon: str = "clock"
    word: str = "Not checked yet"
    facts: list[Fact] = field(default_factory=list)
    promises: list[PromiseLine] = field(default_factory=list)
    frozen: list[FrozenWallet] = field(default_factory=list)
    running: bool = False
    percent: int = 0
    step: str = ""
    last_run: int = 0
    failed: str = ""


def proof(unit: UnitOfWork, checks: Iterable[Check], now: datetime) -> Proof:
    """What was found last; ``checks`` are all that there are, ``now`` ages them."""
    states = {row["name"]: row for row in unit.all("select * from invariant_state")}
    known = {check.name: check for check in reversed(tuple(checks))}
    names = sorted(known, key=lambda name: int(name[1:]))
    freezes = {check.name for check in checks if check.freezes}
    run = job_runs.latest(unit, LEDGER_KIND, SUBJECT)
    broken = [name for name in names if name in states and states[name]["breaks"]]
    tone, icon, word = _verdict(names, states, broken)
    return Proof(
        tone=tone,
        icon=icon,
        word=word,
        facts=_facts(unit, run),
        promises=[_line(known[n], states.get(n), n in freezes) for n in names],
        frozen=frozen_wallets(unit),
        running=_is_running(run, now),
        percent=100 * run.done // run.total if run and run.total else 0,
        step=run.step if run else "",
        last_run=run.id if run else 0,
        failed=(run.error or "") if run and run.state == "failed" else "",
    )


def _is_running(run: job_runs.Run | None, now: datetime) -> bool:
    return run is not None and run.state == "running" and now - run.beat_at <= job_runs.SILENT


def _verdict(names: list[str], states: dict[str, Any], broken: list[str]) -> tuple[str, str, str]:
    if broken:
        return "danger", "alert", f"Broken: {', '.join(broken)}"
    if any(name not in states for name in names):
        return "info", "clock", "Not checked yet"
    return "ok", "check", "All hold"


def _line(check: Check, state: Any, freezes: bool) -> PromiseLine:
    tone, icon, word = "info", "clock", "Not checked yet"
    if state is not None:
        tone, icon, word = "ok", "check", "Holds"
        if state["breaks"]:
            tone, icon, word = "danger", "alert", f"{count(state['breaks'])} × broken"
    return PromiseLine(
        name=check.name,
        promise=check.promise[:1].upper() + check.promise[1:],
        freezes=freezes,
        tone=tone,
        icon=icon,
        word=word,
        checked_ms=millis(state["checked_at"]) if state else 0,
        whole_ms=millis(state["whole_at"]) if state else 0,
        href=f"{BREAKS.path}?name={check.name}" if state and state["breaks"] else "",
    )


def _facts(unit: UnitOfWork, run: job_runs.Run | None) -> list[Fact]:
    counts = unit.first(
        "select (select count(*) from (select from journal where id > coalesce((select journal_id"
        " from ledger_mark where name = :mark), 0) limit 100001) tail) as tail, b.number,"
        " b.sealed_at, b.upto_id, (select count(*) from ledger_break where closed_at is null)"
        " as evidence from (select 1) one left join lateral (select * from ledger_block"
        " order by number desc limit 1) b on true",
        mark=seals.MARK,
    )
    assert counts is not None, "a select over one row has one"
    took = "–"
    looked = "–"
    if run is not None and run.state == "done" and run.finished_at is not None:
        took = f"{(run.finished_at - run.started_at).total_seconds():.1f} s"
        looked = count(int((run.result or {}).get("journals", 0)))
    seal = f"no. {counts['number']}, up to journal {counts['upto_id']}" if counts["number"] else "–"
    return [
        Fact("Journals in the last whole check", looked),
        Fact("It took", took),
        Fact("Newest seal", seal),
        Fact("Not sealed yet", count(counts["tail"])),
        Fact("Open evidence", count(counts["evidence"]), f"{BREAKS.path}?state=open"),
    ]


_FROZEN: Final = """
select w.id, w.user_id, u.email, w.frozen_reason, w.available, w.currency, a.id as account
from wallet w join app_user u on u.id = w.user_id
join account a on a.code = 'wallet:' || w.id || chr(58) || 'available'
where w.frozen_reason is not null order by w.id limit :most
"""


# In the order in which they came, what stops the wallet first.
_CAUSES: Final = """
select 'freeze' as kind, id, wallet_id, reason as words, frozen_by as told_by, frozen_at as at
from wallet_freeze where closed_at is null and wallet_id = any(:wallets)
union all
select 'evidence', id, wallet_id, name || ': ' || finding, 'a check of the ledger', found_at
from ledger_break where closed_at is null and wallet_id = any(:wallets)
order by kind desc, id
"""


def frozen_wallets(unit: UnitOfWork) -> list[FrozenWallet]:
    """Wallets that nothing may leave, the oldest first, each with every open cause."""
    rows = unit.all(_FROZEN, most=MOST_FROZEN)
    causes: dict[int, list[CauseLine]] = {row["id"]: [] for row in rows}
    for one in unit.all(_CAUSES, wallets=list(causes)) if rows else ():
        causes[one["wallet_id"]].append(_cause(one))
    return [_frozen(row, _marked(causes[row["id"]])) for row in rows]


def _marked(causes: list[CauseLine]) -> list[CauseLine]:
    freezes = [one.words for one in causes if one.kind == "freeze"]
    return [
        replace(one, quoted=any(f", {one.title.lower()}: " in words for words in freezes))
        for one in causes
    ]


def _cause(row: Any) -> CauseLine:
    return CauseLine(
        kind=row["kind"],
        number=row["id"],
        title=f"{row['kind'].capitalize()} {row['id']}",
        words=row["words"],
        by=row["told_by"],
        at_ms=millis(row["at"]),
    )


def _frozen(row: Any, causes: list[CauseLine]) -> FrozenWallet:
    return FrozenWallet(
        wallet=row["id"],
        user=row["user_id"],
        email=row["email"],
        reason=row["frozen_reason"],
        available=money(int(row["available"]), row["currency"]),
        href=f"{LINES_PATH}?account={row['account']}",
        user_href=f"/console/users/{row['user_id']}",
        causes=causes,
    )


def _wallet(row: Row) -> Cell:
    if row["wallet_id"] is None:
        return Cell(text="none", tone="low")
    return Cell(text=row["email"], sub=f"wallet {row['wallet_id']}")


def _state(row: Row) -> Cell:
    if row["closed_at"] is None:
        return Cell(text="Open", icon="alert", tone="danger")
    return Cell(text="Settled", icon="check", tone="ok")


def _closed(row: Row) -> Cell:
    if row["closed_at"] is None:
        return Cell(text="–", tone="low")
    return Cell(text=row["note"], sub=row["closed_by"])


BREAKS: Final = Listing(
    name="ledger_breaks",
    title="Evidence",
    path="/console/ledger/proof",
    capability="ledger.view",
    fields="b.id, b.name, b.finding, b.wallet_id, b.found_at, b.seen_at, b.closed_at,"
    " coalesce(c.email, b.closed_by) as closed_by, b.note, u.email, w.user_id",
    source="from ledger_break b left join wallet w on w.id = b.wallet_id"
    " left join app_user u on u.id = w.user_id"
    " left join app_user c on b.closed_by = 'user:' || c.id",
    columns=(
        Column(
            "name",
            "Evidence",
            lambda row: Cell(text=f"{row['name']} · no. {row['id']}"),
            lambda row: row["name"],
            sort="b.name",
        ),
        Column("state", "State", _state, lambda row: row["closed_at"], kind="chip"),
        text_column("finding", "What was found", "finding", kind="prose"),
        Column("wallet", "Wallet", _wallet, lambda row: row["wallet_id"], sort="b.wallet_id"),
        Column("closed", "Settled with", _closed, lambda row: row["note"], wide=True),
        time_column("seen", "Seen last", "seen_at", sort="b.seen_at", wide=True),
        time_column("time", "Found", "found_at", sort="b.id"),
    ),
    tie="b.id desc",
    order="-time",
    filters=(
        filters.search("b.finding ilike :f_q or u.email ilike :f_q", "Finding or e-mail"),
        Filter(
            "name",
            "Promise",
            "b.name = :f_name",
            choices=tuple(Choice(f"I{n}", f"I{n}") for n in range(1, 17)),
        ),
        Filter(
            "state",
            "State",
            "(b.closed_at is null) = (:f_state = 'open')",
            choices=(Choice("open", "Open"), Choice("closed", "Settled")),
        ),
        *filters.days("b.found_at"),
    ),
    none_yet="No promise was ever broken",
    nothing="What a check finds wrong is kept here for ever, with wallet, sequence and time."
    " Nothing repairs it; a person settles it with a reason.",
)
