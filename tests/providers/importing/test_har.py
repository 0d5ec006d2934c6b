"""HAR files: real answers become mappings, a known dialect its shipped config, no key is kept."""

from __future__ import annotations

import base64
import json
from urllib.parse import urlencode

import pytest

from nexnum_console.providers.compile import compile_config
from nexnum_console.providers.importing.draft import Draft
from nexnum_console.providers.importing.reading import import_source
from nexnum_console.providers.importing.sample import ImportFault
from nexnum_console.providers.importing.shipped import shipped_texts
from nexnum_console.providers.loading import load_config
from nexnum_console.providers.replay import replay
from tests.providers.conftest import CONFIGS

SECRET = "sk1234567890abcdef1234567890abcd"


def entry(url: str, body: str, status: int = 200, mime: str = "application/json") -> dict:
    return {
        "request": {"method": "GET", "url": url, "headers": []},
        "response": {"status": status, "content": {"mimeType": mime, "text": body}},
    }


def har(*entries: dict) -> str:
    return json.dumps({"log": {"entries": list(entries)}})


def recorded(name: str) -> list[dict]:
    found = json.loads((CONFIGS / "recordings" / f"{name}.json").read_text("utf-8"))
    return [each for each in found if each["operation"] != "webhook"]


def as_har(recordings: list[dict]) -> str:
    """The recordings as a browser would have seen them, with a real key."""
    entries = []
    for each in recordings:
        sent, got = each["request"], each["response"]
        query = urlencode(sent.get("query") or {}).replace("KEY", SECRET)
        headers = {k: v.replace("KEY", SECRET) for k, v in (sent.get("headers") or {}).items()}
        request = {
            "method": sent["method"],
            "url": f"https://api.seen.example{sent['path']}" + (f"?{query}" if query else ""),
            "headers": [{"name": name, "value": value} for name, value in headers.items()],
        }
        if isinstance(sent.get("body"), dict):
            text = urlencode(sent["body"]).replace("KEY", SECRET)
            request["postData"] = {"mimeType": "application/x-www-form-urlencoded", "text": text}
        content = {"mimeType": (got["headers"] or {}).get("Content-Type", ""), "text": got["body"]}
        entries.append({"request": request, "response": {"status": got["status"]}
                        | {"content": content}})  # fmt: skip
    return har(*entries)


def share(draft: Draft, recordings: list[dict]) -> float:
    compiled = compile_config(load_config(draft.text, "draft"))
    outcomes = replay(compiled, recordings)
    return sum(each.passed for each in outcomes) / len(outcomes)


@pytest.mark.parametrize(
    ("name", "least"),
    [("fivesim", 0.8), ("sms_activate", 0.7), ("smsman", 0.8), ("smspool", 0.5), ("smspva", 0.7),
     ("smspva_v1", 0.65), ("herosms", 0.7), ("smsbower", 0.9)],
)  # fmt: skip
def test_a_draft_without_any_template_reads_most_of_what_was_seen(name: str, least: float) -> None:
    recordings = recorded(name)
    draft = import_source("har", as_har(recordings), {})
    assert draft.problems == []
    assert share(draft, recordings) >= least
    assert SECRET not in draft.text + json.dumps(draft.recordings) + str(draft.unknowns)
    assert len(draft.secrets) == 1


@pytest.mark.parametrize("name", ["fivesim", "sms_activate", "smsbower", "grizzlysms"])
def test_a_known_dialect_takes_the_shipped_config_as_its_base(name: str) -> None:
    recordings = recorded(name)
    draft = import_source("har", as_har(recordings), shipped_texts(), name="new-one")
    assert draft.problems == []
    assert draft.config["name"] == "new-one"
    assert draft.config["baseUrl"] == "https://api.seen.example"
    assert "displayName" not in draft.config
    assert share(draft, recordings) >= 0.9


def test_the_dialect_s_path_and_key_are_those_of_the_source() -> None:
    base = f"https://x.example/api.php?key={SECRET}&action="
    source = har(
        entry(f"{base}getBalance", "ACCESS_BALANCE:5"),
        entry(f"{base}getNumber&service=tg&country=1&forward=0", "ACCESS_NUMBER:1:79001112233"),
        entry(f"{base}getStatus&id=1", "STATUS_WEIRD"),
    )
    draft = import_source("har", source, shipped_texts())
    assert draft.config["auth"] == {"type": "query_param", "name": "key"}
    assert {each["path"] for each in draft.config["endpoints"].values()} == {"/api.php"}
    told = "\n".join(map(str, draft.unknowns))
    assert "the source also sends forward" in told
    assert "“cancel” comes from the config sms_activate" in told
    assert "an answer is not understood yet: “STATUS_WEIRD”" in told


def test_pages_pictures_and_other_hosts_are_left_out() -> None:
    source = har(
        entry("https://cdn.example/app.js", "x", mime="text/javascript"),
        entry("https://shop.example/", "<html>", mime="text/html"),
        entry("https://stats.example/collect", "{}"),
        entry("https://shop.example/api/balance", '{"balance": "3.20", "currency": "EUR"}'),
        entry(
            "https://shop.example/api/getnumber.php?country=1&service=tg", "NUM", mime="text/html"
        ),
        entry("data:text/plain,x", "x"),
    )
    draft = import_source("har", source, {})
    assert draft.config["baseUrl"] == "https://shop.example"
    assert set(draft.evidence) == {"balance", "buy"}
    named = import_source("har", source, {}, host="shop.example")
    assert named.config == draft.config
    with pytest.raises(ImportFault, match=r"no call to other\.example in the HAR; there are shop"):
        import_source("har", source, {}, host="other.example")


def test_bodies_in_base64_are_read() -> None:
    one = entry("https://a.example/balance", "")
    one["response"]["content"] |= {
        "text": base64.b64encode(b'{"balance": "1"}').decode(),
        "encoding": "base64",
    }
    assert import_source("har", har(one), {}).config["mappings"]["balance"] == {
        "type": "json_object",
        "fields": {"balance": "balance"},
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "not JSON"), ("[]", "no HAR"), ('{"log": {}}', "no HAR"), (har(), "no call in the HAR"),
     (har(entry("https://a.example/weather", "{}")), "no call is one"),
     ('{"log": {"entries": [7, {"request": {}, "response": null}]}}', "no call in the HAR")],
)  # fmt: skip
def test_what_is_no_har_is_told(text: str, words: str) -> None:
    with pytest.raises(ImportFault) as caught:
        import_source("har", text, {})
    assert words in str(caught.value)
