"""Invariants of the ledger, checked in SQL over every row. Findings are evidence, not repairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from nexnum_console.core.db import UnitOfWork
from nexnum_console.wallet.statements import STORED_CANONICAL

FINDINGS_MAX = 20


@dataclass(frozen=True, slots=True)
class Check:
    """An invariant: its name, its promise, and SQL whose rows are the breaks; ``:now`` is bound."""

    name: str
    promise: str
    sql: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """``breaks`` counts every broken row; ``findings`` describe the first of them."""

    name: str
    promise: str
    breaks: int
    findings: tuple[str, ...]


_BALANCES = """
from wallet w
left join lateral (
  select
    coalesce(sum(e.amount) filter (where a.code like '%available'), 0) as available,
    coalesce(sum(e.amount) filter (where a.code like '%reserved'), 0) as reserved
  from account a join entry e on e.account_id = a.id where a.wallet_id = w.id
) booked on true
"""

_CHAIN = f"""
select 'wallet ' || j.wallet_id || ', sequence ' || j.wallet_seq || ', journal ' || j.id
  || ' booked ' || j.created_at || ': its hash does not cover what it says' as finding
from journal j
join lateral (
  select jsonb_object_agg(a.code, e.amount) as document
  from entry e join account a on a.id = e.account_id where e.journal_id = j.id
) legs on true
where j.hash is distinct from sha256(coalesce(j.previous_hash, ''::bytea) || {STORED_CANONICAL})
union all
select 'wallet ' || w.id || ', sequence ' || missing.seq || ': a journal is missing'
from wallet w
cross join lateral generate_series(1, w.version) as missing(seq)
left join journal j on j.wallet_id = w.id and j.wallet_seq = missing.seq
where j.id is null
union all
select 'wallet ' || j.wallet_id || ', sequence ' || j.wallet_seq
  || ': does not continue the journal before it'
from (
  select j.*, lag(j.hash) over chain as before from journal j where j.wallet_id is not null
  window chain as (partition by j.wallet_id order by j.wallet_seq)
) j
where j.wallet_seq > 1 and j.previous_hash is distinct from j.before
union all
select 'wallet ' || w.id || ': its head is not the hash of its last journal'
from wallet w join journal j on j.wallet_id = w.id and j.wallet_seq = w.version
where w.head <> j.hash
"""  # noqa: S608  composed of constants

CHECKS = (
    Check(
        "I1",
        "every journal's entries sum to zero",
        "select 'journal ' || j.id || ' (' || j.key || ') sums to ' || coalesce(sum(e.amount), 0)"
        " || ' over ' || count(e.id) || ' entries' as finding from journal j"
        " left join entry e on e.journal_id = j.id group by j.id, j.key"
        " having coalesce(sum(e.amount), 0) <> 0 or count(e.id) < 2",
    ),
    Check(
        "I2",
        "all entries of a currency sum to zero",
        "select j.currency || ' sums to ' || sum(e.amount) as finding"
        " from entry e join journal j on j.id = e.journal_id"
        " group by j.currency having sum(e.amount) <> 0",
    ),
    Check(
        "I3",
        "a wallet's balances equal the sum of its entries",
        "select 'wallet ' || w.id || ': available ' || w.available || ' booked '"
        " || booked.available || ', reserved ' || w.reserved || ' booked ' || booked.reserved"
        " as finding"
        + _BALANCES
        + "where w.available <> booked.available or w.reserved <> booked.reserved",
    ),
    Check(
        "I4",
        "each balance follows from the one before it, without gaps",
        """
        select 'account ' || code || ', wallet sequence ' || wallet_seq || ': ' || before || ' + '
          || amount || ' is not ' || after as finding
        from (
          select a.code, j.wallet_seq, e.amount, e.after,
            coalesce(lag(e.after) over (partition by a.id order by j.wallet_seq), 0) as before
          from entry e
          join account a on a.id = e.account_id and a.wallet_id is not null
          join journal j on j.id = e.journal_id
        ) steps where after is distinct from before + amount
        """,
    ),
    Check(
        "I5",
        "no balance is negative",
        "select 'wallet ' || id || ': available ' || available || ', reserved ' || reserved"
        " as finding from wallet where available < 0 or reserved < 0"
        " union all select 'entry ' || id || ' leaves ' || after from entry where after < 0",
    ),
    Check(
        "I6",
        "a wallet's reserved money is exactly its open holds",
        "select 'wallet ' || w.id || ': reserved ' || w.reserved || ', open holds '"
        " || coalesce(h.amount, 0) as finding from wallet w left join"
        " (select wallet_id, sum(amount) as amount from hold where state = 'open'"
        " group by wallet_id) h on h.wallet_id = w.id"
        " where w.reserved <> coalesce(h.amount, 0)",
    ),
    Check(
        "I10",
        "no order is refunded more than it was charged",
        """
        select r.ref || ': charged ' || coalesce(c.amount, 0) || ', refunded ' || r.amount
          as finding
        from (select j.ref, sum(-e.amount) as amount from journal j
              join entry e on e.journal_id = j.id join account a on a.id = e.account_id
              where j.kind = 'refund' and a.code = 'revenue' group by j.ref) r
        left join (select j.ref, sum(e.amount) as amount from journal j
              join entry e on e.journal_id = j.id join account a on a.id = e.account_id
              where j.kind = 'commit' and a.code = 'revenue' group by j.ref) c on c.ref = r.ref
        where r.amount > coalesce(c.amount, 0)
        """,
    ),
    Check("I11", "every hash chain holds, from the first journal to the wallet's head", _CHAIN),
)


def run_checks(unit: UnitOfWork, checks: tuple[Check, ...], now: datetime) -> Iterator[CheckResult]:
    """Run checks in one transaction, so that all of them see the same rows; ``now`` dates ages."""
    for check in checks:
        rows = unit.all(
            f"select finding, count(*) over () as breaks from ({check.sql}) breaks"  # noqa: S608
            f" limit {FINDINGS_MAX}",
            now=now,
        )
        breaks = int(rows[0]["breaks"]) if rows else 0
        findings = tuple(str(row["finding"]) for row in rows)
        yield CheckResult(check.name, check.promise, breaks, findings)
