"""The sandbox stands alone."""

from __future__ import annotations

import re
from pathlib import Path

import nexnum_console.sandbox

IMPORT = re.compile(r"^\s*(?:from|import)\s+(nexnum_console[\w.]*)", re.MULTILINE)


def test_it_imports_nothing_else_of_the_product():
    root = Path(nexnum_console.sandbox.__file__).parent
    found = {name for path in root.glob("*.py") for name in IMPORT.findall(path.read_text("utf-8"))}
    assert found
    assert {name for name in found if not name.startswith("nexnum_console.sandbox")} == set()


def test_both_dialects_and_control_are_mounted(live):
    for path in ("/fivesim/v1/guest/countries", "/sms_activate/stubs/handler_api.php"):
        assert live.http.get(live.url + path).status_code == 200
    assert live.control("GET", "/health").json() == {"ok": True}
    assert live.http.get(live.url + "/").status_code == 404
