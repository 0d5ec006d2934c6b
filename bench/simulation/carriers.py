"""A carrier as it really is: it sells, loses answers, sells late, lists, forgets, denies.

Its side is the truth that our books are compared with at the end. Costs are micro-units of the
carrier's own currency.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bench.simulation.sold import Nature, Sold, Trouble, Wish
from bench.simulation.stage import START, Broken, Stage
from nexnum_console.core.money import format_micro, to_micro
from nexnum_console.providers.client import About
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.listed import Listing
from nexnum_console.providers.results import ActiveRow, Bought, Message, Outcome, StatusReport

# Ended numbers stay in the list for a while, and their ids are known for longer.
LISTED_FOR: Final = 240.0
KNOWN_FOR: Final = 60.0
SPEND_SECONDS: Final = 20.0


class PlayedCarrier:
    """One account. ``on_sale`` hears of each number sold."""

    def __init__(self, stage: Stage, nature: Nature, trouble: Trouble) -> None:
        self.stage = stage
        self.nature = nature
        self.trouble = replace(trouble, price=nature.cost)
        self.numbers: dict[str, Sold] = {}
        self.listed: dict[str, Sold] = {}
        self.spends: list[str] = []
        self.steps: list[float] = []
        self.on_sale: Callable[[PlayedCarrier, Sold], None] = lambda carrier, sold: None

    # --- what a purchase may meet -----------------------------------------------------------

    def buy(
        self,
        country: str,
        service: str,
        operator: str | None = None,
        max_price: str | None = None,
        reference: str | None = None,
    ) -> Bought:
        """As ``ProviderClient.buy``."""
        assert reference is not None
        assert max_price is not None
        self.spends.append(reference)
        mood, began = self._mood(), self.stage.now
        self.stage.log(self.nature.name, "buy", reference, mood)
        self.stage.counts[mood] += 1
        self._wait()
        if mood == "refuse":
            raise ProviderError("provider_unavailable", "connection refused", sent=False)
        if mood in {"no_numbers", "no_balance", "rate_limited"}:
            raise ProviderError(mood, mood)
        if self.nature.honours_cap and self.trouble.price > to_micro(max_price):
            raise ProviderError("max_price_too_low", "the price rose")
        wish = Wish(country, service, reference, max_price, began)
        return getattr(self, f"_{mood}")(wish)  # type: ignore[no-any-return]

    def _sell(self, wish: Wish) -> Bought:
        sold = self.sell(wish)
        self._wait()
        return self._bought(sold)

    def _lose(self, wish: Wish) -> Bought:
        self.stage.sleep(SPEND_SECONDS)
        raise ProviderError("provider_unavailable", "no answer in time")

    def _sell_and_lose(self, wish: Wish) -> Bought:
        self.sell(wish)
        self._wait()
        raise ProviderError("parse_error", "half an answer")

    def _sell_late(self, wish: Wish) -> Bought:
        """The answer is an error at once; the number comes all the same, within settle."""
        delay = self.stage.rng.uniform(0.3, 0.8) * self.nature.settle
        self.stage.at(self.stage.now + delay, lambda: self._later(wish, ""))
        raise ProviderError("provider_error", "502")

    def _sell_too_late(self, wish: Wish) -> Bought:
        delay = self.stage.rng.uniform(1.0, 3.0) * self.nature.settle
        self.stage.at(self.stage.now + delay, lambda: self._later(wish, "sold after settle"))
        raise ProviderError("provider_error", "502")

    def _slow(self, wish: Wish) -> Bought:
        """Our process is frozen while the answer lies there, for longer than anybody waits."""
        sold = self.sell(wish)
        self.stage.sleep(self.stage.rng.uniform(5.0, 3.0 * SPEND_SECONDS))
        return self._bought(sold)

    def _twice(self, wish: Wish) -> Bought:
        """The id of another order is told once more, often of one that nobody got."""
        rng, most = self.stage.rng, to_micro(wish.max_price)
        known = [n for n in self.numbers.values() if self._may_cost(n.cost, most)]
        over = [n for n in known if n.state == "cancelled" and n.excused]
        others = over if over and rng.random() < 0.5 else known
        if not others:
            return self._sell(wish)
        told = rng.choice(others)
        told.mixed = told.mixed or told.service != wish.service
        return self._bought(told)

    def _may_cost(self, cost: int, most: int) -> bool:
        """Whether an older order may be told as this one: what a carrier that tells no cost took
        for another one only its balance says."""
        if not self.nature.tells_cost:
            return cost == most
        return cost <= most or not self.nature.honours_cap

    def _numberless(self, wish: Wish) -> Bought:
        """The order's id without its number, which may come later."""
        sold = self.sell(wish)
        sold.excused, sold.agreed = "its number came late", to_micro(wish.max_price)
        sold.phone_from = self.stage.now + self.stage.rng.uniform(0.2, 2.0) * self.nature.settle
        raise ProviderError("parse_error", "no number", activation_id=sold.id)

    def _later(self, wish: Wish, excused: str) -> None:
        if self.nature.honours_cap and self.trouble.price > to_micro(wish.max_price):
            return
        sold = self.sell(wish)
        sold.excused = sold.excused or excused

    def sell(self, wish: Wish) -> Sold:
        """Sell one number, charged from now on."""
        rng, now, nature = self.stage.rng, self.stage.now, self.nature
        serial = len(self.numbers) + 1
        sold = Sold(
            f"{nature.name}-{serial}",
            f"+44{nature.name.encode()[0]:03d}{serial:07d}",
            wish.country,
            wish.service,
            self.trouble.price if nature.tells_cost else to_micro(wish.max_price),
            now,
            now + nature.life,
            now + rng.uniform(0.0, nature.settle / 6),
            wish.reference,
            kept=rng.random() < self.trouble.keeps,
        )
        if sold.cost > to_micro(wish.max_price):
            sold.excused = "dearer than agreed"
        if sold.shown_from > wish.began + 0.8 * nature.settle:
            sold.excused = "shown after settle"
        self.numbers[sold.id] = self.listed[sold.id] = sold
        self.stage.at(sold.ends_at, lambda: self._end_of_life(sold))
        self.on_sale(self, sold)
        return sold

    def sell_to_others(self) -> None:
        """Somebody else buys with our key: listed as ours are, and never to be touched by us."""
        now, serial = self.stage.now, self.stage.counts["strangers"]
        self.stage.counts["strangers"] += 1
        identity = f"{self.nature.name}-other-{serial}"
        sold = Sold(
            *(identity, f"+44999{serial:07d}", "england", "others", self.nature.cost),
            *(now, now + self.nature.life, now, ""),
        )
        self.listed[identity] = sold
        self.stage.at(sold.ends_at, lambda: self._end_of_life(sold))

    def text(self, sold: Sold, code: str) -> bool:
        """An SMS for a number; False where it lives no more."""
        if sold.state != "waiting":
            return False
        sold.codes.append(code)
        self.stage.log(self.nature.name, "sms", sold.id)
        return True

    # --- what may be asked about a number ---------------------------------------------------

    def status(self, activation_id: str, about: About | None = None) -> StatusReport:
        """As ``ProviderClient.status``."""
        self._wait()
        if self.stage.rng.random() < self.trouble.status_fails:
            raise ProviderError("provider_error", "500")
        sold = self._known(activation_id)
        told = StatusReport(
            self._word(sold),
            sold.codes[-1] if sold.codes else None,
            None,
            None,
            tuple(Message(code, f"Your code is {code}", "Sender") for code in sold.codes),
        )
        self._dawdle(sold)
        return told

    def active(self) -> list[ActiveRow]:
        """As ``ProviderClient.active``; the first list after an outage is empty."""
        self._wait()
        now = self.stage.now
        if self.trouble.listing_down or self.trouble.cold:
            for sold in self._living():
                sold.hidden = True
            if self.trouble.listing_down:
                raise ProviderError("provider_error", "500")
            self.trouble.cold = False
            return []
        for sold in self._living():
            sold.shown = True
        for sold in [s for s in self.listed.values() if s.ended_at is not None]:
            if now - (sold.ended_at or 0.0) > LISTED_FOR:
                del self.listed[sold.id]
        rows = [self._row(sold) for sold in self.listed.values() if sold.shown_from <= now]
        self._wait()
        return rows

    def _living(self) -> list[Sold]:
        now = self.stage.now
        return [s for s in self.listed.values() if s.state == "waiting" and s.shown_from <= now]

    def statuses(self, activation_ids: list[str]) -> list[ActiveRow]:
        """As ``ProviderClient.statuses``."""
        self._wait()
        if self.stage.rng.random() < self.trouble.status_fails:
            raise ProviderError("provider_error", "500")
        return [self._row(self.numbers[id_]) for id_ in activation_ids if id_ in self.listed]

    def cancel(self, activation_id: str, about: About | None = None) -> Outcome:
        """As ``ProviderClient.cancel``; the effect and its answer may part ways."""
        self._wait()
        rng, sold = self.stage.rng, self._known(activation_id)
        if sold.kept or rng.random() < self.trouble.cancel_fails:
            raise ProviderError("provider_error", "500")
        if sold.state != "waiting":
            code = "activation_not_found" if self.nature.vague else "activation_closed"
            raise ProviderError(code, sold.state)
        if sold.codes:
            code = "invalid_transition" if self.nature.vague else "sms_already_received"
            raise ProviderError(code, "order has sms")
        if self.stage.now < sold.sold_at + self.nature.lock:
            wait = int(sold.sold_at + self.nature.lock - self.stage.now) + 1
            raise ProviderError("cancel_too_early", "too early", retry_after=wait)
        self._ended(sold, "cancelled")
        if rng.random() < self.trouble.cancel_lost:
            raise ProviderError("provider_unavailable", "no answer in time")
        self._wait()
        return Outcome("cancelled", None)

    ban = cancel

    def finish(self, activation_id: str, about: About | None = None) -> Outcome:
        """As ``ProviderClient.finish``."""
        self._wait()
        sold = self._known(activation_id)
        if sold.state != "waiting":
            raise ProviderError("activation_closed", sold.state)
        self._ended(sold, "finished")
        return Outcome("finished", None)

    def resend(self, activation_id: str, about: About | None = None) -> Outcome:
        """As ``ProviderClient.resend``: one more SMS comes."""
        self._wait()
        sold = self._known(activation_id)
        if sold.state != "waiting":
            raise ProviderError("activation_closed", sold.state)
        code = self.new_code()
        living = self._renew(sold) if self.nature.renews else sold
        self.stage.at(self.stage.now + 8.0, lambda: self.text(living, code) and None)
        if self.stage.rng.random() < self.trouble.resend_lost:
            raise ProviderError("provider_unavailable", "no answer in time")
        self._wait()
        return Outcome("retry", living.id if living is not sold else None)

    def _renew(self, sold: Sold) -> Sold:
        """The order goes on under another id, for nothing more; the old one is over, and paid."""
        self.stage.counts["renewed"] += 1
        living = replace(
            sold,
            id=f"{sold.id}+",
            former=sold.id,
            cost=0,
            sold_at=self.stage.now,
            shown_from=self.stage.now,
            codes=[],
        )
        self._ended(sold, "finished")
        self.numbers[living.id] = self.listed[living.id] = living
        self.stage.at(living.ends_at, lambda: self._end_of_life(living))
        return living

    def whole(self, upstream_id: str) -> list[Sold]:
        """An order under every id that it had, the newest first."""
        found = [self.numbers[upstream_id]]
        while found[-1].former:
            found.append(self.numbers[found[-1].former])
        return found

    def supports(self, operation: str) -> bool:
        """As ``ProviderClient.supports``."""
        return operation in self.nature.offers

    def new_code(self) -> str:
        """A code that no other message has."""
        self.stage.counts["codes"] += 1
        return f"{self.stage.counts['codes'] % 1_000_000:06d}"

    @asynccontextmanager
    async def reader(self) -> AsyncIterator[PlayedReader]:
        """The poller's view."""
        yield PlayedReader(self)

    # --- the rest ---------------------------------------------------------------------------

    def _mood(self) -> str:
        moods = self.trouble.moods
        return self.stage.rng.choices(list(moods), list(moods.values()))[0]

    def _wait(self) -> None:
        rng = self.stage.rng
        if rng.random() < self.trouble.slow:
            self.stage.sleep(rng.uniform(0.5, 30.0))

    def _dawdle(self, sold: Sold) -> None:
        """What was read near a number's end is often told when others have seen more."""
        rng = self.stage.rng
        if self.trouble.slow and sold.ends_at - self.stage.now < 15.0 and rng.random() < 0.3:
            self.stage.sleep(rng.uniform(11.0, 25.0))
        else:
            self._wait()

    def _known(self, activation_id: str) -> Sold:
        sold = self.numbers.get(activation_id)
        if sold is None:
            raise Broken(f"{activation_id} was not bought by us, and we act on it")
        gone = sold.ended_at is not None and self.stage.now - sold.ended_at > KNOWN_FOR
        if gone and not sold.paid:
            raise ProviderError("activation_not_found", "no such order")
        return sold

    def _word(self, sold: Sold) -> str:
        return "received" if sold.codes and sold.state == "waiting" else sold.state

    def _row(self, sold: Sold) -> ActiveRow:
        code = sold.codes[-1] if sold.codes else None
        return ActiveRow(
            sold.id,
            None if self.stage.now < sold.phone_from else sold.phone,
            self._word(sold),
            sold.service,
            sold.country,
            format_micro(sold.cost),
            _moment(sold.sold_at),
            code,
            f"Your code is {code}" if code else None,
        )

    def _bought(self, sold: Sold) -> Bought:
        nature = self.nature
        # Who does not tell the cost takes what was agreed.
        cost = format_micro(sold.cost) if nature.tells_cost else None
        ends = _moment(sold.ends_at) if nature.tells_end else None
        return Bought(sold.id, sold.phone, cost, nature.currency, "any", ends)

    def _end_of_life(self, sold: Sold) -> None:
        if sold.state == "waiting" and not (sold.kept and not sold.codes):
            self._ended(sold, "finished" if sold.codes else "expired")

    def _ended(self, sold: Sold, state: str) -> None:
        sold.state, sold.ended_at = state, self.stage.now
        self.stage.log(self.nature.name, state, sold.id)


class PlayedReader:
    """The poller's view of a carrier."""

    def __init__(self, carrier: PlayedCarrier) -> None:
        self._carrier = carrier

    def listing(self) -> Listing | None:
        """As ``AsyncProviderClient.listing``."""
        return self._carrier.nature.listing

    async def active(self) -> list[ActiveRow]:
        """As ``AsyncProviderClient.active``."""
        return self._carrier.active()

    async def statuses(self, activation_ids: list[str]) -> list[ActiveRow]:
        """As ``AsyncProviderClient.statuses``."""
        return self._carrier.statuses(activation_ids)

    async def status(self, activation_id: str, about: About | None = None) -> StatusReport:
        """As ``AsyncProviderClient.status``."""
        return self._carrier.status(activation_id)


def _moment(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)
