"""The build is repeated exactly when its sources change, and fits any origin."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nexnum_console.stack import frontend
from nexnum_console.stack.errors import StackError
from nexnum_console.stack.layout import Layout


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    (tmp_path / "nexnum_console/ui").mkdir(parents=True)
    (tmp_path / "nexnum_console/ui/page.py").write_text("a = 1")
    (tmp_path / "rxconfig.py").write_text("config = 1")
    (tmp_path / "reflex.lock").mkdir()
    return Layout.of(tmp_path)


def stamp(layout: Layout) -> None:
    (layout.root / ".web/build/client").mkdir(parents=True, exist_ok=True)
    digests = {
        "sources": frontend.digest(layout, frontend.SOURCES),
        "packages": frontend.digest(layout, frontend.PACKAGES),
    }
    (layout.root / ".web/nexnum-build.json").write_text(json.dumps(digests))


def test_an_unchanged_tree_is_current(layout: Layout) -> None:
    assert not frontend.is_current(layout)
    stamp(layout)
    assert frontend.is_current(layout)


@pytest.mark.parametrize(
    "name", ["nexnum_console/ui/new.py", "rxconfig.py", "reflex.lock/package.json", "assets/x.svg"]
)
def test_a_changed_source_asks_for_a_build(layout: Layout, name: str) -> None:
    stamp(layout)
    (layout.root / name).parent.mkdir(exist_ok=True)
    (layout.root / name).write_text("changed")
    assert not frontend.is_current(layout)


def test_bytecode_does_not_ask_for_a_build(layout: Layout) -> None:
    stamp(layout)
    (layout.root / "nexnum_console/ui/__pycache__").mkdir()
    (layout.root / "nexnum_console/ui/__pycache__/page.pyc").write_text("x")
    assert frontend.is_current(layout)


def test_pages_talk_to_where_they_came_from(tmp_path: Path) -> None:
    script = tmp_path / "assets/reflex-env-1.js"
    script.parent.mkdir()
    script.write_text('e={PING:`http://nexnum.invalid/ping`,EVENT:"ws://nexnum.invalid/_event"}')
    (tmp_path / "assets/reflex-env-1.js.gz").write_bytes(b"stale")
    frontend.use_own_origin(tmp_path)
    assert script.read_text() == (
        'e={PING:location.origin.replace(/^http/,"http")+"/ping",'
        'EVENT:location.origin.replace(/^http/,"ws")+"/_event"}'
    )
    assert not (tmp_path / "assets/reflex-env-1.js.gz").exists()


def test_a_build_without_an_address_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="do not say where their server is"):
        frontend.use_own_origin(tmp_path)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("npm error code ENOTFOUND", "no network"),
        ("reason: SELF_SIGNED_CERT_IN_CHAIN", "unknown certificate"),
        ("npm error ENOSPC: write", "disk is full"),
        ("SyntaxError: bad page", "SyntaxError: bad page"),
    ],
)
def test_a_failed_build_names_its_cause(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, said: str, told: str
) -> None:
    layout.create()
    (layout.root / ".web").mkdir()
    program = layout.root / "python"
    program.write_text(f"#!/bin/sh\necho '{said}'\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(frontend.sys, "executable", str(program))
    with pytest.raises(StackError, match=told):
        frontend.build(layout, {"NPM_CONFIG_REGISTRY": "unused"})
    assert not frontend.is_current(layout)
