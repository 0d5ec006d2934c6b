"""What keeps the stack from starting is one line with its cure."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from nexnum_console.stack import preflight
from nexnum_console.stack.errors import StackError
from nexnum_console.stack.layout import Layout
from nexnum_console.stack.services import free_port


def test_an_old_python_is_refused() -> None:
    with pytest.raises(StackError, match=r"Python 3\.10\.4 is too old\. Install Python 3\.11"):
        preflight.check_python((3, 10, 4))


def test_a_taken_port_names_the_next() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StackError, match=f"Port {port} .* taken.*--port {port + 1}"):
            preflight.check_port("127.0.0.1", port)


def test_a_free_port_passes() -> None:
    preflight.check_port("127.0.0.1", free_port())


def test_an_address_that_is_not_ours_is_refused() -> None:
    with pytest.raises(StackError, match="taken or not ours"):
        preflight.check_port("192.0.2.1", 8000)


def test_a_full_disk_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"MB are needed. Free some space"):
        preflight.check_space(tmp_path, needed_mb=10**9)


def test_an_unwritable_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    with pytest.raises(StackError, match=r"Cannot write to .*Give this user write access"):
        Layout(root=tmp_path, state=tmp_path / "state").create()


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StackError, match="Cannot write to"):
        Layout.of(tmp_path).create()


def test_a_silent_database_is_refused() -> None:
    url = f"postgresql://nobody:secret@127.0.0.1:{free_port()}/none"
    with pytest.raises(
        StackError, match=r"DATABASE_URL does not answer: .*unset DATABASE_URL"
    ) as e:
        preflight.check_database(url)
    assert "secret" not in str(e.value)


def test_a_silent_redis_is_refused() -> None:
    url = f"redis://:secret@127.0.0.1:{free_port()}/0"
    with pytest.raises(StackError, match=r"REDIS_URL does not answer: .*unset REDIS_URL") as e:
        preflight.check_redis(url)
    assert "secret" not in str(e.value)


def test_answering_services_tell_their_version(postgres_url: str, redis_url: str) -> None:
    assert preflight.check_database(postgres_url).startswith("18")
    assert preflight.check_redis(redis_url) >= "6.2"
