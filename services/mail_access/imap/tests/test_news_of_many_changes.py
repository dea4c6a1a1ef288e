"""Many sessions learn of many changes at once: each is told them all, and others have their turn in between."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from twisted.internet.defer import Deferred, gatherResults

from services.mail_access.imap.mailbox import ChangesOrAll
from services.mail_access.imap.own_mailbox import OwnMailbox
from services.mail_access.imap.shared_changes import SharedChanges
from services.mail_access.imap.tests.conftest import House
from services.mail_access.imap.tests.wire_client import Client
from services.mail_access.settings import MailAccessSettings
from shared.folders.find_folders import find_folder
from shared.folders.folder import FolderId
from shared.testing.longest_turn import longest_turn
from shared.testing.reactor import wait_for

SESSIONS = 30
DOUBLINGS = 13
COUNT = 2**DOUBLINGS
MOST_SECONDS = 0.030  # a turn is 10 ms; when all began theirs in one pass, it took 50 to 300
CHANGES = [rb"STORE 1:* +FLAGS.SILENT (\Flagged)", rb"STORE 1:* +FLAGS.SILENT (\Deleted)", b"EXPUNGE"]
LAST_TOLD = [b"* %d FETCH" % COUNT, b"* %d FETCH" % COUNT, b"* 1 EXPUNGE"]


@pytest.fixture
def settings() -> MailAccessSettings:
    return MailAccessSettings(message_octets=2 << 20, imap_sessions_per_account=SESSIONS + 1)


@pytest.fixture
def large(house: House, imap_port: int) -> Client:
    """A client that has selected a mailbox of COUNT messages."""
    house.deliver("alice", b"From: ann@example.org\r\nSubject: tea\r\n\r\nAt four?\r\n")
    client = signed_in(imap_port)
    client.do(b"CREATE Large")
    client.do(b"SELECT INBOX")
    client.do(b"COPY 1 Large")
    client.do(b"SELECT Large")
    for doubling in range(DOUBLINGS):
        client.do(b"COPY 1:%d Large" % 2**doubling)
    client.do(b"NOOP")
    return client


def signed_in(port: int) -> Client:
    client = Client(port)
    client.do(b'LOGIN alice "correct horse"')
    return client


def selecting(port: int) -> Sequence[Client]:
    clients = [signed_in(port) for _ in range(SESSIONS)]
    for client in clients:
        client.do(b"SELECT Large")
    return clients


def test_all_who_listen_are_told_in_turns(large: Client, imap_port: int) -> None:
    """A STORE of all messages woke thirty sessions, and all of them read it and told it at the same time."""
    listening = selecting(imap_port)
    for client in listening:
        client.send(b"i IDLE\r\n")
        assert client.continuation() == b"+ idling"
    took = {}
    with ThreadPoolExecutor(SESSIONS) as listeners:
        for command, last in zip(CHANGES, LAST_TOLD, strict=True):
            with longest_turn() as measured:
                told = listeners.map(lambda client, last=last: lines_to(client, last), listening)
                large.do(command)
                assert list(told) == [COUNT] * SESSIONS
            took[command] = measured.seconds
    assert {command: seconds for command, seconds in took.items() if seconds > MOST_SECONDS} == {}


def lines_to(client: Client, last: bytes) -> int:
    """How many lines the client is told up to the last one."""
    lines = 1
    while not client.read_line().startswith(last):
        lines += 1
    return lines


def test_all_who_ask_at_once_are_told_in_turns(large: Client, imap_port: int) -> None:
    asking = selecting(imap_port)
    large.do(CHANGES[0])
    with ThreadPoolExecutor(SESSIONS) as askers, longest_turn() as measured:
        told = list(askers.map(lambda client: len(client.do(b"NOOP").untagged), asking))
    assert told == [COUNT] * SESSIONS
    assert measured.seconds < MOST_SECONDS


def test_one_read_serves_those_whose_news_it_knows(house: House) -> None:
    """Who has heard of a later change than the one that a read began for might miss it there."""
    folder_id = find_folder(house.transaction, house.accounts["alice"], "INBOX").id
    house.transaction.commit()
    shared = SharedChanges(house.database)

    async def read(*heard: int, folder: int = folder_id) -> list[ChangesOrAll]:
        inbox = OwnMailbox(house.parts, house.accounts["alice"], "INBOX")
        inbox.folder_id = FolderId(folder)
        return await gatherResults(
            [Deferred.fromCoroutine(shared.since(inbox, 0, modseq)) for modseq in heard], consumeErrors=True
        )

    first, second, later, last = wait_for(lambda: read(5, 4, 6, 6))
    assert first is second
    assert later is last
    assert later is not first
    (again,) = wait_for(lambda: read(4))
    assert again is not later
    with pytest.raises(Exception, match="FolderNotFound"):
        wait_for(lambda: read(1, 1, folder=FOLDER_THAT_IS_NOT))


FOLDER_THAT_IS_NOT = 1 << 40
