"""Invariants of the ledger, checked in SQL. Findings are evidence, not repairs.

A check looks at journals with ``:low`` < id ≤ ``:high``, or at everything where it has no such
bounds. ``tail`` is what is asked of the newest journals alone; without one the whole check is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.wallet.statements import LEGS_SAID, STORED_CANONICAL, STORED_CANONICAL_1

FINDINGS_MAX: Final = 20
EVERY: Final = 2**63 - 1
# A look reads no more breaks of one check than this.
ROWS_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class Check:
    """An invariant: its name, its promise, and SQL whose rows are the breaks.

    Rows have ``finding`` and, where it is one wallet's, ``wallet_id``; a row with a ``name`` is a
    break of that invariant. ``ranged`` SQL may be asked piece by piece. ``freezes`` says whether
    a break stops what leaves that wallet. ``avoids`` names the planner's setting for a way that is
    slower when everything is asked. ``:now``, ``:low`` and ``:high`` are bound.
    """

    name: str
    promise: str
    sql: str
    tail: str = ""
    ranged: bool = False
    freezes: bool = False
    avoids: str = ""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """``breaks`` counts every broken row; ``findings`` describe the first of them, each beside
    the wallet it is about; ``wallets`` are all whose outgoing moves must stop."""

    name: str
    promise: str
    breaks: int
    findings: tuple[str, ...]
    about: tuple[int | None, ...] = ()
    wallets: frozenset[int] = frozenset()


# One pass over journals and entries: sums and hashes together, for both need the same legs.
_FAITHFUL: Final = f"""
select found.name, found.finding, bad.wallet_id
from (
  select coalesce(j.id, legs.journal_id) as id, j.id is null as gone, j.key, j.wallet_id,
    j.wallet_seq, j.created_at, coalesce(legs.total, 0) as total,
    coalesce(legs.number, 0) as number, j.hash is distinct from case when j.form = 2
      then sha256(coalesce(j.previous_hash, ''::bytea) || {STORED_CANONICAL})
      else (select sha256(coalesce(j.previous_hash, ''::bytea) || {STORED_CANONICAL_1})
        from (select jsonb_object_agg(a.code, e.amount) as document from entry e
          join account a on a.id = e.account_id where e.journal_id = j.id) legs)
      end as unfaithful
  from (
    select e.journal_id, sum(e.amount) as total, count(*) as number, {LEGS_SAID} as said
    from entry e where e.journal_id > :low and e.journal_id <= :high group by e.journal_id
  ) legs
  full join (select * from journal where id > :low and id <= :high) j on j.id = legs.journal_id
) bad
cross join lateral (
  select 'I1', 'journal ' || id || coalesce(' (' || key || ')', '') || ' sums to ' || total
    || ' over ' || number || ' entries' where total <> 0 or number < 2
  union all
  select 'I11', 'journal ' || id || ' is gone, ' || number || ' entries of it remain' where gone
  union all
  select 'I11', coalesce('wallet ' || wallet_id || ', sequence ' || wallet_seq || ', ', 'house, ')
    || 'journal ' || id || ' booked ' || created_at || ': its hash does not cover what it says'
  where unfaithful and not gone
) found(name, finding)
where gone or unfaithful or total <> 0 or number < 2
"""  # noqa: S608  composed of constants

# Each journal continues the one before it in its wallet; the first one continues the wallet's seed.
_LINKS: Final = """
select 'wallet ' || j.wallet_id || told.finding as finding, j.wallet_id
from (
  select j.id, j.wallet_id, j.wallet_seq, j.created_at, p.id as before
  from journal j
  left join journal p on p.wallet_id = j.wallet_id and p.wallet_seq = j.wallet_seq - 1
  where j.wallet_seq > 1 and (p.id is null or j.previous_hash is distinct from p.hash) {tail}
) j cross join lateral (
  select ', sequence ' || j.wallet_seq || ', journal ' || j.id || ' booked ' || j.created_at
    || ': does not continue the journal before it' where j.before is not null
  union all
  select ', sequence ' || missing.seq || ': a journal is missing, booked before ' || j.created_at
  from generate_series(coalesce((select max(q.wallet_seq) from journal q
      where q.wallet_id = j.wallet_id and q.wallet_seq < j.wallet_seq), 0) + 1,
    j.wallet_seq - 1) as missing(seq) where j.before is null
) told(finding)
union all
select 'wallet ' || w.id || ', sequence 1, journal ' || j.id || ' booked ' || j.created_at
  || ': does not continue the seed of its wallet', w.id
from wallet w join journal j on j.wallet_id = w.id and j.wallet_seq = 1 {tail}
where j.previous_hash <> sha256(convert_to('nexnum wallet of user ' || w.user_id, 'UTF8'))
union all
select 'wallet ' || w.id || ', sequence ' || missing.seq || ': a journal is missing at the end',
  w.id
