"""The process: it starts on free ports, ends cleanly, and keeps its orders in a file."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

KEYS = {"SANDBOX_CONTROL_KEY": "c-key", "SANDBOX_CARRIER_KEY": "k-key"}


class Process:
    """One sandbox process and its ready line."""

    def __init__(self, *arguments):
        command = [sys.executable, "-m", "nexnum_console.sandbox", "--port", "0", *arguments]
        self.child = subprocess.Popen(
            command,
            env=os.environ | KEYS,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        line = self.child.stdout.readline()
        assert line, self.child.stderr.read()
        self.ready = json.loads(line)
        self.url = f"http://127.0.0.1:{self.ready['port']}"

    def get(self, path, key="k-key"):
        headers = {"Authorization": f"Bearer {key}", "X-Sandbox-Key": "c-key"}
        return httpx.get(self.url + path, headers=headers, trust_env=False, timeout=10).json()

    def end(self, number=signal.SIGTERM):
        """Exit code and stderr."""
        self.child.send_signal(number)
        _, errors = self.child.communicate(timeout=10)
        return self.child.returncode, errors


@pytest.fixture
def start():
    running = []

    def begin(*arguments):
        running.append(Process(*arguments))
        return running[-1]

    yield begin
    for process in running:
        if process.child.poll() is None:
            process.child.kill()
            process.child.communicate()


BUY = "/fivesim/v1/user/buy/activation/england/any/facebook"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_orders_survive_a_restart(start, tmp_path, number):
    state = ("--state-file", str(tmp_path / "state.json"), "--profile", "real")
    first = start(*state, "--seed", "5", "--carrier-port", "fivesim:0")
    assert first.ready["carrier_ports"]["fivesim"]
    order = first.get(BUY)
    balance = first.get("/fivesim/v1/user/profile")["balance"]
    assert first.end(number) == (0, "")
    second = start(*state)
    again = second.get(f"/fivesim/v1/user/check/{order['id']}")
    assert (again["phone"], again["expires"]) == (order["phone"], order["expires"])
    assert second.get("/fivesim/v1/user/profile")["balance"] == balance
    assert second.get("/control/carriers")["seed"] == 5
    assert second.get(BUY)["id"] > order["id"]
    second.end()


def test_a_killed_sandbox_keeps_what_it_sold_a_second_ago(start, tmp_path):
    state = ("--state-file", str(tmp_path / "state.json"))
    first = start(*state)
    order = first.get(BUY)
    time.sleep(1)
    first.end(signal.SIGKILL)
    assert start(*state).get(f"/fivesim/v1/user/check/{order['id']}")["phone"] == order["phone"]


def test_silent_answers_do_not_hold_up_the_end(start):
    process = start()
    url = f"{process.url}/control/carriers/fivesim/faults/timeout_before"
    httpx.put(url, headers={"X-Sandbox-Key": "c-key"}, json={}, trust_env=False)
    with socket.create_connection(("127.0.0.1", process.ready["port"])) as wire:
        wire.sendall(
            f"GET {BUY} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k-key\r\n\r\n".encode()
        )
        time.sleep(0.3)
        began = time.monotonic()
        assert process.end() == (0, "")
    assert time.monotonic() - began < 5


def refused(*arguments, env=None):
    command = [sys.executable, "-m", "nexnum_console.sandbox", *arguments]
    ended = subprocess.run(
        command,
        env=env or os.environ | KEYS,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return ended.returncode, ended.stderr


def test_a_taken_port_is_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        code, words = refused("--port", port)
    assert code == 1
    assert words == f"sandbox: port {port} on 127.0.0.1 is taken; choose another with --port\n"


def test_missing_keys_are_one_line():
    bare = {name: value for name, value in os.environ.items() if name not in KEYS}
    code, words = refused(env=bare)
    assert code == 2
    assert words.count("\n") == 1


@pytest.mark.parametrize("content", ["{", "[]", '{"version": 99}', '{"version": 1}'])
def test_a_broken_state_file_is_one_line(tmp_path, content):
    path = tmp_path / "state.json"
    path.write_text(content, "utf-8")
    code, words = refused("--port", "0", "--state-file", str(path))
    assert code == 1
    assert words.startswith(f"sandbox: cannot use the state file {path}: ")
    assert words.count("\n") == 1
    assert path.read_text("utf-8") == content


def test_an_unwritable_state_file_is_one_line(tmp_path):
    code, words = refused("--port", "0", "--state-file", str(tmp_path / "nowhere" / "state.json"))
    assert code == 1
    assert words.count("\n") == 1
