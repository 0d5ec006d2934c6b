"""Seals: journals in id order, block by block, hashed, chained and signed off the hot path.

A wallet's own chain tells of an edit; the seals also tell of one who rewrote a whole chain, and of
house journals, which belong to no wallet. The signing key is not in the database, and every head
is written to a file, so that blocks taken away at the end are missed too.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from nexnum_console.core.db import UnitOfWork

MARK: Final = "rollup"
# Seals this much apart are large enough to be few.
DELAY: Final = timedelta(seconds=10)
BLOCK_MAX: Final = 100_000
FIRST: Final = b"\x00" * 32
HEADS: Final = "heads.jsonl"
PUBLIC: Final = "public_keys.txt"

# Whoever adds a journal holds this lock from before its number is drawn until its end. Numbers are
# read by the statement's snapshot and locks after it, so that no writer is missed.
_WRITERS: Final = (
    "select virtualtransaction as writer from pg_locks"
    " where relation in ('journal'::regclass, 'account'::regclass) and mode = 'RowExclusiveLock'"
    " and database = (select oid from pg_database where datname = current_database())"
)
_ROOT: Final = """
select coalesce(j.number, 0) as number, sha256(coalesce(j.said, ''::bytea)
  || coalesce(a.said, ''::bytea)) as root
from (select count(*) as number, string_agg(int8send(id) || hash, ''::bytea order by id) as said
  from journal where id > {after_id} and id <= {upto_id}) j,
 (select string_agg(int8send(id) || convert_to(code, 'UTF8'), ''::bytea order by id) as said
  from account where id > {accounts_after} and id <= {accounts_upto}) a
"""


class SealKey:
    """The installation's signing key, made from its secret key; never stored."""

    def __init__(self, secret_key: str) -> None:
        seed = sha256(b"nexnum/ledger-seal/1:" + secret_key.encode()).digest()
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public(self) -> bytes:
        """What anyone may check a seal with: 32 bytes."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, block_hash: bytes) -> bytes:
        """64 bytes."""
        return self._key.sign(block_hash)


@dataclass(frozen=True, slots=True)
class Block:
    """Journals with ``after_id`` < id ≤ ``upto_id``, and accounts likewise."""

    number: int
    after_id: int
    upto_id: int
    accounts_after: int
    accounts_upto: int
    journals: int
    root: bytes
    hash: bytes
    signature: bytes
    public_key: bytes
    sealed_at: datetime

    def head(self) -> dict[str, Any]:
        """The block as it is told outside."""
        return {
            "number": self.number,
            "upto": self.upto_id,
            "journals": self.journals,
            "hash": self.hash.hex(),
            "signature": self.signature.hex(),
            "public_key": self.public_key.hex(),
            "sealed_at": self.sealed_at.isoformat(),
        }


def seal(unit: UnitOfWork, key: SealKey, now: datetime) -> Block | None:
    """Seal the next block, add its entries to the accounts' sums, note how far the next may go.

    What is noted is sealed at a later call, when every transaction of that time has ended: a
    journal with a lower number that commits late is never skipped. None when nothing is due.
    """
    unit.run("insert into ledger_mark (name) values (:name) on conflict do nothing", name=MARK)
    mark = unit.first("select * from ledger_mark where name = :name for update", name=MARK)
    assert mark is not None, "the row was just made sure of"
    candidate = mark["candidate"]
    if candidate is None:
        _note_candidate(unit, now)
        return None
    if now < mark["noted_at"] + DELAY or _still_writing(unit, mark["writers"]):
        return None
    block = _make(unit, key, mark, now) if candidate > mark["journal_id"] else None
    if block is None or block.upto_id == candidate:
        _note_candidate(unit, now)
    return block


def export(folder: Path, block: Block) -> None:
    """Append the head to the heads file, and the key to the known ones if it is new."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _append(folder / HEADS, json.dumps(block.head()))
    if block.public_key not in public_keys(folder):
        _append(folder / PUBLIC, block.public_key.hex())


def public_keys(folder: Path) -> frozenset[bytes]:
    """The keys that sealed so far, as the file beside the heads knows them."""
    try:
        lines = (folder / PUBLIC).read_text("ascii").split()
    except FileNotFoundError:
        return frozenset()
    return frozenset(bytes.fromhex(line) for line in lines)


def last_head(folder: Path) -> dict[str, Any] | None:
    """The newest head told outside; a line that was cut short by a crash is no head."""
    try:
        lines = (folder / HEADS).read_text("ascii").splitlines()
    except FileNotFoundError:
        return None
    for line in reversed(lines):
        try:
            found: dict[str, Any] = json.loads(line)
        except json.JSONDecodeError:
            continue
        return found
    return None


def findings(
    unit: UnitOfWork, trusted: frozenset[bytes], head: dict[str, Any] | None
) -> Iterator[str]:
    """What is wrong with the seals: each block's run, root, chain, signature, and the last head."""
    before = FIRST, 0, 0
    number = 0
    hashes: dict[int, str] = {}
    for row in unit.all(f"{_CHECKED} order by b.number"):
        number += 1
        if row["number"] != number or (row["after_id"], row["accounts_after"]) != before[1:]:
            yield f"{_where(row)}: does not follow the seal before it"
            number = int(row["number"])
        yield from _faults(row, before[0], trusted)
        before = bytes(row["hash"]), int(row["upto_id"]), int(row["accounts_upto"])
        hashes[int(row["number"])] = before[0].hex()
    if head is not None and hashes.get(int(head["number"])) != head["hash"]:
        yield f"seal {head['number']}, told outside at {head['sealed_at']}, is gone or another one"


