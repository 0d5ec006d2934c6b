"""What providers push over HTTP: the secret address, the proof, the message kept once."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from nexnum_console.bootstrap import Services
from nexnum_console.reports.inbound import InboundLine, inbound_deliveries
from tests.activations.test_lifecycle import poll
from tests.activations.world import World, build
from tests.api.people import another, played, sign_in
from tests.api.pushing import SECRET
from tests.api.test_numbers import buy, deposit


@pytest.fixture
def world(services: Services) -> World:
    return build(services.database, lock=30, funds=0)


@pytest.fixture
def store(services: Services, world: World, address: str):
    with another(played(services, world)) as client:
        sign_in(client, services, "ada@example.org")
        deposit(client, "10.00")
        yield client


def push(
    client: TestClient, address: str, secret: str = SECRET, sender: str = "", **event: Any
) -> httpx.Response:
    body = json.dumps({"type": "new", **event}).encode()
    proof = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    place = f"{address}/{sender}" if sender else address
    headers = {"X-Sig": proof, "Content-Type": "text/plain"}
    return client.post(place, content=body, headers=headers)


def bought(store: TestClient) -> dict[str, Any]:
    answer = buy(store)
    assert answer.status_code == 201, answer.text
    return answer.json()


def messages(store: TestClient, number: int) -> list[dict[str, Any]]:
    return store.get(f"/api/numbers/{number}").json()["messages"]


SMS = {"code": "012345", "text": "Your code is 012345", "from": "Sender"}


def confirmed(world: World, order: dict[str, Any], *codes: str) -> None:
    """The carrier's status shows these codes, and is asked for."""
    upstream = str(world.row(order["id"])["upstream_id"])
    world.carrier().numbers[upstream].codes += codes
    poll(world)


def pushed(world: World) -> list[InboundLine]:
    with world.desk.database.transaction() as unit:
        return inbound_deliveries(unit, "alpha")


def test_an_sms_arrives_once(store: TestClient, world: World, address: str) -> None:
    order = bought(store)
    upstream = world.row(order["id"])["upstream_id"]
    for _ in range(2):
        answer = push(store, address, order=upstream, **SMS)
        assert (answer.status_code, answer.json()) == (200, {"got": True})
    assert messages(store, order["id"]) == []
    confirmed(world, order, "012345")
    (message,) = messages(store, order["id"])
    assert (message["code"], message["sender"]) == ("012345", "Sender")
    assert world.row(order["id"])["state"] == "received"
    (line,) = pushed(world)
    assert (line.word, line.times, line.verified) == ("Applied", "2 times", "hmac")
    assert line.href == f"/console/activations/{order['id']}"


def test_what_a_status_call_shows_too_is_no_second_message(
    store: TestClient, world: World, address: str
) -> None:
    order = bought(store)
    confirmed(world, order, "012345")
    push(store, address, order=world.row(order["id"])["upstream_id"], code="012345")
    push(store, address, order=world.row(order["id"])["upstream_id"], **SMS)
    assert len(messages(store, order["id"])) == 1
    assert [line.word for line in pushed(world)] == ["Known already"] * 2


def test_without_an_order_id_the_number_tells(
    store: TestClient, world: World, address: str
) -> None:
    order = bought(store)
    assert push(store, address, to=order["number"], **SMS).status_code == 200
    confirmed(world, order, "012345")
    assert len(messages(store, order["id"])) == 1
    assert [line.word for line in pushed(world)] == ["Applied"]


@pytest.mark.parametrize(
    "event",
    [{"order": "nobody-has-it", **SMS}, {"type": "hello"}, {"type": "new"}, {"to": "+15550000000"}],
)
def test_what_matches_nothing_is_answered_like_any_other(
    store: TestClient, address: str, event: dict
) -> None:
    order = bought(store)
    answer = push(store, address, **event)
    assert (answer.status_code, answer.json()) == (200, {"got": True})
    assert messages(store, order["id"]) == []


def test_a_forged_one_is_refused_and_does_not_hold_up_the_true_one(
    store: TestClient, world: World, address: str
) -> None:
    order = bought(store)
    upstream = world.row(order["id"])["upstream_id"]
    for _ in range(3):
        answer = push(store, address, secret="guess", order=upstream, **SMS)
        assert answer.status_code == 403
        assert SECRET not in answer.text
    poll(world)
    assert messages(store, order["id"]) == []
    (line,) = pushed(world)
    assert (line.word, line.why, line.times) == (
        "Refused",
        "the signature does not fit the body",
        "3 times",
    )
    assert push(store, address, order=upstream, **SMS).status_code == 200
    confirmed(world, order, "012345")
    assert [line.word for line in pushed(world)] == ["Applied", "Refused"]


def test_no_secret_is_kept_of_what_came(store: TestClient, world: World, address: str) -> None:
    push(store, address, order="1", text=f"the key is {SECRET}\x00\ud800", code="1")
    push(store, address, secret="guess", text=SECRET)
    kept = pushed(world)
    assert len(kept) == 2
    assert all(SECRET not in line.body and "•••" in line.body for line in kept)
    with world.desk.database.transaction() as unit:
        told = unit.all("select event::text from inbound_delivery where event is not null")
    assert all("\\u0000" not in row["event"] for row in told)


def test_the_address_is_the_account_s_own(store: TestClient, address: str) -> None:
    root, token = address.rsplit("/", 1)
    provider = root.rsplit("/", 1)[1]
    other = "y" if token.startswith("x") else "x"
    for wrong in (f"{root}/{other}{token[1:]}", f"/api/webhooks/other/{token}", f"{root}/"):
        assert push(store, wrong, **SMS).status_code in {404, 405}
    assert provider in address
    assert len(token) == 32


def test_a_sender_of_its_own_may_need_no_proof_but_is_never_believed_alone(
    store: TestClient, world: World, address: str
) -> None:
    order = bought(store)
    upstream = world.row(order["id"])["upstream_id"]
    answer = push(store, address, secret="guess", sender="open", order=upstream, **SMS)
    assert (answer.status_code, answer.text) == (200, "")
    poll(world)
    assert messages(store, order["id"]) == []
    assert [(line.word, line.verified) for line in pushed(world)] == [
        ("Being confirmed", "address")
    ]
    confirmed(world, order, "012345")
    assert len(messages(store, order["id"])) == 1


def test_one_event_under_two_addresses_is_one(
    store: TestClient, world: World, address: str
) -> None:
    order = bought(store)
    upstream = world.row(order["id"])["upstream_id"]
    for sender in ("", "made-up", "another"):
        assert push(store, address, sender=sender, order=upstream, **SMS).status_code == 200
    assert [line.times for line in pushed(world)] == ["3 times"]


def test_what_cannot_be_read_is_kept_with_its_reason(
    store: TestClient, world: World, address: str
) -> None:
    body = b"<html>\x00"
    proof = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert store.post(address, content=body, headers={"X-Sig": proof}).status_code == 200
    (line,) = pushed(world)
    assert (line.word, line.body) == ("Refused", "<html>\ufffd")
    assert line.why.startswith("not understood: ")


def test_junk_is_answered_and_kept_nowhere(store: TestClient, address: str) -> None:
    body = b"\xff\xfe junk"
    proof = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    answer = store.post(address, content=body, headers={"X-Sig": proof})
    assert answer.status_code == 200
    big = store.post(address, content=b"x" * 70_000, headers={"X-Sig": proof})
    assert big.status_code == 413
