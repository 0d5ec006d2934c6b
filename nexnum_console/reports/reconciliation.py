"""Our books against the world's: balances with providers, clearing accounts of gateways.

A difference is listed and stays until a person explains it; nothing here moves money.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nexnum_console.core.db import UnitOfWork
from nexnum_console.wallet.verify import Check

# Bought, given back or sent this close to when the provider was asked, it may or may not be in its
# answer. Native micro-units throughout.
_FLOAT_ROWS: Final = """
select pa.id as account_id, p.name as provider, pa.label, p.currency, pa.balance_micro,
  pa.balance_at, b.balance_micro as baseline_micro, b.at as baseline_at,
  coalesce(spent.amount, 0) + coalesce(lost.amount, 0) as spent_micro,
  coalesce(given.amount, 0) as given_micro, coalesce(sent.amount, 0) as sent_micro,
  coalesce(spent.near, 0) + coalesce(given.near, 0) + coalesce(lost.near, 0)
    + coalesce(sent.near, 0) + coalesce(open_attempts.amount, 0) + coalesce(strays.amount, 0)
    as in_flight_micro,
  pa.balance_micro - (b.balance_micro - coalesce(spent.amount, 0) - coalesce(lost.amount, 0)
    + coalesce(given.amount, 0) + coalesce(sent.amount, 0)) as difference_micro
from provider_account pa join provider p on p.id = pa.provider_id
join lateral (select * from float_baseline b where b.account_id = pa.id
  order by b.id desc limit 1) b on true
cross join lateral (
  select sum(a.cost_micro) filter (where a.acquired_at <= pa.balance_at) as amount,
    sum(a.cost_micro) filter (where a.upstream = 'closing'
      or abs(extract(epoch from a.acquired_at - pa.balance_at)) < 60) as near
  from activation a where a.account_id = pa.id and a.acquired_at > b.at
) spent
cross join lateral (
  select sum(a.cost_micro) filter (where j.occurred_at <= pa.balance_at) as amount,
    sum(a.cost_micro) filter (
      where abs(extract(epoch from j.occurred_at - pa.balance_at)) < 60) as near
  from activation a join journal j on j.ref = 'activation:' || a.id and j.kind = 'provider_refund'
  where a.account_id = pa.id and j.occurred_at > b.at
) given
cross join lateral (
  select sum(s.cost_micro) filter (where s.state = 'lost') as amount,
    sum(s.cost_micro) filter (
      where abs(extract(epoch from s.closed_at - pa.balance_at)) < 60) as near
  from sighting s where s.account_id = pa.id and s.closed_at > b.at
) lost
cross join lateral (
  select sum(t.amount_micro) filter (where t.at <= pa.balance_at) as amount,
    sum(t.amount_micro) filter (
      where abs(extract(epoch from t.at - pa.balance_at)) < 60) as near
  from float_top_up t where t.account_id = pa.id and t.at > b.at
) sent
cross join lateral (
  select sum(t.max_cost) as amount from attempt t
  where t.account_id = pa.id and t.state in ('sent','unknown')
) open_attempts
cross join lateral (
  select sum(s.cost_micro) as amount from sighting s
  where s.account_id = pa.id and s.state in ('seen','orphan')
) strays
where pa.balance_micro is not null and pa.balance_at > b.at
"""
FLOATS: Final = Check(
    "I12",
    "what providers say we have with them is what our books lead to, up to what is in flight",
    "select provider || ' (' || label || '): says ' || balance_micro || ', our books lead to '"  # noqa: S608
    " || balance_micro - difference_micro || ' micro ' || currency || ', in flight '"
    f" || in_flight_micro as finding from ({_FLOAT_ROWS}) f"
    " where abs(difference_micro) > in_flight_micro",
)

# Sandbox money is play money: the bench and the demo book it without a deposit row.
_GATEWAY_ROWS: Final = """
with booked as (
  select split_part(split_part(a.code, chr(58), 2), '.', 1) as gateway, j.currency, j.kind,
    sum(e.amount) as amount
  from account a join entry e on e.account_id = a.id join journal j on j.id = e.journal_id
  where a.code like 'gateway%' and a.code <> 'gateway:sandbox'
  group by 1, 2, 3
),
explained as (
  select d.gateway, w.currency, 'deposit' as kind, -sum(d.amount) as amount
  from deposit d join wallet w on w.id = d.wallet_id group by 1, 2
  union all
  select d.gateway, w.currency, 'deposit_refund', sum(r.amount)
  from deposit_refund r join deposit d on d.id = r.deposit_id join wallet w on w.id = d.wallet_id
  group by 1, 2
  union all
  select d.gateway, w.currency, 'deposit_refund_undone', -sum(r.amount)
  from deposit_refund r join deposit d on d.id = r.deposit_id join wallet w on w.id = d.wallet_id
  where r.state = 'refused' group by 1, 2
  union all
  select gateway, currency, 'suspense', -sum(amount) from suspense group by 1, 2
  union all
  select gateway, currency, 'suspense_return',
    sum(amount * (undone + case when state = 'returned' then 1 else 0 end)) from suspense
  where state = 'returned' or undone > 0 group by 1, 2
  union all
  select gateway, currency, 'suspense_return_undone', -sum(amount * undone) from suspense
  where undone > 0 group by 1, 2
)
select coalesce(b.gateway, x.gateway) as gateway, coalesce(b.currency, x.currency) as currency,
  coalesce(b.kind, x.kind) as kind, coalesce(b.amount, 0) as booked,
  coalesce(x.amount, 0) as explained,
  coalesce(b.kind, x.kind) not in ('dispute', 'dispute_won', 'payout') as compared
