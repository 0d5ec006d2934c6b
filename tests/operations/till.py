"""A till for tests: a buyer, an admin, every gateway, and a ledger that must hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from nexnum_console.accounts.capabilities import capabilities_of
from nexnum_console.core import idempotency
from nexnum_console.core.actor import Actor
from nexnum_console.core.db import Database
from nexnum_console.operations import approval_desk, deposit_desk
from nexnum_console.operations.approval_desk import Decided
from nexnum_console.operations.deposit_desk import DepositDesk
from nexnum_console.operations.registration import enrol
from nexnum_console.operations.verify import verify
from nexnum_console.wallet import freezing, intents, suspense
from nexnum_console.wallet.gateways.manual import ManualGateway
from nexnum_console.wallet.gateways.sandbox import SandboxGateway
from nexnum_console.wallet.gateways.stripe import StripeGateway
from nexnum_console.wallet.told import Told
from tests.activations.world import Silent
from tests.support import stripe_server
from tests.support.stripe_server import SECRET_KEY, WEBHOOK_SECRET, StripeServer, event, signed

UNIT = 1_000_000


@dataclass
class Till:
    """A buyer, an admin and every gateway; the ledger must hold when the test ends."""

    database: Database
    desk: DepositDesk
    stripe: StripeServer
    buyer: Actor
    admin: Actor
    now: datetime = datetime(2026, 11, 1, 12, tzinfo=UTC)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def ask(
        self, amount: int = 25 * UNIT, gateway: str = "stripe", key: str = "", coupon: str = ""
    ):
        key = key or f"k{next(self.numbers)}"
        shape = idempotency.fingerprint("POST", gateway, str(amount).encode())
        answer, _ = deposit_desk.ask(
            self.desk, self.buyer, gateway, amount, key, shape, lambda i: str(i.id), coupon=coupon
        )
        with self.database.transaction() as unit:
            return intents.get(unit, int(answer.body))

    def pay(self, intent, number: int | None = None, **other: Any):
        """Stripe's word that a session was paid, changed by ``other``."""
        thing = {
            "id": intent.external_id,
            "payment_status": "paid",
            "client_reference_id": intent.ticket,
            "payment_intent": f"pi_{intent.id}",
            "amount_total": intent.amount // 10_000,
            "currency": "usd",
        } | other
        number = next(self.numbers) if number is None else number
        return self.tell(event(number, "checkout.session.completed", **thing))

    def tell(self, said: dict[str, Any], **how: Any):
        return deposit_desk.told(self.desk, "stripe", *signed(said, **how))

    def available(self) -> int:
        with self.database.transaction() as unit:
            return int(
                unit.scalar("select available from wallet where user_id = :u", u=self.buyer.user_id)
            )

    def state(self, intent) -> str:
        with self.database.transaction() as unit:
            return intents.get(unit, intent.id).state

    def parked(self) -> list[suspense.Parked]:
        with self.database.transaction() as unit:
            return suspense.parked(unit)

    def alerts(self, shown: str = "kind") -> list[str]:
        """The ``kind`` or ``text`` of each open alert."""
        with self.database.transaction() as unit:
            rows = unit.run(f"select {shown} from alert where closed_at is null order by id")
            return list(rows.scalars())

    def frozen(self) -> str:
        """Why the buyer's wallet is frozen; empty where it is not."""
        with self.database.transaction() as unit:
            why = unit.scalar(
                "select frozen_reason from wallet where user_id = :u", u=self.buyer.user_id
            )
            return why or ""

    def carried(self) -> int:
        """What the house stands in for at Stripe, micro-units."""
        with self.database.transaction() as unit:
            return -int(
                unit.scalar(
                    "select coalesce(sum(amount), 0) from entry join account a"
                    " on a.id = account_id where a.code = 'dispute:stripe'"
                )
            )

    def deposit_id(self, intent) -> int:
        with self.database.transaction() as unit:
            return intents.get(unit, intent.id).deposit_id or 0


def person(database: Database, email: str, role: str) -> Actor:
    """Somebody enrolled, as who they act."""
    with database.transaction() as unit:
        user_id = enrol(unit, email, "x", currency="USD", role=role)
    return Actor(user_id, email, role, capabilities_of(role))


@contextmanager
def running(database: Database) -> Iterator[Till]:
    """A till with every gateway, Stripe's on this machine."""
    with stripe_server.running() as server:
        gateways = (
            ManualGateway(),
            SandboxGateway("key", instant=False),
            StripeGateway(SECRET_KEY, WEBHOOK_SECRET, server.url),
        )
        desk = DepositDesk(
            database, {g.name: g for g in gateways}, Silent(), lambda: opened.now, "http://x"
        )
        buyer = person(database, "buyer@example.org", "user")
        admin = person(database, "boss@example.org", "admin")
        opened = Till(database, desk, server, buyer, admin)
        yield opened
    report = verify(database, opened.now)
    assert report.ok, [result.findings for result in report.results if result.breaks]


def stray(till: Till, amount: int, currency: str = "usd") -> suspense.Parked:
    """A payment at Stripe that names no deposit of ours, in suspense."""
    paid = {"client_reference_id": "nobody", "payment_intent": f"pi_stray_{amount}_{currency}"}
    till.pay(till.ask(), amount_total=amount // 10_000, currency=currency, **paid)
    return till.parked()[-1]


def tell_refund(
    till: Till, payment: str, amount: int, /, status: str = "succeeded", **other: Any
) -> Told:
    """Stripe's word about a refund, one made there by hand unless ``other`` says more."""
    thing = {
        "id": "re_hand",
        "payment_intent": payment,
        "amount": amount // 10_000,
        "currency": "usd",
        "status": status,
        "metadata": {},
    } | other
    return till.tell(event(next(till.numbers), "refund.updated", **thing))


def made_refund(till: Till) -> dict[str, Any]:
    """What Stripe keeps of the newest refund that we asked for."""
    return [made for path, made in till.stripe.made.items() if path.startswith("/v1/refunds")][-1]


def decide(till: Till, who: Actor, told: Told, *, approve: bool = True) -> Decided:
    """A second admin's word about a request."""
    with till.database.transaction() as unit:
        return approval_desk.decide(
            unit, who, told.request_id or 0, "looked for it myself", till.now, approve=approve
        )


def audited(till: Till, deeds: str) -> list[tuple[str, str]]:
    """(action, actor) of every deed that begins so, in order."""
    with till.database.transaction() as unit:
        rows = unit.all(
            "select action, actor from audit_entry where action like :deeds || '.%' order by id",
            deeds=deeds,
        )
        return [(row["action"], row["actor"]) for row in rows]


def let_go(till: Till) -> None:
    """An admin has corrected the balance, closes the alerts and lets the wallet go."""
    with till.database.transaction() as unit:
        wallet = unit.scalar("select id from wallet where user_id = :u", u=till.buyer.user_id)
        seen = freezing.Seen.of((one.kind, one.id) for one in freezing.standing(unit, wallet))
        freezing.thaw(unit, wallet, seen, till.admin.name, "settled", till.now)
        unit.run("update alert set closed_at = :now", now=till.now)
