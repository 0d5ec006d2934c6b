"""A draft's share of the calls offers all that a client offers; what never left is told as such."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from inspect import getmembers, isfunction, signature
from typing import Any

import pytest

from nexnum_console.core.egress import EgressPolicy
from nexnum_console.providers.client import AsyncProviderClient, ProviderClient
from nexnum_console.providers.compile import compile_config
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.loading import load_config
from nexnum_console.providers.results import Bought
from nexnum_console.providers.split import SplitClient, SplitReader
from nexnum_console.providers.transport import Transport
from tests.support.wire import Answer, Wire, says

SELLER = {
    "name": "acme",
    "baseUrl": "https://api.acme.example/v1",
    "endpoints": {
        "reuse": {"path": "/again/{id}"},
        "buy": {"path": "/buy/{country}/{service}"},
    },
    "mappings": {
        name: {"type": "json_object", "fields": {"activation_id": "id", "phone": "phone"}}
        for name in ("reuse", "buy")
    },
}  # fmt: skip
SOLD = '{"id": "77", "phone": "+447700900077"}'
ABOUT = {"phone": "+447700900077"}

Make = Callable[[str], ProviderClient]


def client(wire: Wire, transport: Transport, version: str) -> ProviderClient:
    config = json.dumps(SELLER).replace("/again", f"/{version}/again")
    compiled = compile_config(load_config(config, "acme"))
    return ProviderClient(compiled, "", transport, wire.url)


@pytest.fixture
def seller(wire: Callable[[Answer], Wire]) -> Wire:
    return wire(says(SOLD))


@pytest.fixture
def make(seller: Wire) -> Iterator[Make]:
    with Transport(seller.policy) as transport:
        yield lambda version: client(seller, transport, version)


def of_its_own(cls: type) -> set[str]:
    return {name for name in vars(cls) if not name.startswith("__")}


@pytest.mark.parametrize(
    ("split", "whole"), [(SplitClient, ProviderClient), (SplitReader, AsyncProviderClient)]
)
def test_every_call_of_a_client_goes_to_one_of_the_two_versions(split: type, whole: type) -> None:
    """What it inherits uses nothing of a client that a split one is without."""
    lacking = {"_talk", "_entry", "_now"}
    inherited = {
        name: method
        for name, method in getmembers(whole, isfunction)
        if not name.startswith("__") and name not in of_its_own(split)
    }
    told = {name: lacking & _names(method) for name, method in inherited.items()}
    assert {name: names for name, names in told.items() if names} == {}


def _names(method: Any) -> set[str]:
    while hasattr(method, "__wrapped__"):
        method = method.__wrapped__
    return set(method.__code__.co_names)


def test_both_offer_the_same_with_the_same_arguments() -> None:
    for name, method in getmembers(ProviderClient, isfunction):
        if not name.startswith("_"):
            assert signature(getattr(SplitClient, name)) == signature(method), name


@pytest.mark.parametrize("draft", [True, False])
def test_the_same_number_again_is_asked_for_once_by_one_version(
    make: Make, seller: Wire, draft: bool
) -> None:
    split = SplitClient(make("old"), make("new"), lambda variables: draft)
    bought = split.reuse("76", ABOUT, max_price="0.10", reference="nexnum-1")
    assert (bought.activation_id, bought.phone) == ("77", "+447700900077")
    (asked,) = seller.requests
    assert (b"/new/again/76" if draft else b"/old/again/76") in asked


def spends(of: ProviderClient) -> list[Callable[[], Bought]]:
    return [lambda: of.buy("england", "tg"), lambda: of.reuse("76", ABOUT)]


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("split", [True, False])
def test_a_fault_of_ours_before_anything_left_sold_nothing(
    make: Make,
    seller: Wire,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    number: int,
    split: bool,
) -> None:
    of = make("old")
    if split:
        of = SplitClient(of, of, lambda variables: 1 / 0 > 1)
    else:
        monkeypatch.setattr(of, "_talk", None)
    with pytest.raises(ProviderError, match="nothing was sent") as told:
        spends(of)[number]()
    assert told.value.declined
    assert not told.value.sent
    assert "failed before anything was sent" in caplog.text
    assert seller.requests == []


@pytest.mark.parametrize("number", [0, 1])
def test_a_fault_of_ours_after_the_call_left_is_no_refusal(
    make: Make, seller: Wire, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    of = make("old")
    monkeypatch.setattr(of, "_now", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        spends(of)[number]()
    assert len(seller.requests) == 1


def test_a_transport_that_fails_in_itself_may_have_sent_it(
    monkeypatch: pytest.MonkeyPatch, seller: Wire
) -> None:
    transport = Transport(EgressPolicy())
    monkeypatch.setattr(transport, "send", lambda request: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        client(seller, transport, "old").buy("england", "tg")
    transport.close()
