"""Letters about an account and what their links do, once."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import redis

from nexnum_console.accounts import service as accounts
from nexnum_console.accounts import sessions
from nexnum_console.accounts.errors import BadCredentials, LinkInvalid, WeakPassword
from nexnum_console.core.crypto import SecretBox
from nexnum_console.core.db import Database
from nexnum_console.core.outbox import Doorbell, Outbox
from nexnum_console.core.queue import ERRANDS, JobQueue
from nexnum_console.notifications import mail
from nexnum_console.operations import account_mail
from nexnum_console.operations.account_mail import AlreadyVerified, Postroom
from nexnum_console.operations.registration import register
from tests.support import letters

EMAIL, OLD, NEW = "ada@example.org", "correct horse battery", "another long password"
BOX = SecretBox("k" * 32)


class Room:
    """A post room whose clock can be moved and whose letters can be read."""

    def __init__(self, database: Database, client: redis.Redis) -> None:
        self.now = datetime.now(UTC)
        self.jobs = JobQueue(client)
        outbox = Outbox(Doorbell(client, self.jobs).ring)
        self.post = Postroom(database, BOX, outbox, "https://numbers.example", lambda: self.now)
        self.database = database
        self.user_id = register(database, EMAIL, OLD, currency="USD")

    def letters(self) -> list[mail.Letter]:
        return letters.letters(self.database, BOX, self.now + timedelta(seconds=5))

    def token(self) -> str:
        (letter,) = self.letters()
        found = re.search(r"https://numbers\.example/\w+\?token=(\S+)", letter.text)
        assert found
        return found.group(1)

    def verified(self) -> bool:
        with self.database.transaction() as unit:
            return accounts.is_verified(unit, self.user_id)


@pytest.fixture
def room(database: Database, redis_client: redis.Redis) -> Room:
    return Room(database, redis_client)


def test_an_address_is_proven_by_its_letter_once(room: Room) -> None:
    account_mail.ask_verification(room.post, room.user_id)
    assert room.jobs.waiting(ERRANDS) == 1
    token = room.token()
    assert not room.verified()
    assert account_mail.verify(room.database, token, room.now) == room.user_id
    assert room.verified()
    with pytest.raises(LinkInvalid):
        account_mail.verify(room.database, token, room.now)
    with pytest.raises(AlreadyVerified):
        account_mail.ask_verification(room.post, room.user_id)


def test_a_newer_letter_ends_the_older_link(room: Room) -> None:
    account_mail.ask_verification(room.post, room.user_id)
    older = room.token()
    account_mail.ask_verification(room.post, room.user_id)
    with pytest.raises(LinkInvalid):
        account_mail.verify(room.database, older, room.now)
    account_mail.verify(room.database, room.token(), room.now)


def test_links_of_one_kind_open_nothing_of_another(room: Room) -> None:
    account_mail.ask_verification(room.post, room.user_id)
    with pytest.raises(LinkInvalid):
        account_mail.reset(room.post, room.token(), NEW)


def test_a_forgotten_password_is_set_anew_and_everyone_is_logged_out(room: Room) -> None:
    with room.database.transaction() as unit:
        session = sessions.open_session(
            unit, room.user_id, now=room.now, lifetime=timedelta(days=1)
        )
    account_mail.ask_reset(room.post, " ADA@example.org ")
    token = room.token()
    with pytest.raises(WeakPassword):
        account_mail.reset(room.post, token, "short")
    account_mail.reset(room.post, token, NEW)
    assert accounts.authenticate(room.database, EMAIL, NEW).id == room.user_id
    with pytest.raises(BadCredentials):
        accounts.authenticate(room.database, EMAIL, OLD)
    with room.database.transaction() as unit:
        assert sessions.resolve(unit, session, now=room.now) is None
    assert [letter.subject for letter in room.letters()] == ["Your password was changed"]
    assert room.verified()
    with pytest.raises(LinkInvalid):
        account_mail.reset(room.post, token, NEW)


def test_a_reset_link_is_good_for_an_hour(room: Room) -> None:
    account_mail.ask_reset(room.post, EMAIL)
    token = room.token()
    room.now += timedelta(minutes=61)
    with pytest.raises(LinkInvalid):
        account_mail.reset(room.post, token, NEW)


@pytest.mark.parametrize("address", ["nobody@example.org", "not an address", ""])
def test_unknown_addresses_get_the_same_silence(room: Room, address: str) -> None:
    account_mail.ask_reset(room.post, address)
    assert room.letters() == []


def test_a_banned_person_gets_no_link(room: Room) -> None:
    with room.database.transaction() as unit:
        accounts.ban(unit, room.user_id)
    account_mail.ask_reset(room.post, EMAIL)
    assert room.letters() == []


def test_a_password_changes_with_the_present_one_only(room: Room) -> None:
    with pytest.raises(BadCredentials, match="present password is wrong"):
        account_mail.change_password(room.post, room.user_id, "wrong", NEW)
    account_mail.change_password(room.post, room.user_id, OLD, NEW)
    assert accounts.authenticate(room.database, EMAIL, NEW)


def test_one_login_ends_and_the_others_stay(room: Room) -> None:
    with room.database.transaction() as unit:
        tokens = [
            sessions.open_session(unit, room.user_id, now=room.now, lifetime=timedelta(days=1))
            for _ in range(2)
        ]
        newest, first = sessions.open_ones(unit, room.user_id, now=room.now)
        sessions.revoke(unit, room.user_id, first.id, now=room.now)
        assert sessions.resolve(unit, tokens[0], now=room.now) is None
        who = sessions.resolve(unit, tokens[1], now=room.now)
        assert who is not None
        assert who.session_id == newest.id
        assert [one.id for one in sessions.open_ones(unit, room.user_id, now=room.now)] == [
            newest.id
        ]