from booked b full join (select * from explained where gateway <> 'sandbox') x
  on x.gateway = b.gateway and x.currency = b.currency and x.kind = b.kind
"""
GATEWAYS: Final = Check(
    "I13",
    "every clearing account is explained by its deposits, refunds and suspense",
    "select gateway || ' ' || currency || ', ' || kind || ': booked ' || booked || ', explained '"  # noqa: S608
    f" || explained || ' micro' as finding from ({_GATEWAY_ROWS}) g"
    " where compared and booked <> explained"
    " union all select 'suspense in ' || coalesce(b.currency, s.currency) || ': booked '"
    " || coalesce(b.amount, 0) || ', open ' || coalesce(s.amount, 0)"
    " from (select j.currency, sum(e.amount) as amount from account a"
    "  join entry e on e.account_id = a.id join journal j on j.id = e.journal_id"
    "  where a.code like 'suspense%' group by 1) b"
    " full join (select currency, sum(amount) as amount from suspense where state = 'open'"
    "  group by 1) s on s.currency = b.currency"
    " where coalesce(b.amount, 0) <> coalesce(s.amount, 0)",
)


@dataclass(frozen=True, slots=True)
class FloatLine:
    """A provider account against our books; micro-units of ``currency``, its native one.

    ``explained`` says whether the difference is within what was in flight.
    """

    account_id: int
    provider: str
    label: str
    currency: str
    baseline: int
    baseline_at: datetime
    spent: int
    given_back: int
    sent: int
    in_flight: int
    says: int
    says_at: datetime
    difference: int

    @property
    def explained(self) -> bool:
        """Whether nobody has to look at it."""
        return abs(self.difference) <= self.in_flight


@dataclass(frozen=True, slots=True)
class GatewayLine:
    """One kind of move through a gateway's clearing account: booked, and told of by its rows."""

    gateway: str
    currency: str
    kind: str
    booked: int
    explained: int

    @property
    def difference(self) -> int:
        """What nothing accounts for."""
        return self.booked - self.explained


def floats(unit: UnitOfWork) -> list[FloatLine]:
    """Every provider account that has a baseline, by name."""
    return [
        FloatLine(
            row["account_id"],
            row["provider"],
            row["label"],
            row["currency"],
            int(row["baseline_micro"]),
            row["baseline_at"],
            int(row["spent_micro"]),
            int(row["given_micro"]),
            int(row["sent_micro"]),
            int(row["in_flight_micro"]),
            int(row["balance_micro"]),
            row["balance_at"],
            int(row["difference_micro"]),
        )
        for row in unit.all(f"{_FLOAT_ROWS} order by provider, label")
    ]


def gateways(unit: UnitOfWork) -> list[GatewayLine]:
    """Every kind of move of every gateway but the sandbox's; disputes and payouts are told of by
    their journals alone."""
    rows = unit.all(f"select * from ({_GATEWAY_ROWS}) g order by gateway, currency, kind")  # noqa: S608
    return [
        GatewayLine(
            row["gateway"],
            row["currency"],
            row["kind"],
            int(row["booked"]),
            int(row["explained"] if row["compared"] else row["booked"]),
        )
        for row in rows
    ]
