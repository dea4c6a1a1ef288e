"""Reading ahead changes nothing but the speed: every body is the one that was asked for, in whatever order."""

from __future__ import annotations

import random
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.mail_access.pop3.maildrop import Maildrop, open_maildrop
from services.mail_access.pop3.read_ahead import MOST_OCTETS, ReadAhead
from services.mail_access.pop3.tests.conftest import Mail
from shared.database.database import Database
from shared.database.errors import StoreUnavailable
from shared.folders.body_cache import BodyCache
from shared.folders.copy_entries import copy_entries
from shared.folders.errors import MessageNotFound
from shared.testing.reactor import running_reactor, wait_for

MESSAGES = 60
REMEMBERED = 1 << 20  # less than there is: some come from memory, some from the store


def letter(number: int) -> bytes:
    size = {0: 0, 1: MOST_OCTETS + 1}.get(number % 13, number % 7 * 20_000)
    return random.Random(number).randbytes(size)


@pytest.fixture
def maildrop(mail: Mail) -> Maildrop:
    mail.put("alice", *map(letter, range(MESSAGES)))
    return wait_for(lambda: mail.parts.database.transact(open_maildrop, mail.accounts["alice"], uuid4(), uuid4()))


@given(st.lists(st.integers(1, MESSAGES) | st.sampled_from(["next"] * 5), max_size=100))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_in_any_order(maildrop: Maildrop, database: Database, wanted: list[int | str]) -> None:
    async def take_all() -> None:
        ahead, number = ReadAhead(BodyCache(database, REMEMBERED)), 0
        for each in wanted:
            number = number % MESSAGES + 1 if each == "next" else int(each)
            assert await ahead.take(maildrop, number) == letter(number - 1)

    wait_for(take_all)


def test_one_after_the_other_with_some_deleted(maildrop: Maildrop, database: Database) -> None:
    async def take_all() -> None:
        ahead = ReadAhead(BodyCache(database, REMEMBERED))
        for number in range(1, MESSAGES + 1):
            if number not in maildrop.deleted:
                assert await ahead.take(maildrop, number) == letter(number - 1)
            maildrop.deleted.add(number + 3 if number % 5 == 0 else number)

    wait_for(take_all)


def test_the_same_message_under_two_numbers(mail: Mail) -> None:
    mail.put("alice", letter(2), letter(3))
    inbox = mail.inbox("alice")
    copy_entries(mail.transaction, inbox.folder.id, inbox.folder.id, inbox.uids)
    mail.transaction.commit()
    database = mail.parts.database
    maildrop = wait_for(lambda: database.transact(open_maildrop, mail.accounts["alice"], uuid4(), uuid4()))

    async def take_all() -> list[bytes]:
        ahead = ReadAhead(BodyCache(database, REMEMBERED))
        return [await ahead.take(maildrop, number) for number in range(1, 5)]

    assert wait_for(take_all) == [letter(2), letter(3)] * 2


def test_what_is_gone_from_the_store_is_told_and_the_rest_still_comes(mail: Mail, maildrop: Maildrop) -> None:
    mail.transaction.execute("DELETE FROM body WHERE message_id = %s", (maildrop.message_ids[9],))
    mail.transaction.commit()

    async def take_all() -> None:
        ahead = ReadAhead(mail.parts.bodies)
        for number in range(1, 20):
            if number == 10:
                with pytest.raises(MessageNotFound):
                    await ahead.take(maildrop, number)
            else:
                assert await ahead.take(maildrop, number) == letter(number - 1)

    wait_for(take_all)


def test_store_away_while_reading_ahead_is_told_when_a_body_is_wanted(maildrop: Maildrop, database_url: str) -> None:
    async def take_all() -> None:
        database = Database(running_reactor(), database_url)
        ahead = ReadAhead(BodyCache(database, REMEMBERED))
        assert await ahead.take(maildrop, 3) == letter(2)
        await database.close()
        for number in range(4, 8):
            assert await ahead.take(maildrop, number) == letter(number - 1)
        with pytest.raises(StoreUnavailable):
            await ahead.take(maildrop, MESSAGES)

    wait_for(take_all)
