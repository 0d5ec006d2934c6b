"""Each fault as a raw client meets it on the socket, and what the carrier did meanwhile."""

from __future__ import annotations

import socket
import time

import httpx
import pytest

from nexnum_console.sandbox.faults import FAULTS, FaultBook, UnknownFault, canonical

from .conftest import CARRIER_KEY

BUY = "/fivesim/v1/user/buy/activation/england/any/facebook"


def raw(live, path=BUY, port=None, seconds=5.0):
    """All bytes the server sends to one GET before it closes; None when it refuses TCP."""
    try:
        wire = socket.create_connection(("127.0.0.1", port or live.server.port), timeout=seconds)
    except ConnectionRefusedError:
        return None
    with wire:
        head = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {CARRIER_KEY}\r\n"
        wire.sendall(f"{head}Connection: close\r\n\r\n".encode())
        received = b""
        try:
            while piece := wire.recv(4096):
                received += piece
        except ConnectionResetError:
            pass
        return received


def sold(live, carrier="fivesim"):
    return len(live.world.carriers[carrier].orders)


def split(answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")
    return int(lines[0].split()[1]), dict(line.split(": ", 1) for line in lines[1:]), body


def struck(live, fault, **options):
    """The answer to one buy under a fault, and how many orders it made."""
    live.fault("fivesim", fault, **options)
    before = sold(live)
    answer = raw(live)
    return answer, sold(live) - before


def test_no_fault_sells_once_and_answers(live):
    before = sold(live)
    status, headers, body = split(raw(live))
    assert (status, sold(live) - before) == (200, 1)
    assert int(headers["content-length"]) == len(body)


@pytest.mark.parametrize(
    ("fault", "orders"),
    [("refuse", 0), ("timeout_before", 0), ("timeout_after", 1)],
)
def test_silence_closes_without_a_byte(live, fault, orders):
    assert struck(live, fault) == (b"", orders)


def test_timeouts_last_until_the_carrier_hangs_up(live):
    live.fault("fivesim", "timeout_before")
    began = time.monotonic()
    raw(live)
    assert time.monotonic() - began >= 0.25


def test_a_client_that_gives_up_first_has_still_bought(live):
    live.control("PATCH", "/carriers/fivesim", json={"hang_seconds": 60})
    live.fault("fivesim", "timeout_after")
    before = sold(live)
    with pytest.raises(TimeoutError):
        raw(live, seconds=0.3)
    assert sold(live) - before == 1


def test_refuse_closes_the_carriers_own_port(live):
    port = live.world.carriers["fivesim"].own_port
    assert split(raw(live, port=port))[0] == 200
    live.fault("fivesim", "refuse")
    assert raw(live, port=port) is None
    live.control("DELETE", "/carriers/fivesim/faults/refuse")
    assert split(raw(live, port=port))[0] == 200


def test_refuse_ends_kept_alive_connections_too(live):
    port = live.world.carriers["fivesim"].own_port
    with httpx.Client(trust_env=False, base_url=f"http://127.0.0.1:{port}") as client:
        assert client.get("/fivesim/v1/guest/products/england/any").status_code == 200
        live.fault("fivesim", "refuse")
        # What is cut while it is in use may show as a reset; then there is nobody to connect to.
        for refusal in (httpx.NetworkError, httpx.ConnectError):
            with pytest.raises(refusal):
                client.get("/fivesim/v1/guest/products/england/any")


def test_refuse_at_a_rate_swings_the_own_port(live):
    port = live.world.carriers["fivesim"].own_port
    seen = set()
    for _ in range(60):
        live.fault("fivesim", "refuse", rate=0.5)
        seen.add(raw(live, path="/fivesim/v1/guest/nothing", port=port) is None)
    assert seen == {True, False}


@pytest.mark.parametrize(("fault", "orders"), [("error500_before", 0), ("error500_after", 1)])
def test_error_500(live, fault, orders):
    answer, made = struck(live, fault)
    assert (split(answer)[0], made) == (500, orders)


@pytest.mark.parametrize(("moment", "orders"), [("before", 0), ("after", 1)])
def test_html_page_with_status_200(live, moment, orders):
    answer, made = struck(live, "html", moment=moment)
    status, headers, body = split(answer)
    assert (status, made) == (200, orders)
    assert headers["content-type"].startswith("text/html")
    assert body.startswith(b"<!DOCTYPE html>")


def test_truncated_with_a_fitting_length(live):
    answer, made = struck(live, "truncated", form="short")
    _, headers, body = split(answer)
    assert made == 1
    assert int(headers["content-length"]) == len(body)
    assert body.startswith(b'{"id":')
    assert not body.endswith(b"}")


def test_truncated_by_a_close(live):
    answer, made = struck(live, "truncated", form="cut")
    _, headers, body = split(answer)
    assert made == 1
    assert int(headers["content-length"]) // 2 == len(body)


def test_rate_limit_says_when_to_come_back(live):
    answer, made = struck(live, "rate429", retry_after=7)
    status, headers, _ = split(answer)
    assert (status, headers["retry-after"], made) == (429, "7", 0)


def test_slow_drip_comes_byte_by_byte_and_whole(live):
    live.control("PATCH", "/carriers/fivesim", json={"hang_seconds": 60})
    began = time.monotonic()
    answer, made = struck(live, "slow_drip", seconds_per_byte=0.002)
    _, headers, body = split(answer)
    assert made == 1
    assert len(body) == int(headers["content-length"])
    assert time.monotonic() - began > 0.002 * (len(body) - 1)


def test_slow_drip_stops_after_hang_seconds(live):
    answer, _ = struck(live, "slow_drip", seconds_per_byte=0.1)
    _, headers, body = split(answer)
    assert 1 <= len(body) < int(headers["content-length"])


def test_price_jump_is_stopped_by_the_cap_and_charged_without(live):
    shown = live.fivesim("/v1/guest/prices", country="england", product="facebook").json()
    before = min(row["cost"] for row in shown["england"]["facebook"].values() if row["count"])
    live.fault("fivesim", "price_jump")
    assert live.buy(maxPrice=before).text == "no free phones"
    assert live.buy().json()["price"] == pytest.approx(before * 1.5, abs=0.0001)
    live.control("DELETE", "/carriers/fivesim/faults/price-jump")
    assert live.buy(maxPrice=before).json()["price"] == before


def test_late_sms_comes_around_expiry(live):
    live.fault("fivesim", "late_sms")
    seen = set()
    for _ in range(30):
        order = live.world.carriers["fivesim"].orders[live.buy().json()["id"]]
        (sms,) = order.pending
        age = (sms.at - order.created_at) / (order.expires_at - order.created_at)
        assert 0.9 <= age <= 1.2
        seen.add(age > 1)
    assert seen == {True, False}


def test_sms_after_expiry_is_kept_and_the_refund_stands(live):
    live.fault("fivesim", "late_sms")
    while True:
        order = live.world.carriers["fivesim"].orders[live.buy().json()["id"]]
        if order.pending[0].at > order.expires_at:
            break
    live.clock.advance(1201)
    assert live.fivesim(f"/v1/user/check/{order.id}").json()["status"] == "TIMEOUT"
    live.clock.advance(300)
    late = live.fivesim(f"/v1/user/check/{order.id}").json()
    assert (late["status"], len(late["sms"]), order.refunded) == ("TIMEOUT", 1, order.price)


def test_double_sms_repeats_or_renews(live):
    live.control("PATCH", "/carriers/fivesim", json={"never_share": 0})
    live.fault("fivesim", "double_sms")
    seen = set()
    for _ in range(30):
        first, second = live.world.carriers["fivesim"].orders[live.buy().json()["id"]].pending
        seen.add(first.code == second.code)
    assert seen == {True, False}


def test_early_cancel_denied_whatever_the_time(live):
    order_id, _ = live.number()
    live.clock.advance(600)
    live.fault("sms_activate", "early-cancel-denied")
    denied = live.handler("setStatus", id=order_id, status="8")
    assert denied.text == "EARLY_CANCEL_DENIED"


def test_a_broken_sale_is_marked_for_audits(live):
    live.fault("fivesim", "error500_after")
    live.buy()
    assert live.orders("fivesim")["orders"][-1]["answer_fault"] == "error500_after"


def test_operations_confine_a_fault(live):
    order = live.buy().json()
    live.fault("fivesim", "error500_before", operations=["status"])
    assert live.buy().status_code == 200
    assert live.fivesim(f"/v1/user/check/{order['id']}").status_code == 500


def test_rate_is_kept_and_seeded():
    def hits():
        book = FaultBook("seed")
        book.set("no_stock", {"rate": 0.3})
        return [book.strikes("no_stock", "buy") is not None for _ in range(2000)]

    assert hits() == hits()
    assert sum(hits()) == pytest.approx(600, abs=60)


@pytest.mark.parametrize(
    ("fault", "body"),
    [
        ("no_such", {}),
        ("no_stock", {"rate": 1.5}),
        ("no_stock", {"rate": True}),
        ("no_stock", {"operations": ["status"]}),
        ("no_stock", {"operations": []}),
        ("html", {"moment": "later"}),
        ("html", {"colour": "red"}),
        ("rate429", {"retry_after": "7"}),
    ],
)
def test_nonsense_is_refused_with_a_sentence(live, fault, body):
    reply = live.control("PUT", f"/carriers/fivesim/faults/{fault}", json=body)
    assert reply.status_code == 422
    assert reply.json()["error"]
    with pytest.raises(UnknownFault):
        FaultBook("seed").set(fault, body)


def test_usual_spellings_are_understood():
    assert canonical("late-SMS") == "late_sms"
    assert canonical("429") == "rate429"
    assert {canonical(fault) for fault in FAULTS} == set(FAULTS)
