"""./nexnum sandbox against a stand-in that records what it is asked."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from nexnum_console.activations.purchase import Order, purchase
from nexnum_console.commands.sandbox import sandbox
from tests.activations.world import build


class StandIn(ThreadingHTTPServer):
    """Answers every request with ``reply`` and keeps ``(method, path, key, body)``."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked = []
        self.status, self.reply = 200, {}


class Handler(BaseHTTPRequestHandler):
    def answer(self):
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        key, body = self.headers["X-Sandbox-Key"], json.loads(sent) if sent else None
        self.server.asked.append((self.command, self.path, key, body))
        content = json.dumps(self.server.reply).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *_):
        pass


@pytest.fixture
def stand_in():
    server = StandIn()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def settle_on(monkeypatch):
    """Makes the product's settings name a sandbox, or none."""

    def use(url=None, key=None):
        chosen = SimpleNamespace(sandbox_control_url=url, sandbox_control_key=key)
        monkeypatch.setattr("nexnum_console.commands.sandbox.settings", lambda: chosen)

    return use


@pytest.fixture
def run(stand_in, settle_on):
    settle_on(f"http://127.0.0.1:{stand_in.server_port}", "secret")
    return lambda *arguments: CliRunner().invoke(sandbox, arguments)


def test_sms_goes_to_the_activation(run, stand_in):
    stand_in.reply = {"phone": "+44700", "carrier": "fivesim", "id": "77"}
    ended = run("sms", "od-77", "0042", "--text", "code 0042")
    asked = (
        "POST",
        "/control/activations/od-77/sms",
        "secret",
        {"code": "0042", "text": "code 0042"},
    )
    assert stand_in.asked == [asked]
    assert (ended.exit_code, ended.output) == (0, "delivered to +44700 (fivesim 77): 0042\n")


def test_fault_is_set_with_its_rate(run, stand_in):
    stand_in.reply = {"fault": "html", "rate": 0.3, "operations": ["buy"]}
    ended = run("fault", "fivesim", "html", "--rate", "0.3", "--operation", "buy")
    body = {"rate": 0.3, "operations": ["buy"]}
    assert stand_in.asked == [("PUT", "/control/carriers/fivesim/faults/html", "secret", body)]
    assert ended.output == "fivesim: html in 30% of buy\n"


@pytest.mark.parametrize(("fault", "tail"), [(["html"], "/html"), ([], "")])
def test_fault_is_cleared(run, stand_in, fault, tail):
    stand_in.reply = {"cleared": ["html"]}
    ended = run("fault", "fivesim", *fault, "--clear")
    path = f"/control/carriers/fivesim/faults{tail}"
    assert stand_in.asked == [("DELETE", path, "secret", None)]
    assert ended.output == "fivesim: html cleared\n"


def test_faults_and_orders_are_listed(run, stand_in):
    stand_in.reply = {"known": ["html"], "set": {"fivesim": {"html": {"rate": 0.5}}, "other": {}}}
    assert run("faults").output == "known: html\nfivesim: html 50%\nother: none set\n"
    order = {"carrier": "fivesim", "id": "7", "phone": "+1", "state": "received", "charged": "0.10"}
    stand_in.reply = {"orders": [order | {"sms": [{"code": "0042"}]}], "buy_requests": {"x": 3}}
    listed = run("orders", "--provider", "fivesim", "--open").output
    assert listed.startswith("fivesim  7  +1  received  charged 0.10  0042\n1 orders")
    assert stand_in.asked[-1][1] == "/control/orders?carrier=fivesim&open=1"


def test_a_refusal_is_one_line(run, stand_in):
    stand_in.status, stand_in.reply = 404, {"error": "no carrier has an activation 5"}
    ended = run("sms", "od-5", "1")
    assert (ended.exit_code, ended.output) == (
        1,
        "Error: the sandbox refused: no carrier has an activation 5\n",
    )


def test_nobody_there_is_one_line(run, settle_on):
    settle_on("http://127.0.0.1:1", "secret")
    ended = run("faults")
    assert ended.exit_code == 3
    assert ended.output == (
        "Error: no sandbox answers at http://127.0.0.1:1; start it with ./nexnum up\n"
    )
    assert "secret" not in ended.output


@pytest.mark.parametrize("arguments", [["faults"], ["--url", "http://127.0.0.1:1", "faults"]])
def test_without_address_or_key_it_asks_for_them(run, settle_on, arguments):
    settle_on()
    ended = run(*arguments)
    assert ended.exit_code == 2
    assert "--url and --key" in ended.output


def test_options_win_over_settings(run, stand_in):
    stand_in.reply = {"known": [], "set": {}}
    assert run("--key", "other", "faults").exit_code == 0
    assert stand_in.asked[0][2] == "other"


def test_our_own_id_finds_the_carriers(run, stand_in, database, monkeypatch):
    world = build(database)
    activation_id = purchase(world.desk, Order(world.user_id, "telegram", "GB"))
    parts = SimpleNamespace(database=database)
    monkeypatch.setattr("nexnum_console.commands.sandbox.services", lambda: parts)
    stand_in.reply = {"phone": "+44700", "carrier": "alpha", "id": "alpha-1"}
    assert run("sms", str(activation_id), "0042").exit_code == 0
    assert stand_in.asked[0][1] == "/control/activations/alpha-1/sms"
