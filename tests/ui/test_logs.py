from __future__ import annotations

import logging

import pytest

from nexnum_console.ui.shell.logs import guard_framework_logs, redacted


@pytest.mark.parametrize(
    "text",
    [
        "{'cookie': 'nexnum_session=SECRETVALUE; other=1', 'host': 'x'}",
        "router_data={'headers': {'Cookie': \"a=SECRETVALUE\"}}",
        "client_token: 'SECRETVALUE-1234'",
        '"token":"SECRETVALUE"',
        "__Host-nexnum_session=SECRETVALUE; Path=/",
        "Authorization: 'SECRETVALUE-abc'",
    ],
)
def test_secrets_do_not_survive(text: str) -> None:
    assert "SECRETVALUE" not in redacted(text)


def test_other_words_do() -> None:
    assert (
        redacted("event refused: store.load for user:7") == "event refused: store.load for user:7"
    )


def test_framework_records_are_rewritten(caplog: pytest.LogCaptureFixture) -> None:
    before = logging.getLogRecordFactory()
    try:
        guard_framework_logs()
        with caplog.at_level(logging.WARNING):
            logging.getLogger("reflex.app").warning("event %s", {"cookie": "a=SECRETVALUE"})
            logging.getLogger("ours").warning("kept %s", "words")
        assert "SECRETVALUE" not in caplog.text
        assert "kept words" in caplog.text
    finally:
        logging.setLogRecordFactory(before)
