"""What staff did, in words: the audit log keeps codes, people read sentences."""

from __future__ import annotations

from typing import Final

from nexnum_console.reports.listing import Choice

DEEDS: Final = {
    "alert.settle": "Alert settled",
    "coupon.make": "Coupon made",
    "coupon.withdraw": "Coupon withdrawn",
    "deposit.confirm": "Deposit confirmed",
    "deposit.confirm_ask": "Second admin asked about a deposit",
    "deposit.confirm_reject": "Confirmation of a deposit rejected",
    "deposit.refund": "Deposit paid back",
    "house.payout": "Payout booked",
    "house.top_up": "Money sent to a provider",
    "ledger.check": "Whole proof asked for",
    "list.export": "List exported",
    "outbox.drop": "Dead letters dropped",
    "outbox.redrive": "Dead letters redriven",
    "penalty.appeal": "Penalty appealed",
    "penalty.book": "Penalty booked",
    "penalty.reverse": "Penalty reversed",
    "penalty.uphold": "Penalty upheld",
    "provider.add": "Provider added",
    "provider.balance": "Provider's balance taken as right",
    "provider.breaker": "Circuit breaker set",
    "provider.canary": "Draft's share of the calls set",
    "provider.draft.discard": "Draft discarded",
    "provider.enabled": "Provider turned on or off",
    "provider.fixture.pin": "Fixture pinned",
    "provider.fixture.unpin": "Fixture taken away",
    "provider.margin": "Margin set",
    "provider.publish": "Config published",
    "provider.rank": "Rank set",
    "provider.rollback": "Config rolled back",
    "provider.match": "Country or service matched by hand",
    "provider.secret": "Key replaced",
    "question.look": "Open questions looked at now",
    "question.settle": "Open question settled by hand",
    "routing.free": "Pin or ban taken back",
    "routing.policy": "Routing policy changed",
    "routing.rule": "Provider pinned or banned",
    "sandbox.fault.clear": "Carrier fault cleared",
    "sandbox.fault.set": "Carrier fault set",
    "sandbox.profile": "SMS profile set",
    "sandbox.sms": "SMS sent by hand",
    "setting.change": "Setting changed",
    "suspense.assign": "Money from suspense assigned",
    "suspense.assign_ask": "Second admin asked about money in suspense",
    "suspense.assign_reject": "Assignment from suspense rejected",
    "suspense.return": "Money from suspense returned",
    "user.ban": "User banned",
    "user.unban": "User let in again",
    "wallet.adjust": "Balance corrected",
    "wallet.adjust_ask": "Correction asked for",
    "wallet.adjust_reject": "Correction rejected",
    "wallet.unfreeze": "Wallet let go again",
}
CHOICES: Final = tuple(Choice(action, words) for action, words in DEEDS.items())
_PAGES: Final = {
    "activation": "/console/activations/",
    "penalty": "/console/deposits/penalties?no=",
    "provider": "/console/providers/",
    "suspense": "/console/deposits/suspense?no=",
    "user": "/console/users/",
}


def words(action: str) -> str:
    """``Balance corrected`` of ``wallet.adjust``; an unknown code with its parts as words."""
    plain = action.replace(".", " ").replace("_", " ").capitalize()
    return DEEDS.get(action, plain)


def page_of(target: str) -> str:
    """Where the record of ``user:7`` or ``provider:fivesim`` is shown; empty for none."""
    kind, _, name = target.partition(":")
    return f"{_PAGES[kind]}{name}" if name and kind in _PAGES else ""


def name_of(target: str, email: str | None) -> str:
    """What was acted on as people call it: an address, or ``provider fivesim``."""
    return email or target.replace(":", " ", 1)