from wallet w cross join lateral generate_series(
  coalesce((select max(q.wallet_seq) from journal q where q.wallet_id = w.id), 0) + 1,
  w.version) as missing(seq)
union all
select 'wallet ' || w.id || ': its head is not the hash of its last journal', w.id
from wallet w left join journal j on j.wallet_id = w.id and j.wallet_seq = w.version
where w.head <> coalesce(j.hash,
  sha256(convert_to('nexnum wallet of user ' || w.user_id, 'UTF8')))
  and (j.id is not null or w.version = 0)
"""
_STEPS: Final = """
select 'wallet ' || a.wallet_id || ', account ' || a.code || ', sequence ' || j.wallet_seq || ': '
  || s.before || ' + ' || s.amount || ' is not ' || s.after as finding, a.wallet_id
from (
  select e.account_id, e.journal_id, e.amount, e.after,
    lag(e.after, 1, 0::bigint) over (partition by e.account_id order by e.id) as before
  from entry e where e.after is not null
) s join account a on a.id = s.account_id left join journal j on j.id = s.journal_id
where s.after <> s.before + s.amount
"""
_STEPS_TAIL: Final = """
select 'wallet ' || a.wallet_id || ', account ' || a.code || ', sequence ' || j.wallet_seq || ': '
  || before.after || ' + ' || e.amount || ' is not ' || e.after as finding, a.wallet_id
from journal j join entry e on e.journal_id = j.id join account a on a.id = e.account_id
cross join lateral (select coalesce((select p.after from entry p
  where p.account_id = e.account_id and p.id < e.id order by p.id desc limit 1), 0) as after) before
where j.id > :low and j.id <= :high and e.after is not null and e.after <> before.after + e.amount
"""
_BALANCES: Final = """
select 'wallet ' || w.id || ': available ' || w.available || ' booked ' || b.available
  || ', reserved ' || w.reserved || ' booked ' || b.reserved as finding, w.id as wallet_id
from wallet w join (
  select a.wallet_id,
    coalesce(sum(s.amount) filter (where a.code like '%available'), 0) as available,
    coalesce(sum(s.amount) filter (where a.code like '%reserved'), 0) as reserved
  from account a left join ({sums}) s on s.account_id = a.id
  where a.wallet_id is not null group by a.wallet_id
) b on b.wallet_id = w.id
where w.available <> b.available or w.reserved <> b.reserved
"""
_SUMS: Final = "select account_id, sum(amount) as amount from entry group by account_id"
# What was summed up to the mark and what came after it; exact as long as the sums were.
_SUMS_TAIL: Final = """
select account_id, sum(amount) as amount from (
  select account_id, amount from account_rollup
  union all
  select e.account_id, e.amount from entry e where e.journal_id > coalesce(
    (select journal_id from ledger_mark where name = 'rollup'), 0)
) parts group by account_id
"""
_REFUNDS: Final = """
select r.ref || ': charged ' || coalesce(c.amount, 0) || ', refunded ' || r.amount as finding,
  r.wallet_id
from (select j.ref, j.wallet_id, sum(-e.amount) as amount from journal j
      join entry e on e.journal_id = j.id join account a on a.id = e.account_id
      where j.kind = 'refund' and a.code = 'revenue' {tail} group by j.ref, j.wallet_id) r
left join lateral (select sum(e.amount) as amount from journal j
      join entry e on e.journal_id = j.id join account a on a.id = e.account_id
      where j.kind = 'commit' and a.code = 'revenue' and j.ref = r.ref) c on true
