"""One sandbox on real sockets for the whole run, under a clock that moves only when told."""

from __future__ import annotations

import threading
import time

import httpx
import pytest

from nexnum_console.sandbox.clock import ManualClock
from nexnum_console.sandbox.server import SandboxServer
from nexnum_console.sandbox.world import World

CONTROL_KEY = "control-key"
CARRIER_KEY = "carrier-key"
CARRIERS = ("fivesim", "sms_activate")


class Live:
    """The running server and the ways to talk to it."""

    def __init__(self, server, clock):
        self.server, self.clock, self.world = server, clock, server.world
        self.url = f"http://127.0.0.1:{server.port}"
        self.http = httpx.Client(timeout=10, trust_env=False)

    def control(self, method, path, **kwargs):
        headers = {"X-Sandbox-Key": CONTROL_KEY}
        return self.http.request(method, f"{self.url}/control{path}", headers=headers, **kwargs)

    def fault(self, carrier, fault, **options):
        reply = self.control("PUT", f"/carriers/{carrier}/faults/{fault}", json=options)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def sms(self, order_id, code="12345", text=None):
        body = {"code": code, "text": text} if text else {"code": code}
        reply = self.control("POST", f"/activations/{order_id}/sms", json=body)
        assert reply.status_code == 200, reply.text

    def orders(self, carrier):
        return self.control("GET", f"/orders?carrier={carrier}").json()

    def fivesim(self, path, key=CARRIER_KEY, **query):
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return self.http.get(f"{self.url}/fivesim{path}", headers=headers, params=query)

    def buy(
        self, country="england", operator="any", product="facebook", kind="activation", **query
    ):
        return self.fivesim(f"/v1/user/buy/{kind}/{country}/{operator}/{product}", **query)

    def handler(self, action, method="GET", key=CARRIER_KEY, **query):
        params = {"action": action} | ({"api_key": key} if key else {}) | query
        url = f"{self.url}/sms_activate/stubs/handler_api.php"
        return self.http.request(method, url, params=params)

    def number(self, service="tg", country="2", **query):
        token, order_id, phone = self.handler(
            "getNumber", service=service, country=country, **query
        ).text.split(":")
        assert token == "ACCESS_NUMBER"
        return order_id, phone


@pytest.fixture(scope="session")
def running():
    clock = ManualClock()
    server = SandboxServer(
        World(7, "real", clock),
        host="127.0.0.1",
        port=0,
        control_key=CONTROL_KEY,
        carrier_key=CARRIER_KEY,
        carrier_ports={"fivesim": 0},
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + 20
    while server.world.carriers["fivesim"].own_port is None:
        assert time.monotonic() < deadline, "the sandbox did not start"
        time.sleep(0.01)
    live = Live(server, clock)
    yield live
    live.http.close()
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture
def live(running):
    """Every order of former tests is over, no fault is set, SMS come only by hand."""
    running.clock.advance(10_000)
    for name in CARRIERS:
        running.control("DELETE", f"/carriers/{name}/faults")
        carrier = running.world.carriers[name]
        carrier.advance()
        carrier.balance = 1_000_000_000
        for offers in carrier.catalogue.offers.values():
            for offer in offers:
                offer.stock = max(offer.stock, 50)
    running.control("PUT", "/profile", json={"profile": "real"})
    for name in CARRIERS:
        quiet = {"never_share": 1000, "answer_seconds": 0, "hang_seconds": 0.3}
        assert running.control("PATCH", f"/carriers/{name}", json=quiet).status_code == 200
    return running
