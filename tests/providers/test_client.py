"""Typed calls: what is sent, what comes back, and lists over several pages."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from nexnum_console.providers.client import Bought, OfferRow, Outcome, ProviderClient
from nexnum_console.providers.compile import CompiledProvider
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.transport import Transport
from tests.support.wire import Wire, http, says

NOW = datetime(2026, 1, 2, tzinfo=UTC)
MakeWire = Callable[..., Wire]


MakeClient = Callable[[CompiledProvider, Wire], ProviderClient]


@pytest.fixture
def client() -> Iterator[MakeClient]:
    with ExitStack() as stack:

        def make(compiled: CompiledProvider, carrier: Wire) -> ProviderClient:
            transport = stack.enter_context(Transport(carrier.policy))
            return ProviderClient(compiled, "K", transport, carrier.url, lambda: NOW)

        yield make


def asked(carrier: Wire, index: int = -1) -> tuple[str, dict[str, list[str]]]:
    parts = urlsplit(carrier.requests[index].split(b" ")[1].decode())
    return parts.path, parse_qs(parts.query)


ORDER = {
    "id": 11631253,
    "phone": "+447350690992",
    "operator": "vodafone",
    "product": "facebook",
    "price": 21,
    "status": "PENDING",
    "expires": "2018-10-13T08:28:38.809469028Z",
    "sms": None,
    "created_at": "2018-10-13T08:13:38.809469028Z",
    "country": "england",
}


def test_buying_from_fivesim(fivesim: CompiledProvider, wire: MakeWire, client: MakeClient) -> None:
    carrier = wire(says(json.dumps(ORDER)))
    bought = client(fivesim, carrier).buy("england", "facebook", "any", "21.5")
    assert bought == Bought(
        "11631253",
        "+447350690992",
        "21",
        "USD",
        "vodafone",
        datetime(2018, 10, 13, 8, 28, 38, 809469, UTC),
    )
    assert asked(carrier) == (
        "/v1/user/buy/activation/england/any/facebook",
        {"maxPrice": ["21.5"]},
    )
    assert b"authorization: bearer k" in carrier.requests[0].lower()


def test_buying_from_handler_api(
    handler_api: CompiledProvider, wire: MakeWire, client: MakeClient
) -> None:
    carrier = wire(says("ACCESS_NUMBER:5:79584123456"))
    bought = client(handler_api, carrier).buy("2", "tg", "any", "0.30")
    assert (bought.activation_id, bought.cost, bought.expires_at) == ("5", None, None)
    path, query = asked(carrier)
    assert path == "/stubs/handler_api.php"
    assert query == {
        "api_key": ["K"],
        "action": ["getNumber"],
        "service": ["tg"],
        "country": ["2"],
        "maxPrice": ["0.30"],
    }


def test_values_cannot_leave_their_segment(
    fivesim: CompiledProvider, wire: MakeWire, client: MakeClient
) -> None:
    carrier = wire(says("bad country", 400))
    for country in ("../../x", "a/b", "..", "a?b=c#d", "http://evil"):
        with pytest.raises(ProviderError, match="bad country"):
            client(fivesim, carrier).buy(country, "tg")
        path, _ = asked(carrier)
        assert path.startswith("/v1/user/buy/activation/")
        assert path.count("/") == 7
        assert "/../" not in path


def test_what_is_missing_is_said_before_sending(
    fivesim: CompiledProvider, wire: MakeWire, client: MakeClient
) -> None:
    carrier = wire(says("x"))
    with pytest.raises(ProviderError, match="needs country") as caught:
        client(fivesim, carrier).buy("", "tg")
    assert not caught.value.sent
    with pytest.raises(ProviderError, match="no operation") as caught:
        client(fivesim, carrier).resend("1")
    assert caught.value.declined
    assert carrier.requests == []


def test_prices_status_and_changes(
    fivesim: CompiledProvider, wire: MakeWire, client: MakeClient
) -> None:
    carrier = wire(says('{"england":{"tg":{"a":{"cost":0.10,"count":3}}}}'))
    assert client(fivesim, carrier).prices("england") == [OfferRow("england", "tg", "a", "0.10", 3)]
    assert asked(carrier)[1] == {"country": ["england"]}
    assert b"authorization" not in carrier.requests[0].lower()
    sms = [{"code": "1", "text": "a", "sender": "s"}, {"code": "02", "text": "b", "sender": "s"}]
    carrier.answer = says(json.dumps(ORDER | {"status": "RECEIVED", "sms": sms}))
    report = client(fivesim, carrier).status("11631253")
    assert (report.state, report.code, report.text, len(report.messages)) == (
        "received",
        "02",
        "b",
        2,
    )
    carrier.answer = says(json.dumps(ORDER | {"status": "CANCELED"}))
    assert client(fivesim, carrier).cancel("11631253") == Outcome("cancelled", None)


def paged(
    rows: list[dict], cap: int = 100, total: bool = True, ignores_offset: bool = False
) -> Callable:
    def answer(connection: socket.socket, carrier: Wire) -> None:
        query = asked(carrier)[1]
        offset = 0 if ignores_offset else int(query["offset"][0])
        page = rows[offset : offset + min(cap, int(query["limit"][0]))]
        body = {"Data": page} | ({"Total": len(rows)} if total else {})
        connection.sendall(http(json.dumps(body)))

    return answer


def orders(count: int, created: str = "2026-01-01T23:30:00Z") -> list[dict]:
    return [ORDER | {"id": 1000 - n, "created_at": created} for n in range(count)]


@pytest.mark.parametrize(
    ("count", "cap", "calls"), [(0, 100, 1), (1, 100, 1), (100, 100, 1), (250, 100, 3), (40, 15, 3)]
)
def test_every_page_is_read(
    fivesim: CompiledProvider, wire: MakeWire, client: MakeClient, count: int, cap: int, calls: int
) -> None:
    carrier = wire(paged(orders(count), cap))
    assert len(client(fivesim, carrier).active()) == count
    assert len(carrier.requests) == calls


def test_old_orders_end_the_list_only_when_it_is_newest_first(
    fivesim: CompiledProvider, wire: MakeWire, client: MakeClient
) -> None:
    fresh, old = (
        orders(100),
        [row | {"id": row["id"] - 500} for row in orders(100, "2025-01-01T00:00:00Z")],
    )
    carrier = wire(paged([*fresh, *old, *[row | {"id": row["id"] - 700} for row in old]]))
    assert len(client(fivesim, carrier).active()) == 200
    assert len(carrier.requests) == 2
    carrier = wire(paged([*old, *fresh]))
    found = client(fivesim, carrier).active()
    assert {row.activation_id for row in found} >= {str(row["id"]) for row in old}


def test_a_list_that_repeats_itself_is_not_called_complete(
    fivesim: CompiledProvider, wire: MakeWire, client: MakeClient
) -> None:
    carrier = wire(paged(orders(200), ignores_offset=True))
    with pytest.raises(ProviderError, match="repeats a page"):
        client(fivesim, carrier).active()


def test_active_of_handler_api(
    handler_api: CompiledProvider, wire: MakeWire, client: MakeClient
) -> None:
    row = {
        "activationId": "635468021",
        "serviceCode": "vk",
        "phoneNumber": "79584123451",
        "activationCost": 12.50,
        "activationStatus": "8",
        "activationTime": "2022-06-01 16:59:16",
        "countryCode": "2",
    }
    carrier = wire(says(json.dumps({"status": "success", "activeActivations": [row]})))
    (found,) = client(handler_api, carrier).active()
    assert (found.activation_id, found.state, found.cost) == ("635468021", "cancelled", "12.5")
    assert found.created_at == datetime(2022, 6, 1, 13, 59, 16, tzinfo=UTC)
    carrier.answer = says("NO_ACTIVATIONS")
    assert client(handler_api, carrier).active() == []


def test_a_listed_order_is_received_only_with_its_sms(
    fivesim: CompiledProvider, wire: MakeWire, client: MakeClient
) -> None:
    sms = [{"code": "", "text": "Your code is 0042", "sender": "X"}]
    rows = [
        ORDER | {"status": "RECEIVED", "id": 1},
        ORDER | {"status": "RECEIVED", "id": 2, "sms": sms},
    ]
    carrier = wire(says(json.dumps({"Data": rows, "Total": 2})))
    found = client(fivesim, carrier).active()
    assert [(row.state, row.code) for row in found] == [("waiting", None), ("received", "0042")]
