"""Invariants between orders, holds and numbers; the ledger's own are in wallet/verify.py."""

from __future__ import annotations

from typing import Final

from nexnum_console.activations.lanes import UNLISTED
from nexnum_console.wallet.verify import Check

_OLD_HOLDS: Final = f"""
select h.ref || ': open since ' || h.created_at || ', order '
  || coalesce(a.state, 'missing') as finding from hold h
left join activation a on h.ref = 'activation:' || a.id
where h.state = 'open' and (a.id is null or a.state not in ('buying','confirming')
  or h.created_at < cast(:now as timestamptz) - case when exists (select from activation_event e
    where e.activation_id = a.id and e.kind = '{UNLISTED}')
    then interval '3 days' else interval '1 hour' end)
"""  # noqa: S608  a constant of ours

CHECKS = (
    Check(
        "I7",
        "every open hold belongs to an order that is being bought, and none is an hour old, or"
        " three days where only a person can settle it",
        _OLD_HOLDS,
    ),
    Check(
        "I8",
        "each order has exactly the money outcome that its state promises",
        """
        select 'activation ' || a.id || ' is ' || a.state || ' with hold '
          || coalesce(h.state, 'none') || ', charged ' || coalesce(h.charged, 0)
          || ', refunded ' || coalesce(r.amount, 0) as finding, a.wallet_id
        from activation a
        left join hold h on h.ref = 'activation:' || a.id
        left join (select ref, sum(e.amount) as amount from journal j
          join entry e on e.journal_id = j.id and e.amount > 0 where j.kind = 'refund' group by ref
        ) r on r.ref = 'activation:' || a.id
        where not coalesce(case
          when a.state in ('buying','confirming') then h.state = 'open' and r.amount is null
          when a.state = 'failed' then h.state = 'released' and r.amount is null
          when a.state in ('cancelled','expired')
            then h.state = 'committed' and r.amount = h.charged and h.charged = a.charged
          else h.state = 'committed' and r.amount is null and h.charged = a.charged end, false)
        """,
        freezes=True,
    ),
    Check(
        "I9",
        "charged orders and provider numbers match one to one",
        "select 'activation ' || id || ' is ' || state || ' with number '"
        " || coalesce(upstream_id, 'none') as finding from activation"
        " where (state in ('buying','confirming','failed')) <> (upstream_id is null)"
        " union all select 'number ' || upstream_id || ' of account ' || account_id || ' was sold '"
        " || count(*) || ' times' from activation where upstream_id is not null"
        " group by account_id, upstream_id having count(*) > 1",
    ),
    Check(
        "I15",
        "every number a provider lists is bound to an order or known as a stray",
        "select 'number ' || s.upstream_id || ' is bound and given up at once' as finding"
        " from sighting s join activation a"
        " on a.account_id = s.account_id and a.upstream_id = s.upstream_id"
        " where s.state in ('orphan','cancelled','lost')",
    ),
)
