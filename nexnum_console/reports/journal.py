"""One journal of the ledger: its entries, its place in the chain, and whether its proof holds.

Nothing here trusts what was found before: the hash, the link to the journal before it and the
seal over it are computed again from the stored rows each time somebody looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.errors import NotFound
from nexnum_console.reports.accounts import named
from nexnum_console.reports.activation_story import Fact
from nexnum_console.reports.called import by
from nexnum_console.reports.ledger_book import LINES_PATH
from nexnum_console.reports.ledger_lines import cause_of
from nexnum_console.reports.store import LINE_TITLES
from nexnum_console.reports.words import money
from nexnum_console.wallet import seals
from nexnum_console.wallet.verify import CHECKS, ask

PATH: Final = "/console/ledger/journals"
_JOURNAL: Final = """
select j.*, w.user_id, u.email, p.id as before_id, n.id as next_id,
  case when j.wallet_seq is null then null
    when j.wallet_seq = 1 then j.previous_hash
      = sha256(convert_to('nexnum wallet of user ' || w.user_id, 'UTF8'))
    else coalesce(j.previous_hash = p.hash, false) end as continues
from journal j left join wallet w on w.id = j.wallet_id left join app_user u on u.id = w.user_id
left join journal p on p.wallet_id = j.wallet_id and p.wallet_seq = j.wallet_seq - 1
left join journal n on n.wallet_id = j.wallet_id and n.wallet_seq = j.wallet_seq + 1
where j.id = :id
"""
_LEGS: Final = """
select e.id, e.amount, e.after, e.account_id, a.code, a.wallet_id
from entry e join account a on a.id = e.account_id where e.journal_id = :id order by e.id
"""


@dataclass(frozen=True, slots=True)
class Leg:
    """One entry; debit or credit is empty. ``href`` leads to the lines of its account."""

    account: str
    code: str
    href: str
    debit: str
    credit: str
    after: str


@dataclass(frozen=True, slots=True)
class Promise:
    """One thing that must be true of a journal, and whether it is."""

    tone: str
    icon: str
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class JournalStory:
    """Everything the page of one journal shows; ``before`` and ``after`` are its neighbours."""

    id: int
    title: str
    chip: str
    chip_icon: str
    chip_word: str
    at: datetime
    facts: tuple[Fact, ...]
    record: tuple[Fact, ...]
    legs: tuple[Leg, ...]
    debits: str
    credits: str
    total: str
    promises: tuple[Promise, ...]
    before: str
    next: str


def journal(
    unit: UnitOfWork, journal_id: int, trusted: frozenset[bytes], now: datetime
) -> JournalStory:
    """Read and prove one journal; ``trusted`` are the public keys that may seal. NotFound."""
    row = unit.first(_JOURNAL, id=journal_id)
    if row is None:
        raise NotFound(f"There is no journal {journal_id}.")
    legs = unit.all(_LEGS, id=journal_id)
    promises = _promises(unit, row, legs, trusted, now)
    word = _word(promises)
    debits = sum(-int(leg["amount"]) for leg in legs if leg["amount"] < 0)
    credit = sum(int(leg["amount"]) for leg in legs if leg["amount"] > 0)
    return JournalStory(
        id=row["id"],
        title=LINE_TITLES.get(row["kind"], row["kind"].replace("_", " ").capitalize()),
        chip=word[0],
        chip_icon=word[1],
        chip_word=word[2],
        at=row["occurred_at"],
        facts=_facts(unit, row, credit),
        record=_record(row),
        legs=tuple(_leg(leg, row["currency"]) for leg in legs),
        debits=money(debits, row["currency"]),
        credits=money(credit, row["currency"]),
        total=money(credit - debits, row["currency"]),
        promises=promises,
        before=f"{PATH}/{row['before_id']}" if row["before_id"] else "",
        next=f"{PATH}/{row['next_id']}" if row["next_id"] else "",
    )


def _word(promises: tuple[Promise, ...]) -> tuple[str, str, str]:
    tones = {one.tone for one in promises}
    if "danger" in tones:
        return "danger", "alert", "Broken"
    if "info" in tones:
        return "info", "clock", "Holds, not sealed yet"
    return "ok", "check", "Verified"


def _facts(unit: UnitOfWork, row: Any, moved: int) -> tuple[Fact, ...]:
    facts = [Fact("Moved", money(moved, row["currency"]))]
    if row["email"]:
        facts.append(Fact("User", row["email"], f"/console/users/{row['user_id']}"))
    else:
        facts.append(Fact("Whose", "the house"))
    text, href = cause_of(row["ref"], row["user_id"])
    facts.append(Fact("For", text or "–", href))
    facts.append(by(unit, "By", row["actor"]))
    return tuple(facts)


def _record(row: Any) -> tuple[Fact, ...]:
    sequence = f"{row['wallet_seq']} of wallet {row['wallet_id']}" if row["wallet_seq"] else "–"
    return (
        Fact("Kind", row["kind"]),
        Fact("Key", row["key"]),
        Fact("Reason", row["reason"] or "–"),
        Fact("Sequence", sequence),
        Fact("Hash", bytes(row["hash"]).hex()),
        Fact("Hash before it", bytes(row["previous_hash"]).hex() if row["previous_hash"] else "–"),
        Fact("Form of the hashed text", str(row["form"])),
        Fact("Written", row["created_at"].strftime("%Y-%m-%d %H:%M:%S.%f UTC")),
    )


def _leg(row: Any, currency: str) -> Leg:
    amount = int(row["amount"])
    return Leg(
        account=named(row["code"]).whole,
        code=row["code"],
        href=f"{LINES_PATH}?account={row['account_id']}",
        debit=money(-amount, currency) if amount < 0 else "",
        credit=money(amount, currency) if amount > 0 else "",
        after="" if row["after"] is None else money(int(row["after"]), currency),
    )


def _promises(
    unit: UnitOfWork, row: Any, legs: list[Any], trusted: frozenset[bytes], now: datetime
) -> tuple[Promise, ...]:
    journal_id = int(row["id"])
    found = [
        each
        for check in CHECKS
        if check.ranged
        for each in ask(unit, check, now, low=journal_id - 1, high=journal_id)
    ]
    unsummed = [each.finding for each in found if each.name == "I1"]
    unfaithful = [each.finding for each in found if each.name == "I11"]
    told = [
        _held("Its entries sum to zero", unsummed, f"{len(legs)} entries"),
        _held("Its hash covers what it says", unfaithful, bytes(row["hash"]).hex()[:16] + "…"),
    ]
    if row["wallet_seq"] is not None:
        before = row["wallet_seq"] - 1
        after = f"sequence {before}" if before else "the seed of its wallet"
        broken = [] if row["continues"] else [f"It does not continue {after}."]
        told.append(_held("It continues its wallet's chain", broken, f"after {after}"))
    told.append(_sealed(seals.block_of(unit, journal_id, trusted)))
    return tuple(told)


def _held(title: str, broken: list[str], detail: str) -> Promise:
    if broken:
        return Promise("danger", "alert", f"Not so: {title[0].lower()}{title[1:]}", broken[0])
    return Promise("ok", "check", title, detail)


def _sealed(block: seals.Sealed | None) -> Promise:
    if block is None:
        return Promise(
            "info", "clock", "Not sealed yet", "The next seal covers it, within some seconds."
        )
    when = block.sealed_at.strftime("%Y-%m-%d %H:%M:%S UTC")
    if block.faults:
        return Promise("danger", "alert", f"Seal {block.number} is broken", block.faults[0])
    detail = f"signed {when}, its root was read again, {block.hash.hex()[:16]}…"
    return Promise("ok", "check", f"Seal {block.number} covers it", detail)
