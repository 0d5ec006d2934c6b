"""The control API: what audits and testers read and do."""

from __future__ import annotations

from decimal import Decimal

import pytest


def test_no_key_no_control(live):
    for headers in ({}, {"X-Sandbox-Key": "wrong"}):
        reply = live.http.get(f"{live.url}/control/carriers", headers=headers)
        assert reply.status_code == 401


def test_carriers_declare_their_lifetimes(live):
    live.control("PUT", "/profile", json={"profile": "fast"})
    rows = live.control("GET", "/carriers").json()["carriers"]
    assert [row["name"] for row in rows] == ["fivesim", "sms_activate"]
    for row in rows:
        times = row["lifetimes"]
        assert set(times) == {
            "activation_seconds",
            "cancel_lock_seconds",
            "settle_seconds",
            "max_answer_seconds",
        }
        assert times["cancel_lock_seconds"] < times["activation_seconds"] <= 20
        assert times["max_answer_seconds"] < times["settle_seconds"]


def test_a_profile_rules_new_orders_only(live):
    old = live.buy().json()["id"]
    live.control("PUT", "/profile", json={"profile": "fast"})
    new = live.buy().json()["id"]
    orders = live.world.carriers["fivesim"].orders
    assert [orders[i].expires_at - orders[i].created_at for i in (old, new)] == [1200, 15]


def test_orders_tell_who_paid_what(live):
    before = live.orders("sms_activate")
    kept, _ = live.number()
    given_back, _ = live.number()
    live.clock.advance(121)
    live.sms(kept, "0042", "Hello 0042")
    live.handler("setStatus", id=given_back, status="8")
    after = live.orders("sms_activate")
    rows = {row["id"]: row for row in after["orders"]}
    assert (rows[kept]["state"], rows[kept]["refunded"]) == ("received", "0.00")
    assert rows[kept]["charged"] == rows[kept]["price"]
    assert rows[kept]["sms"][0]["text"] == "Hello 0042"
    assert (rows[given_back]["state"], Decimal(rows[given_back]["charged"])) == ("cancelled", 0)
    assert rows[given_back]["refunded"] == rows[given_back]["price"]
    assert rows[kept]["phone"].startswith("+7")
    assert after["buy_requests"]["sms_activate"] == before["buy_requests"]["sms_activate"] + 2


def test_buy_requests_count_the_unanswered_too(live):
    before = live.orders("fivesim")["buy_requests"]["fivesim"]
    live.fault("fivesim", "error500_before")
    live.buy()
    assert live.orders("fivesim")["buy_requests"]["fivesim"] == before + 1


def test_open_orders_alone(live):
    order_id, _ = live.number()
    rows = live.control("GET", "/orders?carrier=sms_activate&open=1").json()["orders"]
    assert [row["id"] for row in rows] == [order_id]


def test_sms_to_nobody_and_to_a_closed_order(live):
    assert live.control("POST", "/activations/12/sms", json={"code": "1"}).status_code == 404
    assert live.control("POST", "/activations/x/sms", json={"code": "1"}).status_code == 404
    order_id, _ = live.number()
    live.clock.advance(1300)
    late = live.control("POST", f"/activations/{order_id}/sms", json={"code": "1"})
    assert late.status_code == 409
    assert "expired" in late.json()["error"]


def test_balance_is_added(live):
    reply = live.control("POST", "/carriers/fivesim/balance", json={"amount": "12.345"})
    assert reply.json() == {"balance": "1012.345"}
    assert live.fivesim("/v1/user/profile").text.count('"balance":1012.345')


def test_stock_is_added_everywhere(live):
    before = live.handler("getPrices", service="tg", country="2").json()["2"]["tg"]["count"]
    live.control("POST", "/carriers/sms_activate/stock", json={"add": 500})
    after = live.handler("getPrices", service="tg", country="2").json()["2"]["tg"]["count"]
    assert after - before == 500


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "/profile", {"profile": "warp"}, 422),
        ("POST", "/reset", {"seed": "x"}, 422),
        ("POST", "/carriers/fivesim/balance", {"amount": "much"}, 422),
        ("POST", "/carriers/fivesim/stock", {"add": -1}, 422),
        ("POST", "/carriers/nobody/balance", {"amount": "1"}, 404),
        ("PATCH", "/carriers/fivesim", {"never_share": -1}, 422),
        ("PATCH", "/carriers/fivesim", {"sms_median_seconds": 0}, 422),
        ("PATCH", "/carriers/fivesim", {"colour": 1}, 422),
        ("POST", "/activations/1/sms", {"code": 1}, 422),
        ("POST", "/activations/1/sms", [], 422),
    ],
)
def test_nonsense_gets_a_sentence(live, method, path, body, status):
    reply = live.control(method, path, json=body)
    assert reply.status_code == status
    assert reply.json()["error"]


def test_reset_forgets_orders_but_never_repeats_an_id(live):
    old = int(live.number()[0])
    port = live.world.carriers["fivesim"].own_port
    shown = live.handler("getPrices", country="2").text
    live.fault("sms_activate", "no_stock")
    live.control("POST", "/reset", json={"seed": 8})
    assert live.orders("sms_activate")["orders"] == []
    assert live.handler("getPrices", country="2").text != shown
    live.control("POST", "/reset", json={"seed": 7})
    assert int(live.number()[0]) > old
    assert live.world.carriers["fivesim"].own_port == port
