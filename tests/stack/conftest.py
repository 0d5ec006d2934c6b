"""Folders that PostgreSQL's own user can enter, which pytest's are not for root."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """An empty folder that every user may enter; its name has a space."""
    folder = Path(tempfile.mkdtemp(prefix="nexnum test "))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)
