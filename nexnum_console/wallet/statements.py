"""The SQL of money moves.

One statement locks and moves the wallet row, extends its hash chain, appends the journal and its
entries, and resolves or opens the hold. If any gate is closed the statement changes nothing.
The hash covers everything the journal says: sha256(previous ‖ canonical text), and the text's form
is a number of the journal, so that a new form never asks for old rows to be hashed again.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

MoveKind = Literal[
    "deposit",
    "hold",
    "commit",
    "release",
    "refund",
    "adjustment",
    "penalty",
    "penalty_reversal",
    "coupon",
    "deposit_refund",
    "deposit_refund_undone",
    "suspense_release",
]
# What takes money out of a wallet; a frozen one refuses them. A hold that is open may still end.
OUTGOING: frozenset[MoveKind] = frozenset({"hold", "penalty", "deposit_refund"})

_CAUSE = """
with cause as (
  select cast(:key as text) as key, cast(:kind as text) as kind, cast(:ref as text) as ref,
    cast(:actor as text) as actor, cast(:reason as text) as reason,
    cast(:now as timestamptz) as occurred_at
),
legs as (
  select account.id as account_id, given.code, given.amount
  from (values {legs}) as given(code, amount) join account on account.code = given.code
)"""
_LEG = "(cast(:code_{n} as text), cast(:amount_{n} as bigint))"


# Fields are told apart by a character that none of them may contain (ledger.Cause refuses it).
# Numbers and the moment are bytes, which costs a third less than their digits.
FORM = 2
_CANONICAL = (
    "int8send(coalesce({wallet}, 0)) || int8send(coalesce({seq}, 0))"
    " || timestamptz_send({j}.occurred_at) || convert_to(concat_ws(chr(31), {j}.key, {j}.kind,"
    " {j}.ref, {j}.actor, {currency}, {legs}, {j}.reason), 'UTF8')"
)
_GIVEN_LEGS = (
    "(select string_agg(account_id || '=' || amount{after}, ' ' order by account_id) from legs)"
)
_AFTER = (
    " || coalesce('>' || case legs.code when :available_code then wallet.available + :available"
    " when :reserved_code then wallet.reserved + :reserved end, '')"
)
# The same from stored rows: `j` is the journal, `legs.said` its entries as LEGS_SAID tells them.
LEGS_SAID = (
    "string_agg(concat(e.account_id, '=', e.amount, '>' || e.after), ' ' order by e.account_id)"
)
STORED_CANONICAL = _CANONICAL.format(
    j="j", wallet="j.wallet_id", seq="j.wallet_seq", currency="j.currency", legs="legs.said"
)
# The first form, of journals from before: JSON by account code; `legs.document` is its entries.
STORED_CANONICAL_1 = (
    "convert_to(jsonb_build_array(j.key::text, j.kind::text, j.ref::text, j.actor::text, j.reason, "
    "j.currency::text, j.wallet_id, j.wallet_seq, "
    "(extract(epoch from j.occurred_at) * 1000000)::bigint, legs.document)::text, 'UTF8')"
)

_OPEN_HOLD = """,
opened as (
  insert into hold (wallet_id, ref, amount, created_at)
  select id, :ref, :hold_amount, :now from touched returning id
)"""

# The gate only locks; the hold changes after the wallet did, so a refused move changes nothing.
_LOCK_HOLD = """,
gate as (
  select id from hold
  where ref = :ref and state = 'open' and amount = :hold_amount and wallet_id = :wallet_id
  for update
)"""

_RESOLVE_HOLD = """,
resolved as (
  update hold set state = '{state}', charged = {charged}, resolved_at = :now
  from gate, touched where hold.id = gate.id
)"""

_CHARGED_HOLD = """,
gate as (
  select id from hold
  where ref = :ref and state = 'committed' and charged >= :available and wallet_id = :wallet_id
)"""

_GATES: dict[MoveKind, str] = {
    "commit": _LOCK_HOLD,
    "release": _LOCK_HOLD,
    "refund": _CHARGED_HOLD,
}
_HOLD_EFFECTS: dict[MoveKind, str] = {
    "hold": _OPEN_HOLD,
    "commit": _RESOLVE_HOLD.format(state="committed", charged="cast(:charge as bigint)"),
    "release": _RESOLVE_HOLD.format(state="released", charged="0"),
}

_TOUCH = """,
touched as (
  update wallet set
    available = wallet.available + :available,
    reserved = wallet.reserved + :reserved,
    version = wallet.version + 1,
    head = sha256(wallet.head || {canonical})
  from cause
  where wallet.id = :wallet_id
    and wallet.available + :available >= 0 and wallet.reserved + :reserved >= 0
    and (select count(*) from legs) = {count}
    and not exists (select from journal where journal.key = cause.key)
    {guards}
  returning wallet.id, wallet.currency, wallet.version, wallet.available, wallet.reserved,
    old.head as previous_hash, wallet.head as hash
)"""

_POST = f""",
posted as (
  insert into journal
    (key, kind, ref, actor, reason, currency, wallet_id, wallet_seq, previous_hash, hash,
     occurred_at, form)
  select key, kind, ref, actor, reason, currency, touched.id, version, previous_hash, hash,
    occurred_at, {FORM}
  from touched, cause returning id
),
written as (
  insert into entry (journal_id, account_id, amount, after)
  select posted.id, legs.account_id, legs.amount,
    case legs.code when :available_code then touched.available
                   when :reserved_code then touched.reserved end
  from posted, touched, legs
)
select posted.id as journal_id, touched.version as wallet_seq, touched.available, touched.reserved
from posted, touched
"""  # noqa: S608  composed of a constant


def leg_parameters(legs: Mapping[str, int]) -> dict[str, str | int]:
    """What binds account codes and amounts: two scalars a leg, which cost the driver less than
    arrays."""
    bound: dict[str, str | int] = {}
    for place, (code, amount) in enumerate(legs.items()):
        bound[f"code_{place}"] = code
        bound[f"amount_{place}"] = amount
    return bound


@cache
def move_sql(kind: MoveKind, legs: int) -> str:
    """The statement for one kind of move with that many legs."""
    guards = []
    if kind in OUTGOING:
        guards.append("and wallet.frozen_reason is null")
    gate = _GATES.get(kind, "")
    if gate:
        guards.append("and exists (select from gate)")
    given = _CANONICAL.format(
        j="cause",
        wallet="wallet.id",
        seq="wallet.version + 1",
        currency="wallet.currency",
        legs=_GIVEN_LEGS.format(after=_AFTER),
    )
    touch = _TOUCH.format(canonical=given, guards=" ".join(guards), count=legs)
    return _cause(legs) + gate + touch + _HOLD_EFFECTS.get(kind, "") + _POST


_HOUSE = """,
posted as (
  insert into journal (key, kind, ref, actor, reason, currency, hash, occurred_at, form)
  select key, kind, ref, actor, reason, cast(:currency as text), sha256({canonical}), occurred_at,
    {form}
  from cause
  where (select count(*) from legs) = {count}
  on conflict (key) do nothing
  returning id
),
written as (
  insert into entry (journal_id, account_id, amount)
  select posted.id, legs.account_id, legs.amount from posted, legs
)
select id from posted
"""


@cache
def house_sql(legs: int) -> str:
    """The statement for a journal of that many legs that touches no wallet."""
    given = _CANONICAL.format(
        j="cause",
        wallet="null::bigint",
        seq="null::bigint",
        currency="cast(:currency as text)",
        legs=_GIVEN_LEGS.format(after=""),
    )
    return _cause(legs) + _HOUSE.format(canonical=given, form=FORM, count=legs)


def _cause(legs: int) -> str:
    return _CAUSE.format(legs=", ".join(_LEG.format(n=place) for place in range(legs)))
