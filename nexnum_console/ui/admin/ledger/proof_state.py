"""State of the ledger's proof: what holds, the evidence, frozen wallets, and verifying now."""

from __future__ import annotations

from typing import Annotated, ClassVar

import reflex as rx
from pydantic import Field

from nexnum_console.bootstrap import services
from nexnum_console.core.actor import Actor
from nexnum_console.core.clock import utc_now
from nexnum_console.core.errors import BusinessError
from nexnum_console.core.events import ADMIN_CHANNEL, user_channel
from nexnum_console.operations import ledger_check, people
from nexnum_console.operations.verify import CHECKS
from nexnum_console.reports.ledger_proof import BREAKS, CauseLine, Proof, proof
from nexnum_console.reports.listing import Listing
from nexnum_console.ui.shell.arguments import RowId
from nexnum_console.ui.shell.gate import OF_THE_PAGE, actor, requires
from nexnum_console.ui.shell.listing_state import ListingState
from nexnum_console.ui.shell.page_state import explained, sentence
from nexnum_console.ui.shell.work import in_thread, read
from nexnum_console.wallet.freezing import Seen

Reason = Annotated[str, Field(max_length=400)]
Word = Annotated[str, Field(max_length=254)]


class ProofState(ListingState, rx.State):
    """``asked`` is the newest run when somebody asked for another one; 0 when nobody did."""

    LISTING: ClassVar[Listing] = BREAKS
    CAPABILITY: ClassVar[str] = BREAKS.capability

    proof: Proof = Proof()
    may_thaw: bool = False
    may_verify: bool = False
    asked: bool = False
    _asked_after: int = 0
    thawing: int = 0
    thaw_email: str = ""
    thaw_causes: list[CauseLine] = []
    wrong: str = ""

    @rx.event
    @requires("ledger.check")
    @explained
    async def verify_now(self) -> None:
        """Have the whole proof run at once."""
        who, parts, now = actor(), services(), utc_now()
        self._asked_after = self.proof.last_run
        await in_thread(ledger_check.ask, parts.database, parts.jobs, who, now)
        self.asked = True
        await self._show(who)

    @rx.event
    @requires("wallet.adjust", user=RowId)
    @explained
    async def ask_thaw(self, user: int) -> None:
        """Open the question whether money may leave a wallet again."""
        found = next((one for one in self.proof.frozen if one.user == user), None)
        if found is not None:
            self.thawing, self.thaw_email, self.wrong = user, found.email, ""
            self.thaw_causes = list(found.causes)

    @rx.event
    @requires(OF_THE_PAGE)
    @explained
    async def keep_frozen(self) -> None:
        """Close the question; nothing was changed."""
        self.thawing = 0

    @rx.event
    @requires("wallet.adjust", reason=Reason, word=Word)
    @explained
    async def thaw(self, reason: str, word: str) -> None:
        """Let the wallet go; what the question showed is settled with the reason."""
        if word.strip().lower() != self.thaw_email:
            self.wrong = f"Type {self.thaw_email} to confirm. Nothing was changed."
            return
        who, user, now, events = actor(), self.thawing, utc_now(), services().events
        seen = Seen.of((one.kind, one.number) for one in self.thaw_causes)
        try:
            await read(lambda unit: people.unfreeze(unit, who, user, seen, reason, now))
        except BusinessError as error:
            self.wrong = sentence(error.message)
            await self._show(who)
            return
        self.thawing = 0
        self._say("ok", "Wallet let go", f"{self.thaw_email} may spend again.")
        await in_thread(events.publish, user_channel(user), "wallet")
        await in_thread(events.publish, ADMIN_CHANNEL, "ledger")
        await self._show(who)

    async def _show(self, who: Actor) -> None:
        now = utc_now()
        self.may_thaw, self.may_verify = who.may("wallet.adjust"), who.may("ledger.check")
        self.proof = await read(lambda unit: proof(unit, CHECKS, now))
        if self.proof.last_run > self._asked_after:
            self.asked = False
        await ListingState._show(self, who)