_CHECKED: Final = (  # composed of constants
    "select b.*, x.number as found, x.root as found_root from ledger_block b cross join lateral ("  # noqa: S608
    + _ROOT.format(
        after_id="b.after_id",
        upto_id="b.upto_id",
        accounts_after="b.accounts_after",
        accounts_upto="b.accounts_upto",
    )
    + ") x"
)


@dataclass(frozen=True, slots=True)
class Sealed:
    """The block that a journal is in, and what is wrong with it, looked at alone."""

    number: int
    hash: bytes
    sealed_at: datetime
    faults: tuple[str, ...]


def block_of(unit: UnitOfWork, journal_id: int, trusted: frozenset[bytes]) -> Sealed | None:
    """The seal over a journal, its root read again; None while it is not sealed."""
    rows = unit.all(
        f"{_CHECKED} where b.after_id < :id and b.upto_id >= :id order by b.number limit 1",
        id=journal_id,
    )
    if not rows:
        return None
    row = rows[0]
    before = unit.scalar("select hash from ledger_block where number = :n", n=row["number"] - 1)
    faults = tuple(_faults(row, FIRST if before is None else bytes(before), trusted))
    return Sealed(int(row["number"]), bytes(row["hash"]), row["sealed_at"], faults)


def _where(row: Any) -> str:
    return (
        f"seal {row['number']} (journals {row['after_id'] + 1} to {row['upto_id']},"
        f" sealed {row['sealed_at']})"
    )


def _faults(row: Any, before: bytes, trusted: frozenset[bytes]) -> Iterator[str]:
    """What is wrong with one block that follows the one whose hash is ``before``."""
    where = _where(row)
    if row["found"] != row["journals"]:
        yield f"{where}: holds {row['journals']} journals, {row['found']} are there"
    elif bytes(row["found_root"]) != bytes(row["root"]):
        yield f"{where}: its journals or accounts are not the sealed ones"
    if _hash(before, row) != bytes(row["hash"]):
        yield f"{where}: its hash does not cover what it says"
    if not _signed(row, trusted):
        yield f"{where}: its signature is not ours"


def _note_candidate(unit: UnitOfWork, now: datetime) -> None:
    unit.run(
        "update ledger_mark set candidate = (select max(id) from journal),"  # noqa: S608
        " account_candidate = (select max(id) from account),"
        f" writers = coalesce((select string_agg(distinct writer, ',') from ({_WRITERS}) w), ''),"
        " noted_at = :now where name = :name",
        name=MARK,
        now=now,
    )


def _still_writing(unit: UnitOfWork, writers: str) -> bool:
    return bool(
        unit.scalar(
            f"select exists (select from ({_WRITERS}) w"  # noqa: S608  a constant
            " where writer = any(string_to_array(:writers, ',')))",
            writers=writers,
        )
    )


def _make(unit: UnitOfWork, key: SealKey, mark: Any, now: datetime) -> Block:
    upto = int(
        unit.scalar(
            "select max(id) from (select id from journal where id > :after and id <= :upto"
            " order by id limit :most) run",
            after=mark["journal_id"],
            upto=mark["candidate"],
            most=BLOCK_MAX,
        )
        or mark["candidate"]
    )
    last = unit.first("select number, hash from ledger_block order by number desc limit 1")
    bounds = {
        "after_id": int(mark["journal_id"]),
        "upto_id": upto,
        "accounts_after": int(mark["account_id"]),
        "accounts_upto": int(mark["account_candidate"] or 0),
    }
    told = unit.first(_ROOT.format(**{name: f":{name}" for name in bounds}), **bounds)
    assert told is not None, "an aggregate has one row"
    row: dict[str, Any] = {
        "number": 1 + (last["number"] if last else 0),
        **bounds,
        "journals": told["number"],
        "root": bytes(told["root"]),
        "sealed_at": now,
    }
    row["hash"] = _hash(bytes(last["hash"]) if last else FIRST, row)
    block = Block(**row, signature=key.sign(row["hash"]), public_key=key.public)
    _store(unit, block)
    return block


def _store(unit: UnitOfWork, block: Block) -> None:
    columns = list(Block.__slots__)
    names = ", ".join(columns)
    values = ", ".join(f":{column}" for column in columns)
    unit.run(
        f"insert into ledger_block ({names}) values ({values})",  # noqa: S608  our own names
        **{column: getattr(block, column) for column in columns},
    )
    unit.run(
        "insert into account_rollup (account_id, amount, entries)"
        " select account_id, sum(amount), count(*) from entry"
        " where journal_id > :after and journal_id <= :upto group by account_id"
        " on conflict (account_id) do update set"
        " amount = account_rollup.amount + excluded.amount,"
        " entries = account_rollup.entries + excluded.entries",
        after=block.after_id,
        upto=block.upto_id,
    )
    unit.run(
        "update ledger_mark set journal_id = :upto, account_id = :accounts where name = :name",
        upto=block.upto_id,
        accounts=block.accounts_upto,
        name=MARK,
    )


def _hash(before: bytes, row: Any) -> bytes:
    names = ("number", "after_id", "upto_id", "accounts_after", "accounts_upto", "journals")
    moment = row["sealed_at"].astimezone(UTC).isoformat(timespec="microseconds")
    said = "|".join([*(str(row[name]) for name in names), moment, ""])
    return sha256(before + said.encode() + bytes(row["root"])).digest()


def _signed(row: Any, trusted: frozenset[bytes]) -> bool:
    public = bytes(row["public_key"])
    if trusted and public not in trusted:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(
            bytes(row["signature"]), bytes(row["hash"])
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def _append(path: Path, line: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="ascii") as file:
        file.write(f"{line}\n")
        file.flush()
        os.fsync(file.fileno())
