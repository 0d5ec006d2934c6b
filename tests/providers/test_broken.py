"""Broken configs: each fault with pointer, line, column, words and cure; all of them in one go."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexnum_console.providers.lint import lint
from nexnum_console.providers.loading import (
    ConfigError,
    Problem,
    check_config,
    load_config,
    text_of,
)

BROKEN = Path(__file__).parent / "broken"

# file, pointer, line, column, message, cure
FAULTS = [
    ("a_list", "", 1, 1, "expected an object { … }, not a list", "write an object { … }"),
    (
        "bad_currency",
        "/currency",
        4,
        15,
        "expected three capital letters, as USD, not “usd”",
        "write three capital letters, as USD",
    ),
    (
        "bad_name",
        "/name",
        2,
        11,
        "expected lower-case letters, digits, _ and -, a letter or digit first,",
        "write lower-case letters, digits, _ and -, a ",
    ),
    (
        "body_on_get",
        "/endpoints/buy/body",
        19,
        7,
        "a GET request carries no body",
        "use POST, or “queryParams”",
    ),
    (
        "byte_order_mark",
        "",
        1,
        1,
        "the file begins with a byte order mark (BOM)",
        "save it as UTF-8 without BOM",
    ),
    ("comment", "", 4, 3, "JSON has no comments", "remove it, or use “description”"),
    (
        "cut_off",
        "",
        23,
        3,
        "the file ends before its brackets are closed",
        "close the “{” of line 1, column 1",
    ),
    ("duplicate_key", "/currency", 5, 3, "the key “currency” is given twice", "remove one of them"),
    ("empty", "", 1, 1, "the file is empty", "a config is a JSON object: { … }"),
    (
        "key_without_quotes",
        "",
        4,
        3,
        "expected a key in double quotes, not “currency”",
        'write "currency"',
    ),
    ("latin_1", "", 4, 19, "the byte 0xc1 is not UTF-8", "save the file as UTF-8"),
    (
        "leading_zero",
        "/lifetimes/activationSeconds",
        4,
        57,
        "“0900” is not a JSON number",
        "write 7, 0.5 or -1: no leading zero or plus, ",
    ),
    (
        "many_at_once",
        "/currency",
        4,
        15,
        "expected three capital letters, as USD, not “usd”",
        "write three capital letters, as USD",
    ),
    ("many_at_once", "/statuses/DONE", 6, 46, "“recieved” is not a state", 'write "received"'),
    (
        "many_at_once",
        "/statuses",
        6,
        56,
        "a comma stands before the closing bracket",
        "remove the comma",
    ),
    (
        "many_at_once",
        "/endpoints/balance/paht",
        15,
        17,
        "unknown key “paht”; did you mean “path”?",
        'write "path" or remove it',
    ),
    (
        "many_at_once",
        "/mappings/balance/regex",
        24,
        54,
        "the regex is not usable: missing ): ^BAL:(?<sum>[0-9.]+$",
        "close the group with )",
    ),
    (
        "many_at_once",
        "/mappings/status/fields/code/as",
        28,
        72,
        "“trimm” is not a transform; did you mean “trim”?",
        'write "trim"',
    ),
    (
        "missing_auth_name",
        "/auth",
        5,
        11,
        "auth by header needs the name that carries the key",
        "add “name”, as the provider calls it",
    ),
    (
        "missing_colon",
        "/currency",
        4,
        14,
        "expected “:”",
        "write “:” between “currency” and its value",
    ),
    (
        "missing_comma",
        "",
        5,
        3,
        "expected “,” or “}”",
        "put a comma after the value before this one",
    ),
    (
        "missing_mapping",
        "/endpoints/balance",
        15,
        5,
        "nothing under “mappings” reads the answer of “balance”",
        "add “balance” to “mappings”, or remove it her",
    ),
    ("missing_name", "", 1, 1, "“name” is missing", 'add "name": …'),
    (
        "missing_output",
        "/mappings/buy/fields",
        25,
        46,
        "the output “activation_id” of “buy” is missing",
        "add “activation_id” to “fields” with the path",
    ),
    ("missing_reply_type", "/mappings/balance", 24, 16, "“type” is missing", 'add "type": …'),
    (
        "not_a_number",
        "/lifetimes/pollSeconds",
        4,
        51,
        "expected a value: NaN is not JSON",
        "write a number",
    ),
    (
        "number_out_of_range",
        "/deadlines/readSeconds",
        4,
        51,
        "expected a number of at most 120, not the number 600",
        "write a number of at most 120",
    ),
    (
        "path_expression_broken",
        "/mappings/status/fields/code/from",
        28,
        59,
        "“sms[.code” is not a path: Expecting: star, got: dot",
        "write names divided by points, as data.items[",
    ),
    (
        "path_leaves_the_host",
        "/endpoints/balance/path",
        15,
        25,
        "“https://evil.example/balance” must begin with one / and stay on the b",
        "write the path only",
    ),
    (
        "python_words",
        "/endpoints/balance/authenticated",
        15,
        54,
        "expected a value: False is not JSON",
        "write false",
    ),
    (
        "regex_backslash_not_doubled",
        "/mappings/balance/regex",
        24,
        61,
        "“\\d” is not an escape of JSON",
        "write \\\\d: a backslash is doubled in JSON",
    ),
    (
        "regex_group_not_there",
        "/mappings/balance/fields/balance",
        24,
        95,
        "the regex has no group “sun”; did you mean “sum”?",
        'write "sum"',
    ),
    (
        "regex_group_twice",
        "/mappings/balance/regex",
        24,
        72,
        "the group “sum” is named twice",
        "give each group a name of its own",
    ),
    (
        "regex_look_ahead",
        "/mappings/balance/regex",
        24,
        57,
        "the regex is not usable: invalid perl operator: (?=",
        "RE2 has no look-around",
    ),
    (
        "regex_of_a_pattern",
        "/errors/patterns/no_numbers/1",
        8,
        51,
        "the regex is not usable: missing ): no (numbers",
        "close the group with )",
    ),
    (
        "regex_unclosed_group",
        "/mappings/balance/regex",
        24,
        54,
        "the regex is not usable: missing ): ^BAL:(?<sum>[0-9.]+$",
        "close the group with )",
    ),
    (
        "rule_unreachable",
        "/errors/rules/1",
        11,
        7,
        "this rule is unreachable: rule 1 is tried first and holds whenever thi",
        "remove it, or put it before the other",
    ),
    (
        "rule_unreachable_word",
        "/errors/words/no_numbers",
        8,
        43,
        "this word is unreachable: “NO_NUMBERS” is tried first and is the same ",
        "remove it, or put it before the other",
    ),
    (
        "rule_without_condition",
        "/errors/rules/1",
        11,
        7,
        "the rule has no condition: it would catch every answer",
        "add “status”, “text”, “contains”, “regex”, “p",
    ),
    ("single_quotes", "/currency", 4, 15, "text stands in single quotes", 'use double quotes "'),
    (
        "spend_called_read",
        "/endpoints/buy/effect",
        17,
        35,
        "“buy” is always “spend”: it may be sent only once",
        "remove “effect”, or write “spend”",
    ),
    (
        "text_after_the_end",
        "",
        32,
        1,
        "the document ends here, but more text follows",
        "remove it, or move it inside the outer braces",
    ),
    (
        "trailing_comma",
        "/statuses",
        6,
        56,
        "a comma stands before the closing bracket",
        "remove the comma",
    ),
    (
        "typographic_quotes",
        "/currency",
        4,
        15,
        "“ is a typographic quote",
        'use the straight double quote "',
    ),
    (
        "unclosed_text",
        "/currency",
        4,
        15,
        "the text has no closing quote",
        'close the text with " on the line where it be',
    ),
    (
        "unknown_error_code",
        "/errors/rules/0/code",
        10,
        39,
        "expected one of the known words, not “no_money”",
        "write one of bad_key, access_denied, account_",
    ),
    (
        "unknown_key",
        "/endpoints/balance/paht",
        15,
        17,
        "unknown key “paht”; did you mean “path”?",
        'write "path" or remove it',
    ),
    (
        "unknown_key_at_top",
        "/curency",
        4,
        3,
        "unknown key “curency”; did you mean “currency”?",
        'write "currency" or remove it',
    ),
    (
        "unknown_key_that_is_a_secret",
        "/apiKey",
        4,
        3,
        "unknown key “apiKey”",
        "remove it: a key is never part of a config, i",
    ),
    (
        "unknown_operation",
        "/endpoints/ballance",
        15,
        5,
        "“ballance” is not an operation; did you mean “balance”?",
        'write "balance"',
    ),
    (
        "unknown_operation",
        "/mappings/balance",
        24,
        5,
        "nothing under “endpoints” asks for “balance”",
        "add “balance” to “endpoints”, or remove it he",
    ),
    (
        "unknown_output",
        "/mappings/buy/fields/phonee",
        25,
        70,
        "“phonee” is not an output of buy; did you mean “phone”?",
        'write "phone"',
    ),
    (
        "unknown_reply_type",
        "/mappings/balance/type",
        24,
        25,
        "expected one of the known words, not “text_regexp”; did you mean “text",
        'write "text_regex"',
    ),
    ("unknown_state", "/statuses/DONE", 6, 46, "“recieved” is not a state", 'write "received"'),
    (
        "unknown_transform",
        "/mappings/status/fields/code/as",
        28,
        72,
        "“trimm” is not a transform; did you mean “trim”?",
        'write "trim"',
    ),
    (
        "unknown_value_map",
        "/valueMaps/contry",
        4,
        36,
        "“contry” is not a variable; did you mean “country”?",
        'write "country"',
    ),
    (
        "unknown_variable_in_body",
        "/endpoints/buy/body/fields/product",
        19,
        56,
        "“servce” is not a variable; did you mean “service”?",
        'write "service"',
    ),
    (
        "unknown_variable_in_condition",
        "/endpoints/status/requires/0",
        21,
        54,
        "“activation” is not a variable; did you mean “activationId”?",
        'write "activationId"',
    ),
    (
        "unknown_variable_in_path",
        "/endpoints/buy/path",
        18,
        25,
        "“contry” is not a variable; did you mean “country”?",
        'write "country"',
    ),
    ("utf_16", "", 1, 1, "the file is UTF-16, not UTF-8", "save it as UTF-8 without BOM"),
    (
        "wrong_type_float_for_number",
        "/lifetimes/activationSeconds",
        4,
        57,
        "expected a whole number without quotes, not “900”",
        "write a whole number without quotes",
    ),
    (
        "wrong_type_in_union",
        "/errors/rules/0/status",
        10,
        18,
        "expected a list [ … ] or a whole number without quotes or text in doub",
        "write a list [ … ] or a whole number without ",
    ),
    (
        "wrong_type_number_for_text",
        "/endpoints/balance/path",
        15,
        25,
        "expected text in double quotes, not the number 7",
        "write text in double quotes",
    ),
    (
        "wrong_type_text_for_list",
        "/endpoints/status/requires",
        21,
        52,
        "expected a list [ … ], not “id”",
        "write a list [ … ]",
    ),
    (
        "wrong_type_text_for_object",
        "/auth",
        5,
        11,
        "expected an object { … }, not “X-Api-Key”",
        "write an object { … }",
    ),
]


def expected() -> dict[str, list[tuple[str, int, int, str, str]]]:
    table = defaultdict(list)
    for name, *fault in FAULTS:
        table[name].append(tuple(fault))
    return table


def problems(name: str) -> list[Problem]:
    file = BROKEN / f"{name}.json"
    with pytest.raises(ConfigError) as caught:
        load_config(text_of(file.read_bytes(), file.name), file.name)
    return caught.value.problems


def test_every_file_is_in_the_table() -> None:
    assert {file.stem for file in BROKEN.glob("*.json")} == set(expected())
    assert len(expected()) >= 50


@pytest.mark.parametrize("name", sorted(expected()))
def test_a_broken_config_is_told_with_place_and_cure(name: str) -> None:
    found = problems(name)
    told = [(each.pointer, each.line, each.column) for each in found]
    assert told == [fault[:3] for fault in expected()[name]]
    for problem, (_, _, _, message, cure) in zip(found, expected()[name], strict=True):
        assert message in problem.message
        assert problem.cure.startswith(cure)


@pytest.mark.parametrize("name", sorted(set(expected()) - {"utf_16", "empty"}))
def test_the_caret_stands_under_the_fault(name: str) -> None:
    raw = (BROKEN / f"{name}.json").read_bytes().decode("utf-8", errors="replace")
    for problem in problems(name):
        line, caret = problem.excerpt.split("\n")
        written = raw.split("\n")[problem.line - 1].replace("\ufeff", " ")
        after = written[problem.column - 1 :]
        assert line[caret.index("^") :].rstrip("…").startswith(after[:9].rstrip())
        assert caret.strip() == "^"


def test_a_pasted_key_is_not_shown() -> None:
    for problem in problems("unknown_key_that_is_a_secret"):
        assert "4242" not in problem.shown()
        assert "4242" not in str(problem)
        assert '"apiKey": "••••••••••••",' in problem.excerpt


SHIPPED = (Path(__file__).parents[2] / "provider_configs" / "fivesim.json").read_text("utf-8")
SIGNS = st.sampled_from([*'{}[]":,\\ \n0-x"“', "null", "//", "NaN", "'", "\ud800", "\x00"])


@settings(max_examples=200, deadline=None)
@given(
    cut=st.integers(0, len(SHIPPED)),
    length=st.integers(0, 40),
    put=st.lists(SIGNS, max_size=4).map("".join),
)
def test_any_damage_is_told_within_the_file_and_nothing_else_escapes(
    cut: int, length: int, put: str
) -> None:
    text = SHIPPED[:cut] + put + SHIPPED[cut + length :]
    checked = check_config(text, "damaged.json")
    assert (checked.config is None) == bool(checked.problems)
    lines = text.split("\n")
    for problem in checked.problems:
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
        assert problem.message
        assert problem.shown()


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_value_of_another_type_is_told_at_its_pointer(data: st.DataObject) -> None:
    document = json.loads(SHIPPED)
    place, steps = document, list[str]()
    while isinstance(place, dict) and place:
        key = data.draw(st.sampled_from(sorted(place)))
        steps.append(key)
        if not isinstance(place[key], dict) or data.draw(st.booleans()):
            place[key] = data.draw(
                st.sampled_from([None, 3.5, [], {}, True, "", "x", [1], {"a": {"b": 1}}, -1])
            )
            break
        place = place[key]
    text = json.dumps(document, indent=2)
    checked = check_config(text, "changed.json")
    for problem in checked.problems:
        line = text.split("\n")[problem.line - 1]
        assert problem.column <= len(line) + 1
    if checked.config is not None:
        assert lint(checked, "changed.json") is not None
