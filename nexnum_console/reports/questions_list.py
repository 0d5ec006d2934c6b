"""Open questions as a list: what nobody knows yet, what it may cost, and who is at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nexnum_console.activations.closing import TRIES_MAX
from nexnum_console.activations.lanes import PURSUED, UNLISTED
from nexnum_console.core.db import UnitOfWork
from nexnum_console.core.money import format_micro
from nexnum_console.reports import filters
from nexnum_console.reports.columns import text_column
from nexnum_console.reports.listing import (
    Cell,
    Choice,
    Column,
    Filter,
    Listing,
    Row,
)
from nexnum_console.reports.questions_next import Next, Open, what_next
from nexnum_console.reports.words import count, millis, money

# By kind: tone, icon, word, and what is asked.
KINDS: Final = {
    "unknown": ("warn", "clock", "Unknown", "Was a number sold?"),
    "cancelling": ("info", "undo", "Cancelling", "Is it cancelled there?"),
    "closing": ("info", "wallet", "Closing", "Do we get our money back?"),
    "orphan": ("danger", "alert", "Orphan", "Is it given back?"),
    "seen": ("", "eye", "Stray", "Whose number is it?"),
}
_PATH: Final = "/console/questions"

_UNKNOWN: Final = f"""
select 'unknown:' || t.id as name, 'unknown' as kind, t.account_id, a.id as activation_id,
  a.user_id, coalesce(t.provider_order_id, '') as number, a.price_cap as stake,
  w.currency as stake_currency, t.sent_at as since, cast(null as timestamptz) as due_at,
  t.settle_until as not_before, t.empty_listings as listings, 0 as tries,
  coalesce(t.error_code, '') as said, true as pursued, false as spared,
  exists (select from activation_event e where e.activation_id = a.id
    and e.kind = '{UNLISTED}') as unlisted
from attempt t join activation a on a.id = t.activation_id join wallet w on w.id = a.wallet_id
where t.state = 'unknown'
"""  # noqa: S608  a constant of ours
_CANCELLING: Final = """
select 'cancelling:' || a.id, 'cancelling', a.account_id, a.id, a.user_id,
  coalesce(a.phone, a.upstream_id), a.charged, w.currency,
  coalesce((select max(e.at) from activation_event e where e.activation_id = a.id
    and e.kind in ('cancel_asked','report_asked')), a.acquired_at),
  a.close_at, null, 0, greatest(a.close_tries, 1),
  coalesce((select e.detail->>'code' from activation_event e where e.activation_id = a.id
    and e.kind = 'cancel_unknown' order by e.id desc limit 1), ''), true, false, false
from activation a join wallet w on w.id = a.wallet_id where a.state = 'cancelling'
"""
_CLOSING: Final = """
select 'closing:' || a.id, 'closing', a.account_id, a.id, a.user_id,
  coalesce(a.phone, a.upstream_id), a.cost_micro, a.cost_currency, a.closed_at, a.close_at, null,
  0, a.close_tries, '', true, false, false
from activation a where a.upstream = 'closing'
"""
_STRAY: Final = (
    """
select 'stray:' || s.id, s.state, s.account_id, null, null, coalesce(s.phone, s.upstream_id),
  s.cost_micro, p.currency, s.first_seen_at, coalesce(s.next_at, s.grace_until), s.grace_until, 0,
  s.tries, '', """
    + PURSUED
    + """, s.state = 'seen' and exists (select from attempt t where t.account_id = s.account_id
    and t.state in ('sent','unknown')
    and t.external_service = coalesce(s.external_service, t.external_service)
    and t.external_country = coalesce(s.external_country, t.external_country)), false
from sighting s join provider_account pa on pa.id = s.account_id
join provider p on p.id = pa.provider_id where s.state in ('seen','orphan')
"""
)


@dataclass(frozen=True, slots=True)
class Tallied:
    """How many questions of a kind are open; ``href`` lists them."""

    kind: str
    word: str
    tone: str
    icon: str
    number: str
    href: str


def tallies(unit: UnitOfWork) -> list[Tallied]:
    """The kinds of which any is open, in the order of the list's filter."""
    rows = unit.all(f"select q.kind, count(*) as n {QUESTIONS.source} group by q.kind")
    found = {row["kind"]: row["n"] for row in rows}
    return [
        Tallied(kind, word, tone, icon, count(found[kind]), f"{_PATH}?kind={kind}")
        for kind, (tone, icon, word, _) in KINDS.items()
        if kind in found
    ]


def _next(row: Row) -> Next:
    asked = Open(
        *(row[name] for name in ("kind", "since", "due_at", "not_before", "listings", "tries")),
        *(row[name] for name in ("listed_at", "held_until", "pursued", "spared", "unlisted")),
    )
    return what_next(asked, row["now"])


def _question(row: Row) -> Cell:
    named = row["number"] if row["activation_id"] is None else f"No. {row['activation_id']}"
    return Cell(text=named, sub=KINDS[row["kind"]][3])


def _kind(row: Row) -> Cell:
    tone, icon, word, _ = KINDS[row["kind"]]
    return Cell(text=word, icon=icon, tone=tone)


