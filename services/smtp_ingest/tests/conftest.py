"""A door of each kind on the tests' reactor, over a real store with alice, bob and a mailbox without room."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from services.smtp_ingest.command_table import COMMANDS
from services.smtp_ingest.doors import LIMITS
from services.smtp_ingest.parts import SmtpParts
from services.smtp_ingest.policy import FromPolicy, Policy, RobotStrangers
from services.smtp_ingest.session import Command, SmtpSession
from services.smtp_ingest.settings import SmtpSettings
from shared.access.rules.rules import RuleKind
from shared.accounts.account import Role
from shared.accounts.change_account import set_quota
from shared.accounts.sign_in import SignIn
from shared.content_check.checker import ContentChecker
from shared.conversation.factory import ConversationFactory
from shared.conversation.intake import Intake
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.folders.bodies import load_bodies
from shared.folders.find_folders import find_folder
from shared.folders.open_folder import open_folder
from shared.mail.deliver import Delivery
from shared.mail.intake import MessageIntake
from shared.mail.resolve import Resolver
from shared.mail.return_addresses import ReturnAddresses
from shared.outbound.enqueue import append_and_queue
from shared.outbound.routes import Routes
from shared.outbound.settings import OutboundSettings
from shared.outbound.tally import Caps
from shared.rooms.create_room import create_room
from shared.rooms.directory import Directory
from shared.rooms.posts.posting import Posting, ServerNames
from shared.rooms.room import Posters, Readers, Room
from shared.runtime.certificates import Certificates
from shared.runtime.development_authority import ensure_certificate
from shared.senders.add_rule import add_sender_rule
from shared.senders.book import SenderBook
from shared.senders.remove_rule import remove_sender_rule
from shared.testing.builders import a_member, verifiers_of
from shared.testing.reactor import running_reactor, wait_for
from shared.testing.serving import serving
from shared.trust.strangers import Strangers

DOMAIN = "example.test"
HOSTNAME = "mail.example.test"
MESSAGE_OCTETS = 1 << 20
NOW = datetime(2024, 7, 1, 10, 0, 0, tzinfo=UTC)
CAPS = Caps(3, 10, DOMAIN)  # messages and recipients of an hour
VERIFIERS = verifiers_of("correct horse")
ChangeRule = Callable[..., None]


@dataclass
class Mail:
    """The store behind the doors, and the doors."""

    database: Database
    transaction: Transaction
    resolver: Resolver
    delivery: Delivery
    sign_in: SignIn
    certificates: Certificates
    rooms: Directory
    posting: Posting
    senders: SenderBook
    accounts: dict[str, int] = field(default_factory=dict)

    def make_room(self, name: str, **policy: Any) -> Room:
        """A room that everyone reads and posts to, unless `policy` says otherwise."""
        policy = {"reading": Readers.EVERYONE, "posting": Posters.EVERYONE, **policy}
        room = create_room(self.transaction, name, **policy)
        self.transaction.commit()
        return room

    def articles(self, room: Room) -> list[bytes]:
        """What is in a room, byte for byte, in order."""
        snapshot = open_folder(self.transaction, room.folder_id)
        bodies = dict(load_bodies(self.transaction, snapshot.message_ids))
        self.transaction.commit()
        return [bodies[message_id] for message_id in snapshot.message_ids]

    def inbox(self, name: str, folder: str = "INBOX") -> list[bytes]:
        """What is in the account's folder, byte for byte, in order."""
        found = find_folder(self.transaction, self.accounts[name], folder)
        snapshot = open_folder(self.transaction, found.id)
        bodies = dict(load_bodies(self.transaction, snapshot.message_ids))
        self.transaction.commit()
        return [bodies[message_id] for message_id in snapshot.message_ids]


@pytest.fixture
def optional_robots() -> Sequence[str]:
    """The robots that a setting has put on: none, unless a test says otherwise."""
    return ()


