"""Letters: kept with the change, sent once their server takes them, their text gone after."""

from __future__ import annotations

import asyncio
import email
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import policy
from pathlib import Path

import pytest

from nexnum_console.core import dead_letters
from nexnum_console.core.clock import utc_now
from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import Database
from nexnum_console.core.outbox import DeliveryFailed, Outbox, Route
from nexnum_console.notifications import mail
from nexnum_console.notifications.carriages import Folder, Smtp, carriage
from nexnum_console.notifications.mail import Letter
from tests.support import letters

BOX = SecretBox("k" * 32)
START = utc_now()
OUTBOX = Outbox(lambda topic: None)
TRIES = Route(print).tries
SENDER = "NexNum <post@numbers.example>"


class Recorded:
    """A carriage that takes what it is told to take."""

    def __init__(self, *refusals: DeliveryFailed) -> None:
        self.refusals = list(refusals)
        self.letters: list[Letter] = []

    def deliver(self, letter: Letter) -> None:
        if self.refusals:
            raise self.refusals.pop(0)
        self.letters.append(letter)


def post(database: Database, recipient: str = "ada@example.org", text: str = "the link") -> int:
    with database.transaction() as unit:
        return mail.post(unit, OUTBOX, BOX, recipient, "A subject", text, now=START)


def row(database: Database, mail_id: int) -> dict:
    with database.transaction() as unit:
        return dict(
            unit.first(
                "select m.sealed, m.sent_at, o.state, o.error, o.next_at from mail m"
                " join outbox o on o.id = m.outbox_id where m.id = :id",
                id=mail_id,
            )
        )


def send(database: Database, way, at: datetime = START) -> int:
    return letters.send(database, BOX, way, at)


def test_a_letter_is_sealed_until_it_is_sent_and_gone_after(database: Database) -> None:
    mail_id, way = post(database, text="https://numbers.example/reset?token=secret"), Recorded()
    assert b"secret" not in bytes(row(database, mail_id)["sealed"])
    assert send(database, way) == 1
    assert way.letters[0].text == "https://numbers.example/reset?token=secret"
    kept = row(database, mail_id)
    assert (kept["state"], kept["sealed"], kept["sent_at"]) == ("done", None, START)
    assert send(database, way) == 0


def test_a_rolled_back_change_sends_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as unit:
        1 / mail.post(unit, OUTBOX, BOX, "ada@example.org", "A subject", "text", now=START) / 0
    assert send(database, Recorded()) == 0


def test_a_server_that_is_away_is_asked_later_and_later(database: Database) -> None:
    mail_id = post(database)
    way = Recorded(*[DeliveryFailed("away")] * 3)
    now, waits = START, []
    for _ in range(3):
        assert send(database, way, now) == 0
        assert send(database, way, now) == 0, "not before its time"
        waits.append((row(database, mail_id)["next_at"] - now).total_seconds())
        now = row(database, mail_id)["next_at"]
    assert waits == [15, 60, 240]
    assert row(database, mail_id)["error"] == "away"
    assert send(database, way, now) == 1


@pytest.mark.parametrize("final", [True, False])
def test_what_cannot_be_delivered_waits_for_an_admin(database: Database, final: bool) -> None:
    mail_id = post(database)
    tries = 1 if final else TRIES
    way = Recorded(*[DeliveryFailed("no such mailbox", final=final)] * tries)
    now = START
    for _ in range(tries):
        assert row(database, mail_id)["state"] == "waiting"
        send(database, way, now)
        now += timedelta(hours=7)
    kept = row(database, mail_id)
    assert (kept["state"], kept["error"]) == ("dead", "no such mailbox")
    redrive(database, now)
    assert send(database, way, now) == 1
    assert way.letters[0].text == "the link"


def test_the_text_of_a_dead_letter_is_erased_in_time_and_then_says_so(database: Database) -> None:
    dead, waiting = post(database), post(database)
    way = Recorded(DeliveryFailed("no such mailbox", final=True), DeliveryFailed("away"))
    send(database, way)
    for days, erased in ((2, 0), (4, 1)):
        with database.transaction() as unit:
            assert mail.forget_texts(unit, START + timedelta(days=days)) == erased
    assert row(database, waiting)["sealed"], "its turn comes yet"
    later = START + timedelta(days=4)
    redrive(database, later)
    send(database, way, later)
    assert [letter.id for letter in way.letters] == [waiting]
    kept = row(database, dead)
    assert kept["state"] == "dead"
    assert "is gone" in kept["error"]


