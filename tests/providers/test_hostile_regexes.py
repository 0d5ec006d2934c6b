"""500 regexes made to hang a matcher: each is refused with a reason, or searches within 20 ms.

Time is the thread's processor time, so that a busy machine says nothing about a pattern.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import product

import pytest

from nexnum_console.providers.body import Reply
from nexnum_console.providers.compile import compile_config
from nexnum_console.providers.errors import ProviderError
from nexnum_console.providers.loading import load_config
from nexnum_console.providers.patterns import BadPattern, pattern, search_pattern
from nexnum_console.providers.reply import read

MOST_SECONDS = 0.020
LENGTH = 64 * 1024

ATOMS = ["a", "[a-z]", r"\w", ".", "(?:a|b)", "(?:a|a)", r"[^\n]", r"\pL", "é", "(?i:a)"]
NESTED = [
    "({0}+)+$",
    "({0}*)*$",
    "({0}|{0}{0})+$",
    "({0}+)*x",
    "({0}?){{30}}{0}{{30}}",
    "^({0}+)+!",
]
COUNTED = [
    "{0}{{1000}}",
    "{0}{{1,1000}}$",
    "({0}{{30}}){{30}}",
    ".*{0}{{200}}",
    "(?:{0}|b)*a(?:{0}|b){{12}}",
    "(?:{0}|b)*a(?:{0}|b){{200}}",
    "(?s)^.*{0}.{{0,300}}$",
    "({0}*{0}*){{50}}",
]
WILD = ["(.*{0}){{10}}", "(.*)({0}*)(.*)({0}*)(.*)x", "(?s)(.*?{0}){{20}}z", "({0}|.)*{0}.{{40}}"]
REAL = [
    r"^(([a-z])+.)+[A-Z]([a-z])+$",
    r"^([a-zA-Z0-9_\.\-])+\@(([a-zA-Z0-9\-])+\.)+([a-zA-Z0-9]{2,4})+$",
    r"(x+x+)+y",
    r"(\d+\.?)+@",
    r"^(\w+\s?)*$",
    r"^((a+)?)+b$",
    r"<!--.*?--\s*>",
    r"(?:(?:\r\n)?[ \t])*(?:[^()<>@,;:\\\".\[\] ]+(?:(?:\r\n)?[ \t])*)+",
    r"^(?:.*?,){30}P",
    r"\s+$",
    r"(\n|.)*?end",
    r"(?:[\w-]+\.)*[\w-]+@(?:[\w-]+\.)+[a-z]{2,}",
    r"((?:[^\"\\]|\\.)*)\"",
    r"(?:.|\s)*</body>",
    r"^(a?){100}a{100}$",
    r"\C{1000}",
    r"(((((a{10}){10}){10}){10}){10})",
    r"a{2000}",
    r"(?:a{1000}){2}",
    r"(?=a)*b",
    r"(a)\1+",
    "(" * 490 + "a" + ")" * 490,
    "(?:a|" * 160 + "b" + ")" * 160,
    "|".join(f"word{n}" for n in range(2000)),
    "|".join(rf"[a-{chr(98 + n % 20)}]*x{n}" for n in range(300)),
    "a?" * 300 + "a" * 300,
    "[" + "".join(chr(0x100 + 2 * n) for n in range(480)) + "]{20}",
    r"[\pL\pN\pS]{100}",
    r"(?i)[^\x00-\x{10FFFF}]{3}",
    r".{1000}",
]


def hostile() -> Iterator[str]:
    for form, atom in product(NESTED + COUNTED + WILD, ATOMS):
        yield form.format(atom)
        yield "(?s)" + form.format(f"(?:{atom})")
    yield from REAL
    for count, atom in product((2, 5, 15, 40, 90, 170, 333, 700, 999, 1001), ATOMS):
        yield f"(?:{atom}?){{{count}}}{atom}*{atom}{{{count}}}!"
        yield f"(?:{atom}+|{atom}{{0,{count}}}){{3}}$"


def texts() -> list[str]:
    return [
        "a" * LENGTH,
        "ab" * (LENGTH // 2),
        "aab" * (LENGTH // 3) + "!",
        "é" * LENGTH,
        " " * LENGTH + "x",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n" * (LENGTH // 33),
        "<!--" * (LENGTH // 4),
        "1." * 2_000,
    ]


PATTERNS = list(dict.fromkeys(hostile()))


def spent(began: float) -> float:
    return time.thread_time() - began


def test_there_are_500() -> None:
    assert len(PATTERNS) >= 500


@pytest.mark.parametrize("compiler", [pattern, search_pattern])
def test_none_takes_more_than_20_ms(compiler) -> None:
    slow, refused = [], 0
    for written in PATTERNS:
        shown = f"/{written}/" if compiler is search_pattern else written
        began = time.thread_time()
        try:
            compiled = compiler(shown)
        except BadPattern as error:
            if spent(began) > MOST_SECONDS:
                slow.append(("refusing", written[:60], spent(began)))
            refused += 1
            if not (str(error).startswith("the regex is ") and 0 <= error.offset <= len(shown)):
                slow.append(("refusal", written[:60], str(error)))
            continue
        if spent(began) > MOST_SECONDS:
            slow.append(("compiling", written[:60], spent(began)))
        for text in texts():
            began = time.thread_time()
            compiled.search(text)
            if spent(began) > MOST_SECONDS:
                slow.append((text[:5], written[:60], spent(began)))
    assert slow == []
    assert 50 < refused < len(PATTERNS) * 0.6  # neither everything nor nothing is refused


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("a{1001}", "invalid repetition size"),
        ("(a{100}){100}", "invalid repetition size"),
        (r"\pL{1000}", "too large"),
        (".{1000}", "too large"),
        ("x" * 1001, "longer than 1000"),
        ("(?=a)b", "invalid perl operator"),
        (r"(a)\1", "invalid escape sequence"),
    ],
)
def test_refusals_say_why_and_what_to_do(written: str, said: str) -> None:
    with pytest.raises(BadPattern, match=said) as caught:
        pattern(written)
    assert caught.value.cure


def test_a_long_text_is_read_by_lines() -> None:
    """A price list of 40,000 lines is read whole, and no row is lost at any seam."""
    rows = [f"{n}:{n % 97}.{n % 89:02d}:{n % 13}" for n in range(40_000)]
    compiled = pattern(r"(?m)^(?<country>\d+):(?<price>[0-9.]+):(?<stock>\d+)$")
    text = "\n".join(rows)
    matches = list(compiled.finditer(text))
    assert [":".join(match.groupdict().values()) for match in matches] == rows
    assert [text[slice(*match.span())] for match in matches] == rows
    assert all(text[m.start(3) : m.end(3)] == m[3] for m in matches[::97])


def test_a_word_at_the_beginning_of_a_long_text_is_found() -> None:
    compiled = search_pattern("too many requests")
    assert compiled.search("Too Many Requests" + "x" * 1_000_000)
    # What matches only because the text was cut there does not match.
    assert pattern("(?s)^A:(.+)$").search("A:" + "x" * 1_000_000) is None
    assert pattern("(?s)^A:(.+)$").search("A:" + "x" * 10_000) is not None


def config(regex: str):
    return compile_config(
        load_config(
            """{"name": "hostile", "baseUrl": "https://x.example",
                "endpoints": {"getBalance": {"path": "/b"}},
                "mappings": {"getBalance": {"type": "text_regex", "regex": "REGEX",
                    "fields": {"balance": "balance"}}}}""".replace("REGEX", regex),
            "hostile.json",
        )
    )


@pytest.mark.parametrize(
    "text", ["ab" * 500_000 + "c", ("ab" * 40 + "\n") * 20_000, "1." * 500_000], ids=len
)
def test_a_hostile_reply_to_a_hostile_regex_is_a_typed_error_in_time(text: str) -> None:
    compiled = config("(a|b)*a(a|b){150}(?<balance>[0-9.]+)$")
    began = time.thread_time()
    with pytest.raises(ProviderError) as caught:
        read(compiled, "balance", Reply(200, {}, text.encode()), {})
    assert caught.value.code == "parse_error"
    assert spent(began) < 1.0
