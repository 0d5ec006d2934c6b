"""Where a checkout keeps its running state: everything under ``.nexnum/``."""

from __future__ import annotations

import errno
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from nexnum_console.stack.errors import StackError

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Layout:
    """Folders of one installation; ``root`` is the checkout, ``state`` its ``.nexnum/``."""

    root: Path
    state: Path

    @classmethod
    def of(cls, root: Path = CHECKOUT) -> Layout:
        """The layout of a checkout, by default the one this code runs from."""
        return cls(root=root, state=root / ".nexnum")

    @classmethod
    def chosen(cls, environ: Mapping[str, str]) -> Layout:
        """The checkout this code runs from, with NEXNUM_DATA_DIR as its state if given."""
        data = environ.get("NEXNUM_DATA_DIR")
        return cls(root=CHECKOUT, state=Path(data).absolute() if data else CHECKOUT / ".nexnum")

    @property
    def run(self) -> Path:
        """Process records, the lock, and the state other commands read."""
        return self.state / "run"

    @property
    def logs(self) -> Path:
        """One file for each process."""
        return self.state / "logs"

    @property
    def postgres(self) -> Path:
        """Home of the embedded database when its user can reach it here."""
        return self.state / "pg"

    @property
    def redis(self) -> Path:
        """Append-only file and configuration of the embedded Redis."""
        return self.state / "redis"

    @property
    def secrets(self) -> Path:
        """Folder of generated secrets, mode 0700."""
        return self.state / "secrets"

    def create(self) -> None:
        """Make the folders. Raises StackError when the checkout cannot be written."""
        try:
            self.state.mkdir(mode=0o755, exist_ok=True)
            for folder, mode in (
                (self.run, 0o700),
                (self.logs, 0o700),
                (self.redis, 0o700),
                (self.secrets, 0o700),
            ):
                folder.mkdir(mode=mode, exist_ok=True)
                if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
                    raise PermissionError(errno.EACCES, "it belongs to another user")
        except OSError as error:
            raise StackError(
                f"Cannot write to {self.state} ({error.strerror}).",
                "Give this user write access to the folder, or use a copy in a folder of yours.",
            ) from error


@dataclass(frozen=True)
class Secrets:
    """Random values made once for an installation and kept in ``.nexnum/secrets``."""

    instance: str
    postgres_admin: str
    postgres_owner: str
    postgres_app: str
    redis: str
    secret_key: str
    sandbox_key: str


def load_secrets(layout: Layout) -> Secrets:
    """Read the installation's secrets, making those that do not exist yet."""
    path = layout.secrets / "generated.json"
    stored: dict[str, str] = read_json(path) or {}
    names = [field.name for field in fields(Secrets)]
    known = Secrets(**{name: stored.get(name) or secrets.token_hex(24) for name in names})
    if asdict(known) != stored:
        write_private(path, asdict(known))
    return known


def read_json(path: Path) -> Any:
    """The JSON in a file; None when the file is absent or was cut short."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def write_private(path: Path, value: Any) -> None:
    """Replace a JSON file in one step, readable by its owner alone."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
