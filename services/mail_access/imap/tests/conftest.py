"""An IMAP door on the tests' reactor, over a real store with alice, bob and a full mailbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from services.mail_access.imap.doors import make_factory, make_imap_parts
from services.mail_access.imap.parts import ImapParts
from services.mail_access.imap.room_mailbox import RoomMailbox
from services.mail_access.settings import MailAccessSettings
from shared.accounts.account import Role
from shared.accounts.change_account import set_quota
from shared.accounts.find_account import find_account
from shared.accounts.sign_in import SignIn
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.folders.append import Append, append_entries
from shared.folders.body_cache import BodyCache
from shared.folders.delete_folder import delete_folder
from shared.folders.expunge import expunge
from shared.folders.find_folders import find_folder
from shared.folders.flags import SEEN
from shared.folders.message import NewMessage
from shared.give_way import TURN_SECONDS
from shared.messages.render import render
from shared.rooms.cancels.undo_cancel import undo_everywhere
from shared.rooms.marks.set_marks import set_marks
from shared.rooms.marks.view import folder_as_seen
from shared.rooms.room import Posters, Readers, Room
from shared.rooms.tests.build import a_post, an_open_room, posted
from shared.runtime.certificates import Certificates
from shared.runtime.development_authority import ensure_certificate
from shared.runtime.parts import Parts
from shared.testing.builders import a_member, verifiers_of
from shared.testing.eventually import eventually
from shared.testing.reactor import call_in_reactor, running_reactor, wait_for
from shared.testing.serving import serving

DOMAIN = "example.test"
PASSWORD = "correct horse"
VERIFIERS = verifiers_of(PASSWORD)
RECEIVED_AT = datetime(2024, 7, 1, 10, 0, 5, tzinfo=UTC)


def make_parts(database: Database, bus: Bus, certificates: Any, settings: MailAccessSettings) -> Parts[Any]:
    return Parts(running_reactor(), settings, database, bus, certificates, CollectorRegistry())


@dataclass
class House:
    """The store behind the doors, and the doors."""

    database: Database
    transaction: Transaction
    bus: Bus
    parts: ImapParts
    accounts: dict[str, int] = field(default_factory=dict)
    rooms: dict[str, Room] = field(default_factory=dict)

    def deliver(self, name: str, octets: bytes, folder: str = "INBOX", announce: bool = True) -> None:
        """Put a message into a folder, as SMTP would from another process."""
        found = find_folder(self.transaction, self.accounts[name], folder)
        message = NewMessage(octets, RECEIVED_AT, render(octets))
        (appended,) = append_entries(self.transaction, [Append(message, [(found.id, 0, ())])])
        assert not isinstance(appended, Exception)
        events = self.transaction.commit()
        if announce:
            call_in_reactor(self.bus.announce, events)

    def expunge(self, name: str, uids: list[int]) -> None:
        """Remove messages from the account's INBOX, as another session would."""
        found = find_folder(self.transaction, self.accounts[name], "INBOX")
        expunge(self.transaction, found.id, uids, deleted_only=False)
        self.transaction.commit()

    def delete(self, name: str, folder: str) -> None:
        """Delete a mailbox, as another session would."""
        delete_folder(self.transaction, self.accounts[name], folder)
        self.transaction.commit()

    def make_rooms(self) -> None:
        """An open room, one that takes no posts, and one that is moderated and for members."""
        rooms = [
            an_open_room(self.transaction, "local.knitting"),
            an_open_room(self.transaction, "local.closed", posting=Posters.NOBODY),
            an_open_room(self.transaction, "local.moderated", reading=Readers.MEMBERS, moderated=True),
        ]
        self.rooms.update({room.name: room for room in rooms})
        self.commit_and_tell()

    def post(self, room: str, articles: int = 1) -> None:
        """Put articles into a room, as NNTP would from another process."""
        posted(self.transaction, *[a_post(self.rooms[room]) for _ in range(articles)])
        self.commit_and_tell()

    def mark(self, name: str, room: str, uid: int) -> None:
        r"""Mark an article as \Seen, as a session of the account in another process would."""
        set_marks(self.transaction, self.accounts[name], self.rooms[room].folder_id, [uid], "add", SEEN)
        self.commit_and_tell()

    def position(self, name: str, room: str) -> int:
        """Where the room is for the account."""
        return folder_as_seen(self.transaction, self.accounts[name], self.rooms[room].folder_id).highest_modseq

    def room_mailbox(self, name: str, room: str) -> RoomMailbox:
        """The room as the account has it open."""
        return RoomMailbox(self.parts, find_account(self.transaction, name), self.rooms[room])

    def put_back(self, room: str, uid: int) -> None:
        """Undo that an article was cancelled, as the operator would."""
        query = "SELECT identifier FROM article WHERE folder_id = %s AND uid = %s"
        undo_everywhere(self.transaction, self.transaction.value(query, (self.rooms[room].folder_id, uid)))
        self.commit_and_tell()

    def commit_and_tell(self) -> None:
        call_in_reactor(self.bus.announce, self.transaction.commit())

    def begin_to_delete(self, name: str, folder: str) -> None:
        """Delete a mailbox, but do not commit."""
        delete_folder(self.transaction, self.accounts[name], folder)

    def end_deletion(self) -> None:
        """Commit, once somebody waits for it."""
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"
        database = self.transaction.value("SELECT current_database()")
        eventually(lambda: self.transaction.value(waiting, (database,)), "somebody who waits for the deletion")
        self.transaction.commit()


@pytest.fixture
def settings() -> MailAccessSettings:
    return MailAccessSettings(message_octets=2 << 20, imap_sessions_per_account=5)


@pytest.fixture
def house(
    transaction: Transaction, database: Database, bus: Bus, tmp_path: Any, settings: MailAccessSettings
) -> Iterator[House]:
    """alice (admin), bob, and full, whose quota is used up."""
    files = ensure_certificate(tmp_path, "mail.example.test")
    certificates = Certificates(files.certificate, files.key)
    parts = make_parts(database, bus, certificates, settings)
    sign_in = SignIn(database, bus.redis, running_reactor(), settings)

    async def make() -> ImapParts:
        return make_imap_parts(parts, sign_in, BodyCache(parts.database, parts.settings.message_cache_octets))

    made = House(database, transaction, bus, wait_for(make))
    for name, role in (("alice", Role.ADMIN), ("bob", Role.MEMBER), ("full", Role.MEMBER)):
        made.accounts[name] = a_member(transaction, name, role, verifiers=VERIFIERS, domain=DOMAIN).id
    set_quota(transaction, made.accounts["full"], 0)
    transaction.commit()
    yield made
    wait_for(made.parts.message_intake.close)
    wait_for(made.parts.posting.close)


Doors = Callable[..., int]


@pytest.fixture
def door(house: House) -> Iterator[Doors]:
    """Opens a door and gives its port."""
    with ExitStack() as stack:

        def open_one(implicit_tls: bool = False, turn_seconds: float = TURN_SECONDS) -> int:
            parts = replace(house.parts, turn_seconds=turn_seconds)
            return stack.enter_context(serving(make_factory(parts, "imap", implicit_tls=implicit_tls)))

        yield open_one


@pytest.fixture
def imap_port(door: Doors) -> int:
    return door()


NAMES: Mapping[str, str] = {"password": PASSWORD}
