"""``./nexnum otp``: one message a line in, one code a line out."""

from __future__ import annotations

import json

from click.testing import CliRunner

from nexnum_console.commands.otp import otp

MESSAGES = "Your code is 123-456\nSee you at noon\nВаш код: 0042\r\n"


def test_a_line_for_each_message_and_an_empty_one_where_there_is_no_code() -> None:
    result = CliRunner().invoke(otp, [], input=MESSAGES)

    assert result.exit_code == 0
    assert result.output == "123456\n\n0042\n"


def test_json_tells_the_message_too() -> None:
    result = CliRunner().invoke(otp, ["--json"], input=MESSAGES)

    lines = [json.loads(line) for line in result.output.splitlines()]
    assert [line["code"] for line in lines] == ["123456", None, "0042"]
    assert lines[2]["text"] == "Ваш код: 0042"


def test_bytes_that_are_no_text_do_not_end_the_reading() -> None:
    result = CliRunner().invoke(otp, [], input=b"\xff\xfe code 4821\nPIN 7781\n")

    assert result.output.splitlines() == ["4821", "7781"]
