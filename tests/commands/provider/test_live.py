"""./nexnum provider try: one call through the real transport, the key in nothing that is shown."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nexnum_console.commands.provider import provider
from tests.providers.conftest import CONFIGS
from tests.support.wire import Answer, Wire, http, says

SECRET = "s3cr3t/key+1"
HANDLER, FIVESIM = str(CONFIGS / "sms_activate.json"), str(CONFIGS / "fivesim.json")


def run(*arguments: str, answers: str = "", key: str = SECRET) -> Result:
    result = CliRunner().invoke(provider, ["try", *arguments], input=answers, env={"ACME_KEY": key})
    assert result.exception is None or isinstance(result.exception, SystemExit)
    for spelling in (SECRET, "s3cr3t%2Fkey%2B1", "s3cr3t/key%2B1"):
        assert spelling not in result.output
    return result


def live(wire: Wire, *more: str) -> list[str]:
    return ["--base-url", wire.url, "--allow-private", "--key-env", "ACME_KEY", "--yes", *more]


def test_a_read_is_told_from_the_request_to_the_result(wire: Callable[[Answer], Wire]) -> None:
    server = wire(says("ACCESS_BALANCE:12.50"))
    result = run(HANDLER, "getBalance", *live(server))
    assert result.exit_code == 0
    assert len(server.requests) == 1
    assert b"api_key=s3cr3t%2Fkey%2B1" in server.requests[0]
    address = f"{server.url}/stubs/handler_api.php?api_key="
    assert f"request  curl '{address}'\"$API_KEY\"'&action=" in result.output
    for words in ("connect ", "wait ", "read ", "HTTP 200", "ACCESS_BALANCE:12.50",
                  '"balance": "12.50"'):  # fmt: skip
        assert words in result.output


def test_an_echo_of_the_key_is_masked(wire: Callable[[Answer], Wire]) -> None:
    server = wire(says(f'{{"error": "bad key {SECRET}"}}', 401))
    result = run(HANDLER, "balance", *live(server))
    assert result.exit_code == 1
    assert "bad key •••" in result.output
    assert "error    bad_key" in result.output


def test_json_output(wire: Callable[[Answer], Wire]) -> None:
    server = wire(says("NO_NUMBERS"))
    result = run(HANDLER, "buy", "service=tg", "country=0", *live(server, "--json"))
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (told["status"], told["body"], told["error"]["code"]) == (
        200,
        "NO_NUMBERS",
        "no_numbers",
    )
    assert told["error"]["sent"] is True
    assert set(told["milliseconds"]) == {"connect", "wait", "read"}


def test_a_bearer_key_is_masked_in_the_curl_command(wire: Callable[[Answer], Wire]) -> None:
    server = wire(says('{"balance": 5}'))
    result = run(FIVESIM, "balance", *live(server))
    assert "-H 'Authorization: Bearer '\"$API_KEY\"''" in result.output
    assert b"Bearer s3cr3t/key+1" in server.requests[0]


def test_a_recording_is_added_with_the_key_taken_out(
    wire: Callable[[Answer], Wire], tmp_path: Path
) -> None:
    file = tmp_path / "seen.json"
    first = wire(says(f"ACCESS_NUMBER:77:79001112233:{SECRET}"))
    bought = run(HANDLER, "buy", "service=tg", "country=0", "max_price=1",
                 *live(first, "--record", str(file)))  # fmt: skip
    second = wire(says("STATUS_WAIT_CODE"))
    run(HANDLER, "status", "id=77", *live(second, "--record", str(file)))
    assert bought.exit_code == 0
    text = file.read_text("utf-8")
    assert SECRET not in text
    one, two = json.loads(text)
    assert (one["id"], two["id"]) == ("sms_activate-live-001", "sms_activate-live-002")
    assert one["request"]["query"]["api_key"] == "KEY"
    assert one["request"]["path"] == "/stubs/handler_api.php"
    assert one["response"]["body"] == "ACCESS_NUMBER:77:79001112233:KEY"
    assert one["expected"]["ok"]["phone"] == "+79001112233"
    assert two["expected"] == {"ok": {"state": "waiting"}}
    replayed = CliRunner().invoke(provider, ["replay", HANDLER, str(file), "--requests"])
    assert (replayed.exit_code, replayed.output) == (0, "2 passed, 0 failed\n")


def test_a_spend_asks_for_a_cap_and_for_consent(wire: Callable[[Answer], Wire]) -> None:
    server = wire(says("ACCESS_NUMBER:77:79001112233"))
    call = [HANDLER, "buy", "service=tg", "country=0", "--base-url", server.url, "--allow-private",
            "--key-env", "ACME_KEY"]  # fmt: skip
    refused = run(*call, answers="0.5\nn\n")
    assert refused.exit_code == 2
    assert "At most how much, in USD (max_price)" in refused.output
    assert "buys at sms_activate for up to 0.5 USD" in refused.output
    assert "Nothing was sent." in refused.output
    assert server.requests == []
    nobody = run(*call)
    assert nobody.exit_code == 2
    assert "in a script give max_price=… and --yes" in nobody.output
    wrong = run(*call, "max_price=-1", answers="y\n")
    assert "max_price is a price above 0" in wrong.output
    assert server.requests == []
    # the sandbox is another host than the config's: sending the key there is asked as well
    agreed = run(*call, answers="0.5\ny\ny\n")
    assert agreed.exit_code == 0
    assert "The key goes to 127.0.0.1, which is not the config's host" in agreed.output
    assert len(server.requests) == 1
    assert b"maxPrice=0.5" in server.requests[0]


def test_the_key_can_be_typed_and_is_hidden(wire: Callable[[Answer], Wire]) -> None:
    server = wire(says("ACCESS_BALANCE:1"))
    call = [HANDLER, "balance", "--base-url", server.url, "--allow-private", "--yes"]
    assert run(*call, answers=f"{SECRET}\n").exit_code == 0
    assert b"api_key=s3cr3t%2Fkey%2B1" in server.requests[0]
    nobody = run(*call)
    assert nobody.exit_code == 2
    assert "in a script give --key-env NAME" in nobody.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["balnce"], "sends no “balnce”; did you mean “balance”?"),
        (["buy", "servce=tg"], "“servce” is no variable; did you mean “service”?"),
        (["buy", "tg"], "“tg” is not name=value"),
        (["status", "--key-env", "ACME_KEY", "--yes"], "is not known"),
        (["balance", "--key-env", "NO_SUCH"], "NO_SUCH is empty"),
    ],
)
def test_a_call_that_cannot_be_made_is_told(arguments: list[str], words: str) -> None:
    if words == "is not known":
        result = run(FIVESIM, *arguments)
        assert "“status” needs id; give name=value" in result.output
    else:
        result = run(FIVESIM, *arguments)
        assert words in result.output
    assert result.exit_code == 2


def test_loopback_needs_its_flag(wire: Callable[[Answer], Wire]) -> None:
    server = wire(says("ACCESS_BALANCE:1"))
    options = ["--base-url", server.url, "--key-env", "ACME_KEY", "--yes"]
    result = run(HANDLER, "balance", *options)
    assert result.exit_code == 1
    assert "the call was refused" in result.output
    assert "give --allow-private" in result.output
    assert server.requests == []


def test_a_junk_file_of_recordings_stops_before_anything_is_sent(
    wire: Callable[[Answer], Wire], tmp_path: Path
) -> None:
    server = wire(says("ACCESS_BALANCE:1"))
    file = tmp_path / "junk.json"
    file.write_text("{}", "utf-8")
    result = run(HANDLER, "balance", *live(server, "--record", str(file)))
    assert result.exit_code == 2
    assert f"{file}:1:1:" in result.output
    assert "Nothing was sent" in result.output
    assert server.requests == []
    lost = run(HANDLER, "balance", *live(server, "--record", str(tmp_path / "no" / "x.json")))
    assert "is not a folder" in lost.output
    assert server.requests == []


def test_an_answer_that_never_comes_is_an_error_and_no_recording(tmp_path: Path) -> None:
    file = tmp_path / "seen.json"
    result = run(HANDLER, "balance", "--base-url", "http://127.0.0.1:9", "--allow-private",
                 "--key-env", "ACME_KEY", "--yes", "--record", str(file))  # fmt: skip
    assert result.exit_code == 1
    assert "nothing was sent" in result.output
    assert "not recorded: no answer came" in result.output
    assert not file.exists()


def test_a_login_comes_first_and_its_token_is_kept_nowhere(
    wire: Callable[[Answer], Wire], tmp_path: Path
) -> None:
    config, file = tmp_path / "acme.json", tmp_path / "seen.json"
    document = {
        "name": "acme",
        "baseUrl": "https://api.acme.example",
        "auth": [
            {"type": "bearer", "uses": "token"},
            {"type": "header", "name": "X-Key", "sent": "login"},
        ],
        "endpoints": {"login": {"method": "POST", "path": "/auth"}, "balance": {"path": "/money"}},
        "mappings": {
            "login": {"type": "json_object", "fields": {"token": "token"}},
            "balance": {"type": "json_object", "fields": {"balance": "amount"}},
        },
    }
    config.write_text(json.dumps(document), "utf-8")
    token = "tok-5f4e3d2c1b"

    def answer(connection: socket.socket, server: Wire) -> None:
        login = server.requests[-1].startswith(b"POST /auth")
        body = {"token": token} if login else {"amount": "3.20", "session": token}
        connection.sendall(http(json.dumps(body)))

    server = wire(answer)
    result = run(str(config), "balance", *live(server, "--record", str(file)))
    assert result.exit_code == 0
    assert [line.split()[0] for line in server.requests] == [b"POST", b"GET"]
    assert b"X-Key: s3cr3t/key+1" in server.requests[0]
    assert f"Authorization: Bearer {token}".encode() in server.requests[1]
    assert '"balance": "3.20"' in result.output
    (kept,) = json.loads(file.read_text("utf-8"))
    assert kept["request"]["headers"]["Authorization"] == "Bearer TOKEN"
    assert json.loads(kept["response"]["body"]) == {"amount": "3.20", "session": "TOKEN"}
    assert token not in result.output + file.read_text("utf-8")


def test_a_recording_of_a_list_in_pages_is_its_first_page(
    wire: Callable[[Answer], Wire], tmp_path: Path
) -> None:
    file = tmp_path / "seen.json"
    rows = [{"activationId": str(n), "phoneNumber": f"7900111{n:04}"} for n in range(150)]

    def answer(connection: socket.socket, server: Wire) -> None:
        start = 100 if b"start=100" in server.requests[-1] else 0
        page = {"status": "success", "activeActivations": rows[start : start + 100]}
        connection.sendall(http(json.dumps(page)))

    server = wire(answer)
    result = run(HANDLER, "active", *live(server, "--record", str(file), "--json"))
    told = json.loads(result.stdout)
    assert len(server.requests) == 2
    assert len(told["result"]["activations"]) == 150
    (kept,) = json.loads(file.read_text("utf-8"))
    assert len(kept["expected"]["ok"]["activations"]) == 100


def test_a_list_of_the_config_needs_no_key_and_no_call(tmp_path: Path) -> None:
    config = {
        "name": "printed",
        "mappings": {
            "countries": {"type": "fixed", "rows": [{"id": "us"}]},
            "services": {"type": "fixed", "rows": [{"code": ["tg", "wa"]}]},
            "prices": {"type": "fixed", "rows": [{"price": "0.50"}]},
        },
    }
    file = tmp_path / "printed.json"
    file.write_text(json.dumps(config), "utf-8")
    shown = run(str(file), "countries")
    assert shown.exit_code == 0
    assert "request  none: the list stands in the config" in shown.output
    told = json.loads(run(str(file), "getPrices", "--json").stdout)
    assert (told["request"], told["calls"]) == (None, [])
    assert [(row["service"], row["price"]) for row in told["result"]["offers"]] == [
        ("tg", "0.50"),
        ("wa", "0.50"),
    ]
    kept = tmp_path / "kept.json"
    assert (
        "not recorded: no answer came" in run(str(file), "countries", "--record", str(kept)).output
    )
