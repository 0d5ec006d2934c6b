"""Every list of the product by name: what export jobs may write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nexnum_console.reports.activations_list import ACTIVATIONS
from nexnum_console.reports.alerts_list import ALERTS
from nexnum_console.reports.approvals_list import APPROVALS
from nexnum_console.reports.audit_list import AUDIT
from nexnum_console.reports.coupons_list import COUPONS
from nexnum_console.reports.deposits_list import DEPOSITS
from nexnum_console.reports.history_list import HISTORY, VAULT
from nexnum_console.reports.holds_list import HOLDS
from nexnum_console.reports.ledger_book import WALLETS
from nexnum_console.reports.ledger_lines import LINES
from nexnum_console.reports.ledger_proof import BREAKS
from nexnum_console.reports.listing import Listing
from nexnum_console.reports.mail_list import MAIL
from nexnum_console.reports.money_lists import LEDGER, TRANSACTIONS
from nexnum_console.reports.outbox_list import OUTBOX
from nexnum_console.reports.penalties_list import PENALTIES
from nexnum_console.reports.providers_list import PROVIDERS
from nexnum_console.reports.questions_list import QUESTIONS
from nexnum_console.reports.routing_decisions import DECISIONS
from nexnum_console.reports.routing_learned import LEARNED
from nexnum_console.reports.suspense_list import SUSPENSE
from nexnum_console.reports.users_list import USERS

_ALL: Final = (
    ACTIVATIONS,
    PROVIDERS,
    USERS,
    TRANSACTIONS,
    LEDGER,
    HISTORY,
    VAULT,
    AUDIT,
    MAIL,
    OUTBOX,
    QUESTIONS,
    WALLETS,
    LINES,
    HOLDS,
    BREAKS,
    DEPOSITS,
    SUSPENSE,
    APPROVALS,
    COUPONS,
    PENALTIES,
    ALERTS,
    LEARNED,
    DECISIONS,
)
LISTINGS: Final[Mapping[str, Listing]] = {listing.name: listing for listing in _ALL}
