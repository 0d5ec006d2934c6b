"""curl commands in the shapes in which people paste them."""

from __future__ import annotations

import pytest

from nexnum_console.providers.importing.curl import samples
from nexnum_console.providers.importing.sample import ImportFault, Sample


def one(text: str) -> Sample:
    (found,) = samples(text)
    return found


@pytest.mark.parametrize(
    ("text", "method", "url"),
    [
        ("curl https://a.example/b", "GET", "https://a.example/b"),
        ("curl a.example/b", "GET", "https://a.example/b"),
        ("$ curl -sS -XPOST https://a.example:8443/b", "POST", "https://a.example:8443/b"),
        ("curl --request DELETE --url https://a.example/b", "DELETE", "https://a.example/b"),
        ("curl --url=https://a.example/b#frag -o /dev/null", "GET", "https://a.example/b"),
        ("curl \\\n  'https://a.example/b' \\\r\n  -m 5", "GET", "https://a.example/b"),
        ("curl ^\n  https://a.example/b ^\n  -k", "GET", "https://a.example/b"),
        ("curl -I https://a.example/b", "HEAD", "https://a.example/b"),
        ("/usr/bin/curl https://a.example/b | jq .", "GET", "https://a.example/b"),
        ("We don't say more:\n\n  curl https://a.example/b\n\nThat's all.", "GET",
         "https://a.example/b"),
        ("# it's a comment\ncurl https://a.example/b # here's one", "GET", "https://a.example/b"),
        ("curl $'https://a.example/\\u0062'", "GET", "https://a.example/b"),
        ("curl https://a.example/b -d x=1", "POST", "https://a.example/b"),
        ("curl https://a.example/b -G -d x=1", "GET", "https://a.example/b"),
    ],
)  # fmt: skip
def test_method_and_url(text: str, method: str, url: str) -> None:
    found = one(text)
    assert (found.method, found.origin + found.path) == (method, url)


@pytest.mark.parametrize(
    ("options", "fields", "kind"),
    [
        ("-d 'a=1&b=2%203'", (("a", "1"), ("b", "2 3")), "form"),
        ("-d a=1 -d b=2", (("a", "1"), ("b", "2")), "form"),
        ("--data-urlencode 'country=United States'", (("country", "United States"),), "form"),
        ('--data-raw \'{"a": 1,\n "b": true}\'', (("a", "1"), ("b", "true")), "json"),
        ('-d "{\\"a\\": \\"x\\"}"', (("a", "x"),), "json"),
        ("--json '{\"price\": 0.10}'", (("price", "0.10"),), "json"),
        ("-F id=7 -F 'file=@x.png'", (("id", "7"), ("file", "@x.png")), "multipart"),
        ('--data-binary $\'{"t": "it\\\'s"}\'', (("t", "it's"),), "json"),
    ],
)
def test_bodies(options: str, fields: tuple[tuple[str, str], ...], kind: str) -> None:
    found = one(f"curl https://a.example/b {options}")
    assert (found.fields, found.body_type, found.method) == (fields, kind, "POST")


def test_headers_credentials_and_query() -> None:
    found = one(
        "curl 'https://a.example/b?x=1&y=' -H 'Accept: application/json' "
        "-H \"Authorization: Bearer T\" -u me:pw --cookie 'sid=9' https://ignored.example"
    )
    assert found.query == (("x", "1"), ("y", ""))
    assert found.headers == (
        ("Accept", "application/json"),
        ("Authorization", "Bearer T"),
        ("Cookie", "sid=9"),
    )
    assert found.basic == "me:pw"


def test_an_unquoted_query_is_kept_whole() -> None:
    assert one("curl https://a.example/b?x=1&y=2 -s").query == (("x", "1"), ("y", "2"))


def test_several_commands() -> None:
    text = "curl https://a.example/1 && curl https://a.example/2;\ncurl https://a.example/3"
    assert [each.path for each in samples(text)] == ["/1", "/2", "/3"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no curl command"),
        ("wget https://a.example", "no curl command"),
        ("curl 'https://a.example", "line 1, column 6: the quote ' is not closed"),
        ('curl https://a.example \\\n -H "A: b', "line 2, column 5: the quote"),
        ("curl -X", "-X has no value"),
        ("curl -H 'A: b'", "has no URL"),
        ("curl ftp://a.example", "is not a web address"),
        ("curl https://a.example:99999/", "is not a web address"),
        ("curl https://a.example -d @body.json", "the body is in the file body.json"),
        ("curl https://a.example -d '{\"a\": }'", "the JSON body cannot be read"),
    ],
)
def test_what_cannot_be_read_is_told(text: str, words: str) -> None:
    with pytest.raises(ImportFault) as caught:
        samples(text)
    assert words in str(caught.value)