def test_a_letter_whose_sender_died_after_the_servers_yes_is_not_sent_again(
    database: Database,
) -> None:
    mail_id, way = post(database), Recorded()
    send(database, way)
    with database.transaction() as unit:
        unit.run("update outbox set state = 'waiting', settled_at = null")
    assert send(database, way) == 1
    assert len(way.letters) == 1
    assert row(database, mail_id)["state"] == "done"


def test_a_sender_that_died_holds_a_letter_for_two_minutes(database: Database) -> None:
    post(database)

    class Dies(BaseException):
        pass

    class Dying:
        def deliver(self, letter: Letter) -> None:
            raise Dies

    with pytest.raises(Dies):
        send(database, Dying())
    assert send(database, Recorded(), START + timedelta(seconds=119)) == 0
    assert send(database, Recorded(), START + timedelta(seconds=121)) == 1


def test_without_a_mail_server_letters_are_files(database: Database, tmp_path: Path) -> None:
    mail_id = post(database, text="Grüße,\n\nhttps://numbers.example/reset?token=abc\n")
    assert send(database, carriage(None, tmp_path / "mail", SENDER)) == 1
    (file,) = (tmp_path / "mail").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    read = email.message_from_bytes(file.read_bytes(), policy=policy.default)
    assert (read["To"], read["Subject"]) == ("ada@example.org", "A subject")
    assert read["Message-ID"] == f"<nexnum-{mail_id}@numbers.example>"
    assert "token=abc" in read.get_content()
    assert "Grüße" in read.get_content()


def test_an_unwritable_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file is in the way")
    with pytest.raises(DeliveryFailed, match="mail"):
        Folder(tmp_path / "mail", SENDER).deliver(Letter(1, "a@example.org", "s", "t"))


def redrive(database: Database, at: datetime) -> None:
    with database.transaction() as unit:
        assert dead_letters.redrive(unit, OUTBOX, None, at)


class MailServer:
    """An SMTP server (RFC 5321) on loopback, as far as one client needs it."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self.refuse = ""
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        assert self._ready.wait(5)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(5)
        self._loop.close()

    def _serve(self) -> None:
        self._loop.run_until_complete(self._main())

    async def _main(self) -> None:
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready\r\n")
        while line := await reader.readline():
            verb = line.split(b" ")[0].strip().upper()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                body = await reader.readuntil(b"\r\n.\r\n")
                self.received.append(body.decode())
                writer.write(b"250 taken\r\n")
            elif verb == b"RCPT" and self.refuse:
                writer.write(self.refuse.encode() + b"\r\n")
            elif verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 ok\r\n")
        writer.close()


@pytest.fixture
def server() -> Iterator[MailServer]:
    started = MailServer()
    yield started
    started.close()


def test_a_mail_server_gets_the_letter(server: MailServer) -> None:
    way = Smtp(f"smtp://127.0.0.1:{server.port}", SENDER)
    way.deliver(Letter(7, "ada@example.org", "A subject", "the text\n"))
    assert "Message-ID: <nexnum-7@numbers.example>" in server.received[0]
    assert "the text" in server.received[0]


@pytest.mark.parametrize(
    ("refusal", "final"), [("550 no such mailbox", True), ("451 try later", False)]
)
def test_a_refused_recipient_says_whether_it_is_final(
    server: MailServer, refusal: str, final: bool
) -> None:
    server.refuse = refusal
    with pytest.raises(DeliveryFailed, match=refusal[:3]) as caught:
        Smtp(f"smtp://127.0.0.1:{server.port}", SENDER).deliver(Letter(7, "a@b.org", "s", "t"))
    assert caught.value.final is final


def test_nobody_at_the_server_is_not_final() -> None:
    with pytest.raises(DeliveryFailed, match=r"127\.0\.0\.1:1: ") as caught:
        Smtp("smtp://127.0.0.1:1", SENDER).deliver(Letter(7, "a@b.org", "s", "t"))
    assert not caught.value.final
