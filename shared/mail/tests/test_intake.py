"""The one way in for new messages: by a folder's id or its name, in one commit, in their order."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from twisted.internet.defer import Deferred, gatherResults

from shared.database.database import Database
from shared.folders.append import Append, AppendTarget, Place
from shared.folders.append_named import NamedAppend
from shared.folders.errors import FolderNotFound
from shared.folders.find_folders import find_folder
from shared.folders.message import NewMessage
from shared.mail.intake import MessageIntake
from shared.messages.render import render
from shared.testing.builders import a_member
from shared.testing.reactor import running_reactor

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TEA = b"Subject: tea\r\n\r\nAt four?\r\n"


async def test_messages_for_ids_and_for_names_share_a_commit_and_keep_their_order(database: Database) -> None:
    alice = await database.transact(a_member, "alice")
    inbox = await database.read(find_folder, alice.id, "INBOX")
    intake = MessageIntake(database, running_reactor(), most_at_once=1)
    message = await intake.prepare(TEA, NOW)
    by_id, by_name = Append(message, [AppendTarget(inbox.id)]), NamedAppend(alice.id, "inbox", 0, ["tea"], message)

    kept = await gatherResults([Deferred.fromCoroutine(intake.keep(item)) for item in (by_id, by_name, by_name, by_id)])

    assert [each.places for each in kept] == [[Place(inbox.id, inbox.uidvalidity, uid)] for uid in (1, 2, 3, 4)]
    after = await database.read(find_folder, alice.id, "INBOX")
    assert after.highest_modseq == inbox.highest_modseq + 1  # one commit
    await intake.close()


async def test_a_name_that_is_not_there_refuses_its_message_alone(database: Database) -> None:
    alice = await database.transact(a_member, "alice")
    intake = MessageIntake(database, running_reactor())
    message = await intake.prepare(TEA, NOW)
    refused, kept = (
        Deferred.fromCoroutine(intake.keep(NamedAppend(alice.id, name, 0, (), message))) for name in ("no", "INBOX")
    )
    with pytest.raises(FolderNotFound):
        await refused
    assert len((await kept).places) == 1
    await intake.close()


async def test_what_takes_long_is_prepared_to_the_same_in_a_thread(database: Database) -> None:
    intake = MessageIntake(database, running_reactor())
    octets = TEA * 4000
    assert await intake.prepare(octets, NOW) == NewMessage(octets, NOW, render(octets))