@pytest.fixture
def mail(transaction: Transaction, database: Database, bus: Bus, tmp_path: Any, optional_robots: Sequence[str]) -> Mail:
    """alice (admin), bob, full, who has room for less than any message, and nearly, who has room for small ones."""
    reactor = running_reactor()
    files = ensure_certificate(tmp_path, HOSTNAME)
    rooms = Directory(database, bus)
    made = Mail(
        database,
        transaction,
        Resolver(database, DOMAIN, robots=optional_robots),
        Delivery(MessageIntake(database, reactor, operation=append_and_queue(CAPS))),
        SignIn(database, bus.redis, reactor, SmtpSettings()),
        Certificates(files.certificate, files.key),
        rooms,
        Posting(database, reactor, rooms, ServerNames(HOSTNAME, DOMAIN), lambda: NOW),
        SenderBook(database, bus, reactor),
    )
    for name, role in (("alice", Role.ADMIN), ("bob", Role.MEMBER), ("full", Role.MEMBER), ("nearly", Role.MEMBER)):
        made.accounts[name] = a_member(transaction, name, role, verifiers=VERIFIERS, domain=DOMAIN).id
    set_quota(transaction, made.accounts["full"], 1)
    set_quota(transaction, made.accounts["nearly"], 2000)
    transaction.commit()
    return made


@pytest.fixture
def change_rule(mail: Mail) -> ChangeRule:
    """Makes or removes a rule about senders, which the doors know then."""

    def changed(what: str, kind: RuleKind | None = RuleKind.BLOCK) -> None:
        if kind is None:
            remove_sender_rule(mail.transaction, what)
        else:
            add_sender_rule(mail.transaction, what, kind)
        mail.transaction.commit()
        wait_for(mail.senders.refresh)

    return changed


@pytest.fixture
def intake() -> Intake:
    """That of the doors; small, so that tests reach its bounds."""
    return Intake(memory_octets=1 << 20, file_octets=4 << 20)


@pytest.fixture
def from_policy() -> FromPolicy:
    """That of the submission door."""
    return FromPolicy.ADD_SENDER


@pytest.fixture
def sending() -> OutboundSettings:
    """Where mail to other servers may go."""
    return OutboundSettings(outbound_routes=("remote.test=127.0.0.1:9",))


@pytest.fixture
def content_check() -> ContentChecker | None:
    """What judges messages of strangers."""
    return None


@pytest.fixture
def robot_strangers() -> RobotStrangers:
    """The senders elsewhere who are answered by robots."""
    return RobotStrangers.OFF


@pytest.fixture
def strangers() -> Strangers | None:
    """The checks of what strangers bring."""
    return None


@pytest.fixture
def serve(
    mail: Mail,
    intake: Intake,
    from_policy: FromPolicy,
    sending: OutboundSettings,
    content_check: ContentChecker | None,
    strangers: Strangers | None,
    robot_strangers: RobotStrangers,
) -> Iterator[Callable[..., int]]:
    """Opens a door and returns its port."""
    with ExitStack() as opened:

        def open_door(policy: Policy, commands: Mapping[bytes, Command] = COMMANDS) -> int:
            parts = SmtpParts(
                policy=policy,
                from_policy=from_policy,
                hostname=HOSTNAME,
                mail_domain=DOMAIN,
                database=mail.database,
                resolver=mail.resolver,
                return_addresses=ReturnAddresses(mail.database, mail.resolver, DOMAIN, lambda: NOW),
                delivery=mail.delivery,
                routes=Routes(sending),
                rooms=mail.rooms,
                posting=mail.posting,
                senders=mail.senders,
                content_check=content_check,
                sign_in=mail.sign_in,
                message_octets=MESSAGE_OCTETS,
                recipients=100,
                subscriber_bounces=2,
                errors=20,
                tls_options=mail.certificates.context_factory,
                now=lambda: NOW,
                robot_strangers=robot_strangers,
                strangers=strangers,
            )
            factory = ConversationFactory(
                lambda: SmtpSession(parts, commands),
                name=policy.name,
                clock=running_reactor(),
                limits=LIMITS,
                intake=intake,
            )
            return opened.enter_context(serving(factory))

        yield open_door