def _provider(row: Row) -> Cell:
    href = f"/console/providers/{row['provider']}"
    return Cell(text=row["provider_title"], sub=row["email"] or "", href=href)


def _buyer(row: Row) -> Cell:
    if row["email"] is None:
        return Cell(text="nobody", tone="low")
    return Cell(text=row["email"], href=f"/console/users/{row['user_id']}")


_STAKES: Final = {
    "unknown": "held for the buyer",
    "cancelling": "the buyer's refund",
    "closing": "ours, refunded to the buyer",
    "orphan": "ours",
    "seen": "perhaps ours",
}


def _stake(row: Row) -> Cell:
    if row["stake"] is None:
        return Cell(text="not told", tone="low")
    return Cell(text=money(row["stake"], row["stake_currency"]), sub=_STAKES[row["kind"]])


def _seen(row: Row) -> Cell:
    if row["kind"] == "unknown":
        said = f"answer: {row['said'].replace('_', ' ')}" if row["said"] else ""
        return Cell(text=_looked(row), sub=said)
    if row["kind"] == "seen":
        return Cell(text="Listed, bound to no order")
    said = f"last: {row['said'].replace('_', ' ')}" if row["said"] else ""
    of = "" if row["kind"] == "cancelling" else f" of {TRIES_MAX}"
    return Cell(text=f"Asked {_times(row['tries'], 'time')}{of}", sub=said)


def _looked(row: Row) -> str:
    """Listings count once the purchase may no longer turn up; before, they only do not show it."""
    if row["unlisted"]:
        return "The provider lists nothing"
    if row["listings"]:
        return _times(row["listings"], "listing") + " without it"
    listed = row["listed_at"] is not None and row["listed_at"] > row["since"]
    return "Not in the newest listing" if listed else "No listing yet"


def _times(number: int, word: str) -> str:
    return f"{number} {word}{'s' * (number != 1)}"


def _step(row: Row) -> Cell:
    found = _next(row)
    return Cell(
        text=found.step,
        sub=found.then,
        tone="warn" if found.late else "low" if found.at is None else "",
    )


def _not_before(row: Row) -> Cell:
    """When something may be decided at the earliest; nothing where that is past."""
    at = row["not_before"]
    return _moment(at if at is not None and at > row["now"] else None)


def _moment(of: datetime | None) -> Cell:
    return Cell(ms=millis(of))


QUESTIONS: Final = Listing(
    name="questions",
    title="Open questions",
    path=_PATH,
    capability="orders.view",
    fields="q.*, now() as now, p.name as provider, p.title as provider_title, u.email,"
    " l.listed_at, l.lease_until as held_until",
    source=f"from ({_UNKNOWN} union all {_CANCELLING} union all {_CLOSING} union all {_STRAY}) q"
    " join provider_account pa on pa.id = q.account_id join provider p on p.id = pa.provider_id"
    " left join app_user u on u.id = q.user_id"
    " left join lane l on l.account_id = q.account_id and l.kind = 'settle'",
    columns=(
        Column("question", "Question", _question, lambda row: row["name"], sort="q.name"),
        Column("kind", "Kind", _kind, lambda row: row["kind"], kind="chip", sort="q.kind"),
        Column(
            "provider", "Provider, buyer", _provider, lambda row: row["provider"], sort="p.name"
        ),
        Column("buyer", "Buyer", _buyer, lambda row: row["email"], sort="u.email", shown=False),
        Column(
            "stake",
            "At stake",
            _stake,
            lambda row: "" if row["stake"] is None else format_micro(row["stake"]),
            kind="number",
            sort="q.stake",
            right=True,
        ),
        text_column("currency", "Currency", "stake_currency", shown=False),
        Column("seen", "Seen so far", _seen, lambda row: _seen(row)["text"]),
        Column("next", "What happens next", _step, lambda row: _next(row).step),
        Column(
            "when",
            "In",
            lambda row: _moment(_next(row).at),
            lambda row: _next(row).at,
            kind="until",
        ),
        Column(
            "until",
            "Not before",
            _not_before,
            lambda row: row["not_before"],
            kind="until",
            sort="q.not_before",
        ),
        Column(
            "since",
            "Since",
            lambda row: _moment(row["since"]),
            lambda row: row["since"],
            kind="age",
            sort="q.since",
        ),
    ),
    tie="q.name",
    order="since",
    filters=(
        filters.search(
            "q.number ilike :f_q or u.email ilike :f_q"
            " or cast(q.activation_id as text) = trim(both '%' from :f_q)",
            "Number, e-mail or activation",
        ),
        Filter(
            "kind",
            "Kind",
            "q.kind = :f_kind",
            choices=tuple(Choice(kind, words[2]) for kind, words in KINDS.items()),
        ),
        filters.provider(),
    ),
    row_id=lambda row: str(row["name"]),
    href=lambda row: f"/console/activations/{row['activation_id']}" if row["activation_id"] else "",
    none_yet="No question is open",
    nothing="Purchases without an answer, numbers being given back, and numbers that nobody ordered"
    " stand here until the provider's word settles them.",
)
