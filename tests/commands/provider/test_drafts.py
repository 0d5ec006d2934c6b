"""./nexnum provider import and new: drafts, their open points, and what is never overwritten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nexnum_console.commands.provider import provider
from nexnum_console.providers.loading import load_config

SOURCES = Path(__file__).parents[2] / "providers" / "importing" / "sources"
KEY = "sk9876543210abcdef9876543210"


def run(*arguments: str, stdin: str | None = None) -> Result:
    result = CliRunner().invoke(provider, arguments, input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert KEY not in result.output
    return result


def test_a_document_becomes_a_file_and_a_list_of_open_points(tmp_path: Path) -> None:
    out = tmp_path / "acme.json"
    result = run(
        "import", "openapi", str(SOURCES / "acme.yaml"), "--out", str(out), "--name", "acme"
    )
    assert result.exit_code == 0
    assert load_config(out.read_text("utf-8"), "acme.json").name == "acme"
    assert "found buy: POST /api/v2/orders" in result.output
    assert "open  /statuses: what the status “on_hold” means" in result.output
    assert "The draft is valid, with 7 open points." in result.output
    assert run("validate", str(out)).exit_code == 0


def test_a_curl_command_can_be_given_as_it_is() -> None:
    result = run("import", "curl", f"curl https://a.example/balance -H 'X-Api-Key: {KEY}'")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["auth"] == {"type": "header", "name": "X-Api-Key"}
    assert "key   a key stood in the header X-Api-Key of GET /balance" in result.stderr


def test_standard_input_and_json() -> None:
    result = run("import", "curl", "-", "--json", stdin="curl https://a.example/balance")
    told = json.loads(result.stdout)
    assert told["ok"] is True
    assert told["config"]["baseUrl"] == "https://a.example"
    assert {"pointer": "/currency", "what": "the currency was taken as USD"} in told["open"]


def test_real_answers_can_be_kept_as_recordings(tmp_path: Path) -> None:
    source, kept, out = (tmp_path / name for name in ("x.har", "kept.json", "x.json"))
    call = {
        "request": {"method": "GET", "url": f"https://a.example/balance?api_key={KEY}"},
        "response": {"status": 200, "content": {"text": '{"balance": "7"}'}},
    }
    source.write_text(json.dumps({"log": {"entries": [call]}}), "utf-8")
    result = run("import", "har", str(source), "--recordings", str(kept), "--out", str(out))
    assert result.exit_code == 0
    assert json.loads(kept.read_text("utf-8"))[0]["request"]["query"] == {"api_key": "KEY"}
    assert run("replay", str(out), str(kept)).output == "1 passed, 0 failed\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["openapi", "nowhere.yaml"], "nowhere.yaml: there is no such file"),
        (["curl", "nowhere"], "a curl command begins with curl"),
        (["curl", "curl 'https://x"], "the command: line 1, column 6: the quote ' is not closed"),
        (["curl", "curl https://a.example/weather"], "no call is one that a provider"),
        (["curl", "curl https://a.example/balance", "--base-url", "ftp://x"], "not a web address"),
        (["soap", "x"], "'soap' is not one of"),
    ],
)
def test_a_source_that_cannot_be_used(arguments: list[str], words: str) -> None:
    result = run("import", *arguments)
    assert result.exit_code == 2
    assert words in result.output


def test_a_file_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    file = tmp_path / "x.har"
    file.write_bytes(b'{"log": "\xe9"}')
    result = run("import", "har", str(file))
    assert result.exit_code == 2
    assert f"{file}:1:10: the byte 0xe9 is not UTF-8" in result.output


ANSWERS = {"name": "acme", "base_url": "https://api.acme.example/v1", "auth": "bearer"}


@pytest.mark.parametrize("template", ["blank", "sms_activate", "fivesim"])
def test_answers_in_a_file_become_a_valid_config(tmp_path: Path, template: str) -> None:
    answers, out = tmp_path / "answers.json", tmp_path / "acme.json"
    answers.write_text(json.dumps(ANSWERS | {"template": template, "currency": "EUR"}), "utf-8")
    result = run("new", "--answers", str(answers), "--out", str(out))
    assert result.exit_code == 0
    config = load_config(out.read_text("utf-8"), "acme.json")
    assert (config.name, config.base_url, config.currency) == (
        "acme", "https://api.acme.example/v1", "EUR",
    )  # fmt: skip
    assert f"./nexnum provider validate {out}" in result.output
    assert "open  /" in result.output
    again = run("new", "--answers", str(answers), "--out", str(out))
    assert again.exit_code == 2
    assert f"{out} is there already and is not overwritten" in again.output
    assert load_config(out.read_text("utf-8"), "acme.json") == config


def test_questions_are_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    typed = "acme\nhttps://api.acme.example\nheader\nX-Key\nblank\n\n"
    result = run("new", stdin=typed)
    assert result.exit_code == 0
    config = json.loads((tmp_path / "acme.json").read_text("utf-8"))
    assert config["auth"] == {"type": "header", "name": "X-Key"}
    assert config["currency"] == "USD"


def test_no_answer_at_all() -> None:
    result = run("new", stdin="")
    assert result.exit_code == 2
    assert "in a script give --answers FILE" in result.output


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"name": "Ac me"}, "name: “Ac me” is not a name"),
        ({"base_url": "ftp://x"}, "is not a web address"),
        ({"base_url": "api.acme.example"}, "is not a base URL"),
        ({"base_url": "https://a.example/?key=1"}, "is not a base URL"),
        ({"auth": "bearrer"}, "did you mean “bearer”?"),
        ({"auth": "header"}, "auth by header needs the name"),
        ({"template": "fivesimm"}, "did you mean “fivesim”?"),
        ({"currency": "usd"}, "currency: “usd” is not a code"),
        ({"colour": "red"}, "“colour” is no question"),
        ({"name": 7}, "an object of texts"),
    ],
)
def test_an_answer_at_fault_is_told(tmp_path: Path, answers: dict, words: str) -> None:
    file, out = tmp_path / "answers.json", tmp_path / "out.json"
    file.write_text(json.dumps(ANSWERS | answers), "utf-8")
    result = run("new", "--answers", str(file), "--out", str(out))
    assert result.exit_code == 2
    assert words in result.output
    assert str(file) in result.output
    assert not out.exists()


def test_every_answer_at_fault_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "answers.json"
    file.write_text(json.dumps({"name": "A", "base_url": "x y", "auth": "z"}), "utf-8")
    result = run("new", "--answers", str(file))
    assert result.exit_code == 2
    for name in ("name:", "base_url:", "auth:"):
        assert name in result.output