where r.amount > coalesce(c.amount, 0)
"""
_NEWEST: Final = "and j.id > :low and j.id <= :high"

CHECKS: Final = (
    Check(
        "I11",
        "every hash chain holds, from a wallet's seed to its head, and every seal",
        _FAITHFUL,
        ranged=True,
        freezes=True,
        avoids="enable_hashjoin",  # both sides come in the order of journals
    ),
    Check(
        "I11",
        "every hash chain holds, from a wallet's seed to its head, and every seal",
        _LINKS.format(tail=""),
        tail=_LINKS.format(tail=_NEWEST),
        freezes=True,
    ),
    Check(
        "I4",
        "each balance follows from the one before it, without gaps",
        _STEPS,
        tail=_STEPS_TAIL,
        freezes=True,
        avoids="enable_indexscan",  # which fetches row by row from all over the table
    ),
    # Rows of this one come out of the pass above.
    Check("I1", "every journal's entries sum to zero", "", freezes=True),
    Check(
        "I2",
        "all entries of a currency sum to zero",
        # Most houses know one currency, and then no journal has to be asked for it.
        "with known as materialized (select distinct currency from journal)"
        " select currency || ' sums to ' || total as finding from known,"
        " (select sum(amount) as total from entry) e"
        " where total <> 0 and (select count(*) from known) = 1"
        " union all select j.currency || ' sums to ' || sum(e.amount)"
        " from entry e join journal j on j.id = e.journal_id"
        " where (select count(*) from known) > 1 group by j.currency having sum(e.amount) <> 0",
        tail="select j.currency || ' sums to ' || sum(e.amount) as finding"
        " from journal j join entry e on e.journal_id = j.id"
        " where j.id > :low and j.id <= :high group by j.currency having sum(e.amount) <> 0",
    ),
    Check(
        "I3",
        "a wallet's balances equal the sum of its entries",
        _BALANCES.format(sums=_SUMS),
        tail=_BALANCES.format(sums=_SUMS_TAIL),
        freezes=True,
    ),
    Check(
        "I5",
        "no balance is negative",
        "select 'wallet ' || id || ': available ' || available || ', reserved ' || reserved"
        " as finding, id as wallet_id from wallet where available < 0 or reserved < 0"
        " union all select 'entry ' || e.id || ' leaves ' || e.after, a.wallet_id"
        " from entry e join account a on a.id = e.account_id where e.after < 0"
        " and e.journal_id > :low and e.journal_id <= :high",
        freezes=True,
    ),
    Check(
        "I6",
        "a wallet's reserved money is exactly its open holds",
        "select 'wallet ' || w.id || ': reserved ' || w.reserved || ', open holds '"
        " || coalesce(h.amount, 0) as finding, w.id as wallet_id from wallet w left join"
        " (select wallet_id, sum(amount) as amount from hold where state = 'open'"
        " group by wallet_id) h on h.wallet_id = w.id"
        " where w.reserved <> coalesce(h.amount, 0)",
        freezes=True,
    ),
    Check(
        "I10",
        "no order is refunded more than it was charged",
        _REFUNDS.format(tail=""),
        tail=_REFUNDS.format(tail=_NEWEST),
        freezes=True,
    ),
    Check(
        "I16",
        "no coupon is used more often than it may be, in total or by one wallet",
        "select 'coupon ' || c.id || ': ' || c.used || ' used, ' || coalesce(u.number, 0)"
        " || ' redemptions, ' || c.most_uses || ' allowed' as finding, null::bigint as wallet_id"
        " from coupon c left join (select coupon_id, count(*) as number from coupon_use"
        " group by coupon_id) u on u.coupon_id = c.id"
        " where c.used <> coalesce(u.number, 0) or c.used > c.most_uses"
        " union all select 'coupon ' || c.id || ': wallet ' || u.wallet_id || ' redeemed it '"
        " || count(*) || ' times, ' || c.most_each || ' allowed', u.wallet_id"
        " from coupon c join coupon_use u on u.coupon_id = c.id"
        " group by c.id, u.wallet_id having count(*) > c.most_each"
        " union all select 'coupon redemption ' || u.id || ': journal ' || j.id || ' gave '"
        " || coalesce(sum(e.amount) filter (where e.amount > 0), 0) || ', not ' || u.amount,"
        " u.wallet_id from coupon_use u join journal j on j.id = u.journal_id"
        " left join entry e on e.journal_id = j.id group by u.id, j.id"
        " having coalesce(sum(e.amount) filter (where e.amount > 0), 0) <> u.amount",
    ),
)


@dataclass(frozen=True, slots=True)
class Found:
    """One row of a check."""

    name: str
    finding: str
    wallet_id: int | None


def ask(
    unit: UnitOfWork,
    check: Check,
    now: datetime,
    *,
    low: int = 0,
    high: int = EVERY,
    whole: bool = True,
) -> list[Found]:
    """The rows that break ``check``; of a ledger broken through and through, the first ones."""
    sql = check.sql if whole or not check.tail else check.tail
    if not sql:
        return []
    # Materialized: planned for a few rows, a check of all would walk indexes row by row.
    rows = unit.all(
        f"with broken as materialized ({sql}) select * from broken limit {ROWS_MAX}",  # noqa: S608
        now=now,
        low=low,
        high=high,
    )
    return [
        Found(str(row.get("name") or check.name), str(row["finding"])[:500], row.get("wallet_id"))
        for row in rows
    ]


def summed(checks: tuple[Check, ...], found: list[Found]) -> tuple[CheckResult, ...]:
    """The findings by invariant, in the order of their numbers."""
    known = {check.name: check for check in checks}
    return tuple(
        _result(known[name], [each for each in found if each.name == name])
        for name in sorted(known, key=lambda name: int(name[1:]))
    )


def _result(check: Check, found: list[Found]) -> CheckResult:
    wallets = {each.wallet_id for each in found if each.wallet_id is not None and check.freezes}
    first = found[:FINDINGS_MAX]
    return CheckResult(
        check.name,
        check.promise,
        len(found),
        tuple(each.finding for each in first),
        tuple(each.wallet_id for each in first),
        frozenset(wallets),
    )


def run_checks(
    unit: UnitOfWork, checks: tuple[Check, ...], now: datetime
) -> tuple[CheckResult, ...]:
    """Run whole checks in one transaction, so that all of them see the same rows."""
    return summed(checks, [found for check in checks for found in ask(unit, check, now)])
