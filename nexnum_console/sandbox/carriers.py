"""A carrier without a dialect: stock, balance, orders, timers. Every call is atomic."""

from __future__ import annotations

import heapq
from random import Random
from typing import Any

from nexnum_console.sandbox.clock import Clock
from nexnum_console.sandbox.deliveries import first_messages, further_messages
from nexnum_console.sandbox.faults import FaultBook
from nexnum_console.sandbox.messages import quoting
from nexnum_console.sandbox.orders import Order, Sms
from nexnum_console.sandbox.phones import PhoneBook
from nexnum_console.sandbox.profiles import Profile
from nexnum_console.sandbox.seed import Catalogue, Offer, build_catalogue
from nexnum_console.sandbox.trade import CarrierTerms, Refusal, Wish

START_BALANCE = 5_000_000_000
# Ids grow with the calendar, so a carrier started afresh never repeats one it gave before.
ID_EPOCH = 1_767_225_600
IDS_PER_SECOND = 100
ID_SLOTS = 10
SMS_EVENT, EXPIRY_EVENT = 0, 1


class Carrier:
    """One simulated carrier account."""

    def __init__(
        self, terms: CarrierTerms, seed: int, profile: Profile, clock: Clock, phones: PhoneBook
    ) -> None:
        self.terms = terms
        self.seed = seed
        self.profile = profile
        self.clock = clock
        self.phones = phones
        self.catalogue: Catalogue = build_catalogue(terms.assortment, seed)
        self.faults = FaultBook(f"{seed}:{terms.name}")
        self.balance = START_BALANCE
        self.orders: dict[int, Order] = {}
        self.open_orders: dict[int, Order] = {}
        self.references: set[str] = set()
        self.buy_requests = 0
        # Counts changes of orders: whoever saves them sees by it that there is something to save.
        self.revision = 0
        self.own_port: int | None = None
        self._events: list[tuple[float, int, int]] = []
        self._ordinal = 0
        self._last_id = 0

    @property
    def name(self) -> str:
        return self.terms.name

    def advance(self) -> None:
        """Bring every order up to now: deliver what is due, expire what is over."""
        now = self.clock.now()
        while self._events and self._events[0][0] <= now:
            _, kind, order_id = heapq.heappop(self._events)
            order = self.orders[order_id]
            if kind == SMS_EVENT:
                self._deliver_due(order, now)
            elif order.open and order.expires_at <= now:
                self._expire(order)

    def _deliver_due(self, order: Order, now: float) -> None:
        due = [sms for sms in order.pending if sms.at <= now]
        order.pending = [sms for sms in order.pending if sms.at > now]
        for sms in due:
            # An SMS that comes after expiry is kept; the order stays expired and refunded.
            if order.open or order.state == "expired":
                order.sms.append(sms)
            if order.open:
                order.state = "received"

    def _expire(self, order: Order) -> None:
        if order.sms:
            self._close(order, "finished", order.expires_at)
        else:
            self._close(order, "expired", order.expires_at, refund=True)

    def buy(self, wish: Wish) -> Order:
        """Charge, take from stock and hand out a number, or raise ``Refusal``."""
        self.advance()
        if wish.reference is not None and wish.reference in self.references:
            raise Refusal("duplicate_order")
        offer = self._choose(wish)
        if self.faults.strikes("no_balance", "buy") or self.balance < offer.price:
            raise Refusal("no_balance")
        rng = self._order_rng(self._ordinal, "number")
        phone = self.phones.take(self.catalogue.countries[offer.country], rng)
        if phone is None:
            raise Refusal("no_stock")
        self.balance -= offer.price
        offer.stock -= 1
        return self._open(wish, offer, phone, rng)

    def reuse(self, order_id: int) -> Order:
        """A further order on the number of a finished one, at the present price."""
        former = self.find(order_id)
        if former.state != "finished":
            raise Refusal("not_reusable")
        offer = self._offer_of(former)
        if self.faults.strikes("no_balance", "buy") or self.balance < offer.price:
            raise Refusal("no_balance")
        if self.faults.strikes("no_stock", "buy") or not self.phones.take_again(former.phone):
            raise Refusal("number_away")
        self.balance -= offer.price
        offer.stock = max(0, offer.stock - 1)
        wish = Wish(former.country, former.service, former.operator, None, former.category)
        return self._open(wish, offer, former.phone, self._order_rng(self._ordinal, "number"))

    def last_order(self, phone: str, service: str) -> int:
        """The newest order of a number for a service."""
        self.advance()
        for order in reversed(self.orders.values()):
            if (order.phone, order.service) == (phone, service):
                return order.id
        raise Refusal("not_reusable")

    def _choose(self, wish: Wish) -> Offer:
        offers = self._wanted_offers(wish)
        if self.faults.strikes("price_jump", "buy"):
            for offer in offers:
                offer.price = max(offer.price, offer.list_price * 3 // 2)
        stocked = sorted((o for o in offers if o.stock > 0), key=lambda offer: offer.price)
        if not stocked or self.faults.strikes("no_stock", "buy"):
            raise Refusal("no_stock")
        cheapest = stocked[0]
        if wish.max_price is not None and cheapest.price > wish.max_price:
            raise Refusal("price_above", str(cheapest.price))
        return cheapest

    def _wanted_offers(self, wish: Wish) -> list[Offer]:
        if wish.country not in self.catalogue.countries:
            raise Refusal("bad_country")
        if wish.service not in self.catalogue.services:
            raise Refusal("bad_service")
        operators = self.catalogue.operators[wish.country]
        if wish.operator != "any" and wish.operator not in operators:
            raise Refusal("bad_operator")
        return [
            offer
            for offer in self.catalogue.offers.get((wish.country, wish.service), [])
            if wish.operator == "any" or offer.operator in (wish.operator, "any")
        ]

    def _open(self, wish: Wish, offer: Offer, phone: str, rng: Random) -> Order:
        now, times = self.clock.now(), self.profile.lifetimes
        operator = offer.operator
        if operator == "any":
            known = self.catalogue.operators[offer.country]
            operator = wish.operator if wish.operator != "any" else rng.choice(known)
        order = Order(
            id=self._next_id(now),
            carrier=self.name,
            ordinal=self._ordinal,
            country=offer.country,
            service=offer.service,
            operator=operator,
            category=wish.category,
            phone=phone,
            price=offer.price,
            created_at=now,
            expires_at=now + times.activation_seconds,
            lock_until=now + times.cancel_lock_seconds,
            reference=wish.reference,
        )
        self._ordinal += 1
        self.revision += 1
        self.orders[order.id] = self.open_orders[order.id] = order
        if wish.reference is not None:
            self.references.add(wish.reference)
        heapq.heappush(self._events, (order.expires_at, EXPIRY_EVENT, order.id))
        never = self.never_share(offer.luck)
        rng = self._order_rng(order.ordinal, "sms")
        service = self.catalogue.services[order.service]
        messages = first_messages(order, service, self.profile, self.faults, never=never, rng=rng)
        self._expect(order, messages)
        return order

    def _next_id(self, now: float) -> int:
        floor = int((now - ID_EPOCH) * IDS_PER_SECOND)
        self._last_id = max(self._last_id + 1, floor)
        return self._last_id * ID_SLOTS + self.terms.slot

    def never_share(self, luck: float) -> float:
        """Share of orders of an offer that get no SMS, 0..1; a carrier's 1 leaves no luck."""
        share = self.profile.never_share
        return 1.0 if share >= 1 else min(1.0, share * luck)

    def _expect(self, order: Order, messages: list[Sms]) -> None:
        for sms in messages:
            order.pending.append(sms)
            heapq.heappush(self._events, (sms.at, SMS_EVENT, order.id))

    def inject(self, order_id: int, code: str, text: str | None) -> Order:
        """Deliver this SMS now; refused when the order is closed."""
        order = self.find(order_id)
        if not order.open:
            raise Refusal("closed", order.state)
        rng = self._order_rng(order.ordinal, f"injected:{len(order.sms)}")
        message = quoting(self.catalogue.services[order.service], code, text, rng)
        order.sms.append(Sms(self.clock.now(), message.sender, message.text, message.code))
        order.state = "received"
        self.revision += 1
        return order

    def find(self, order_id: int) -> Order:
        self.advance()
        order = self.orders.get(order_id)
        if order is None:
            raise Refusal("not_found")
        return order

    def cancel(self, order_id: int) -> Order:
        """Cancel and refund; too early within the lock, impossible once a code came."""
        order = self.find(order_id)
        self._require_unserved(order)
        if order.category != "activation":
            raise Refusal("hosting")
        denied = self.faults.strikes("early_cancel_denied", "cancel")
        if denied or self.clock.now() < order.lock_until:
            raise Refusal("too_early")
        return self._close(order, "cancelled", self.clock.now(), refund=True)

    def ban(self, order_id: int) -> Order:
        """Report the number as unusable; refunded."""
        order = self.find(order_id)
        self._require_unserved(order)
        return self._close(order, "banned", self.clock.now(), refund=True)

    def finish(self, order_id: int) -> Order:
        order = self.find(order_id)
        if order.state == "finished":
            return order
        if not order.open:
            raise Refusal("closed", order.state)
        if not order.sms:
            raise Refusal("no_sms")
        return self._close(order, "finished", self.clock.now())

    def resend(self, order_id: int) -> Order:
        """Ask for a further SMS after a code."""
        order = self.find(order_id)
        if not order.open:
            raise Refusal("closed", order.state)
        if not order.sms:
            raise Refusal("no_sms")
        order.state = "retry"
        self.revision += 1
        rng = self._order_rng(order.ordinal, f"again:{len(order.sms)}")
        service = self.catalogue.services[order.service]
        self._expect(order, further_messages(order, service, self.profile, self.clock.now(), rng))
        return order

    def _require_unserved(self, order: Order) -> None:
        if order.state == "expired":
            raise Refusal("expired")
        if not order.open:
            raise Refusal("closed", order.state)
        if order.sms:
            raise Refusal("has_sms")

    def _close(self, order: Order, state: str, at: float, *, refund: bool = False) -> Order:
        order.state, order.closed_at = state, at
        self.revision += 1
        self.open_orders.pop(order.id, None)
        self.phones.give_back(order.phone)
        if refund:
            order.refunded = order.price
            self.balance += order.price
            self._offer_of(order).stock += 1
        return order

    def _offer_of(self, order: Order) -> Offer:
        offers = self.catalogue.offers[order.country, order.service]
        return next(offer for offer in offers if offer.operator in (order.operator, "any"))

    def clear_fault(self, fault: str) -> str:
        name = self.faults.clear(fault)
        if name == "price_jump":
            for offers in self.catalogue.offers.values():
                for offer in offers:
                    offer.price = offer.list_price
        return name

    def add_stock(self, count: int) -> None:
        """So many numbers more of everything on sale."""
        for offers in self.catalogue.offers.values():
            for offer in offers:
                offer.stock += count

    def _order_rng(self, ordinal: int, purpose: str) -> Random:
        return Random(f"{self.seed}:{self.name}:{ordinal}:{purpose}")

    def continue_after(self, former: Carrier) -> None:
        """Keep what outlives a reset: the run of ids and the port."""
        self._last_id, self.own_port = former._last_id, former.own_port

    def snapshot(self) -> dict[str, Any]:
        return {
            "balance": self.balance,
            "ordinal": self._ordinal,
            "last_id": self._last_id,
            "buy_requests": self.buy_requests,
            "profile": self.profile.as_json(),
            "faults": self.faults.as_json(),
            "orders": [order.as_json() for order in self.orders.values()],
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """Take over a snapshot of a carrier of the same seed."""
        self.balance = saved["balance"]
        self._ordinal, self._last_id = saved["ordinal"], saved["last_id"]
        self.buy_requests = saved["buy_requests"]
        self.profile = Profile.from_json(saved["profile"])
        self.faults.restore(saved["faults"])
        for row in saved["orders"]:
            self._readmit(Order.from_json(row))

    def _readmit(self, order: Order) -> None:
        self.orders[order.id] = order
        if order.reference is not None:
            self.references.add(order.reference)
        for sms in order.pending:
            heapq.heappush(self._events, (sms.at, SMS_EVENT, order.id))
        if not order.refunded:
            offer = self._offer_of(order)
            offer.stock = max(0, offer.stock - 1)
        if order.open:
            self.open_orders[order.id] = order
            self.phones.keep(order.phone)
            heapq.heappush(self._events, (order.expires_at, EXPIRY_EVENT, order.id))
