"""Money, stock and time of an order, in both dialects."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal

import pytest

from nexnum_console.sandbox.carriers import Carrier
from nexnum_console.sandbox.clock import ManualClock
from nexnum_console.sandbox.phones import PhoneBook
from nexnum_console.sandbox.profiles import PROFILES
from nexnum_console.sandbox.trade import Refusal, Wish
from nexnum_console.sandbox.world import FIVESIM

WISH = Wish("GB", "fb")


@pytest.fixture(scope="module")
def shop():
    return Carrier(FIVESIM, 3, PROFILES["real"], ManualClock(), PhoneBook())


@pytest.fixture
def carrier(shop):
    shop.clock.advance(10_000)
    shop.advance()
    for offer in shop.catalogue.offers["GB", "fb"]:
        offer.stock = 100
    return shop


def stock(carrier):
    return sum(offer.stock for offer in carrier.catalogue.offers["GB", "fb"])


def unserved(carrier):
    while True:
        order = carrier.buy(WISH)
        if not order.pending:
            return order


def test_a_sale_charges_and_takes_from_stock(carrier):
    before = carrier.balance, stock(carrier)
    order = carrier.buy(WISH)
    assert carrier.balance == before[0] - order.price
    assert stock(carrier) == before[1] - 1
    assert order.price == min(o.price for o in carrier.catalogue.offers["GB", "fb"])


@pytest.mark.parametrize("end", ["cancel", "ban", "expire"])
def test_an_end_without_sms_refunds_once(carrier, end):
    order = unserved(carrier)
    money, phones = carrier.balance, stock(carrier)
    if end == "expire":
        carrier.clock.advance(1200)
        carrier.advance()
    else:
        carrier.clock.advance(120)
        getattr(carrier, end)(order.id)
    assert not order.open
    assert carrier.balance >= money + order.price
    assert stock(carrier) > phones
    money = carrier.balance
    with pytest.raises(Refusal):
        carrier.cancel(order.id)
    assert carrier.balance == money


def test_an_order_with_sms_is_paid_and_finishes_by_itself(carrier):
    order = unserved(carrier)
    carrier.inject(order.id, "0042", None)
    with pytest.raises(Refusal, match="has_sms"):
        carrier.cancel(order.id)
    carrier.clock.advance(1200)
    carrier.advance()
    assert (order.state, order.refunded) == ("finished", 0)
    assert order.last_code == "0042"


def test_sms_wins_when_it_comes_in_the_instant_of_expiry(carrier):
    order = carrier.buy(WISH)
    while not order.pending:
        order = carrier.buy(WISH)
    carrier.clock.advance(order.pending[0].at - carrier.clock.now())
    carrier.advance()
    assert order.state == "received"


def test_a_share_gets_no_sms_and_the_rest_soon(carrier):
    for offer in carrier.catalogue.offers["GB", "fb"]:
        offer.stock, offer.luck = 2000, 1.0
    orders = [carrier.buy(WISH) for _ in range(1000)]
    delays = sorted(o.pending[0].at - o.created_at for o in orders if o.pending)
    assert 1 - len(delays) / 1000 == pytest.approx(0.12, abs=0.04)
    assert delays[len(delays) // 2] == pytest.approx(12, rel=0.25)


def test_no_number_is_out_twice_at_a_time(carrier):
    orders = [carrier.buy(WISH) for _ in range(80)]
    assert len({order.phone for order in orders}) == 80


def test_an_empty_account_buys_nothing(carrier):
    money, carrier.balance = carrier.balance, 1
    phones = stock(carrier)
    with pytest.raises(Refusal, match="no_balance"):
        carrier.buy(WISH)
    assert (carrier.balance, stock(carrier)) == (1, phones)
    carrier.balance = money


def test_the_cap_holds_to_the_micro_unit(carrier):
    price = min(offer.price for offer in carrier.catalogue.offers["GB", "fb"])
    with pytest.raises(Refusal, match="price_above"):
        carrier.buy(Wish("GB", "fb", max_price=price - 1))
    assert carrier.buy(Wish("GB", "fb", max_price=price)).price == price


def test_parallel_buyers_get_one_number_each(live):
    for offer in live.world.carriers["sms_activate"].catalogue.offers["KZ", "tg"]:
        offer.stock = 20
    query = {"service": "tg", "country": "2"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: live.handler("getNumber", **query).text, range(30)))
    sold = [answer for answer in answers if answer.startswith("ACCESS_NUMBER:")]
    assert len(sold) == len(set(sold)) == 20
    assert answers.count("NO_NUMBERS") == 10


def test_second_code_after_asking_again(live):
    live.control("PATCH", "/carriers/sms_activate", json={"never_share": 0})
    order_id, _ = live.number()
    live.clock.advance(300)
    first = live.handler("getStatus", id=order_id).text.removeprefix("STATUS_OK:")
    assert live.handler("setStatus", id=order_id, status="3").text == "ACCESS_RETRY_GET"
    assert live.handler("getStatus", id=order_id).text == f"STATUS_WAIT_RETRY:{first}"
    live.clock.advance(300)
    assert live.handler("getStatus", id=order_id).text.startswith("STATUS_OK:")
    assert len(live.world.carriers["sms_activate"].orders[int(order_id)].sms) == 2


def test_a_carrier_that_never_delivers_has_no_lucky_offers(live):
    live.control("PATCH", "/carriers/sms_activate", json={"never_share": 1})
    carrier = live.world.carriers["sms_activate"]
    assert {carrier.never_share(luck) for luck in (0.1, 0.5, 1.0, 2.0)} == {1.0}
    live.control("PATCH", "/carriers/sms_activate", json={"never_share": 0.5})
    assert carrier.never_share(0.5) == 0.25


def test_repeated_cancel_and_finish_stay_true(live):
    cancelled, _ = live.number()
    served, _ = live.number()
    live.clock.advance(121)
    live.sms(served)
    for _ in range(2):
        assert live.handler("setStatus", id=cancelled, status="8").text == "ACCESS_CANCEL"
        assert live.handler("setStatus", id=served, status="6").text == "ACCESS_ACTIVATION"
    assert live.handler("setStatus", id=served, status="8").text == "NO_ACTIVATION"


def test_active_list_pages_newest_first(live):
    ids = [live.number()[0] for _ in range(5)]

    def page(**query):
        rows = live.handler("getActiveActivations", **query).json()["activeActivations"]
        return [row["activationId"] for row in rows]

    assert page() == ids[::-1]
    assert page(start="1", limit="2") == [ids[3], ids[2]]


def test_order_history_pages_with_its_total(live):
    ids = [live.buy().json()["id"] for _ in range(3)]
    newest = live.fivesim("/v1/user/orders", category="activation", limit="2").json()
    assert [row["id"] for row in newest["Data"]] == [ids[2], ids[1]]
    assert newest["Total"] >= 3
    rest = live.fivesim("/v1/user/orders", category="activation", limit="1", offset="2").json()
    assert rest["Data"][0]["id"] == ids[0]


def test_listed_times_are_those_of_moscow(live):
    order_id, _ = live.number()
    (row,) = live.handler("getActiveActivations").json()["activeActivations"]
    shown = datetime.strptime(f"{row['activationTime']} +0300", "%Y-%m-%d %H:%M:%S %z")
    made = live.world.carriers["sms_activate"].orders[int(order_id)].created_at
    assert 0 <= made - shown.timestamp() < 1


def test_version_two_buys_once_per_order_id(live):
    first = live.handler("getNumberV2", service="tg", country="2", orderId="ord-1").json()
    assert first["countryCode"] == "2"
    assert isinstance(first["activationId"], int)
    again = live.handler("getNumberV2", service="tg", country="2", orderId="ord-1")
    assert again.text == "ORDER_ALREADY_EXISTS"


def test_post_with_query_or_form_is_understood(live):
    assert live.handler("getBalance", method="POST").text == "ACCESS_BALANCE:1000.00"
    url = f"{live.url}/sms_activate/stubs/handler_api.php"
    form = {"api_key": "carrier-key", "action": "getBalance"}
    assert live.http.post(url, data=form).text == "ACCESS_BALANCE:1000.00"


def test_balance_on_the_wire_is_exact(live):
    before = Decimal(live.handler("getBalance").text.removeprefix("ACCESS_BALANCE:"))
    row = live.handler("getNumberV2", service="tg", country="2").text
    price = Decimal(row.split('"activationCost":')[1].split(",")[0])
    after = Decimal(live.handler("getBalance").text.removeprefix("ACCESS_BALANCE:"))
    assert before - after == price


@pytest.mark.parametrize("path", ["/v1/user/profile", "/v1/user/orders", "/v1/user/check/1"])
def test_a_wrong_key_opens_nothing(live, path):
    reply = live.fivesim(path, key="wrong")
    assert (reply.status_code, reply.content) == (401, b"")


def test_paths_outside_the_routes_are_sent_to_a_page(live):
    assert live.fivesim("/v1/user/check/abc").status_code == 302
    assert live.fivesim("/v1/nothing").status_code == 302


def served(carrier):
    while True:
        order = carrier.buy(WISH)
        if not order.pending:
            continue
        carrier.clock.advance(300)
        carrier.advance()
        if order.sms and order.open:
            return carrier.finish(order.id)


def test_a_finished_number_is_sold_again_while_nobody_holds_it(carrier):
    former = served(carrier)
    before = carrier.balance
    again = carrier.reuse(former.id)
    assert (again.phone, again.service, again.country) == (former.phone, "fb", "GB")
    assert again.id != former.id
    assert carrier.balance == before - again.price
    with pytest.raises(Refusal, match="number_away"):
        carrier.reuse(former.id)
    assert carrier.last_order(former.phone, "fb") == again.id
    with pytest.raises(Refusal, match="not_reusable"):
        carrier.reuse(again.id)
    with pytest.raises(Refusal, match="not_reusable"):
        carrier.last_order("+440000000", "fb")
