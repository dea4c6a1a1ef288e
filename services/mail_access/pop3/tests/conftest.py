"""A POP3 door on the tests' reactor, over a real store with alice and bob."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from services.mail_access.pop3.apop_offer import ApopOffer
from services.mail_access.pop3.command_table import AUTHORIZATION, TRANSACTION
from services.mail_access.pop3.doors import LIMITS
from services.mail_access.pop3.parts import Pop3Parts
from services.mail_access.pop3.session import Pop3Session
from services.mail_access.settings import MailAccessSettings
from shared.accounts.account import Role
from shared.accounts.add_app_password import add_app_password
from shared.accounts.sign_in import SignIn
from shared.conversation.factory import ConversationFactory
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.folders.append import Append, append_entries
from shared.folders.body_cache import BodyCache
from shared.folders.find_folders import find_folder
from shared.folders.message import NewMessage
from shared.folders.open_folder import Snapshot, open_folder
from shared.messages.render import render
from shared.runtime.certificates import Certificates
from shared.runtime.development_authority import ensure_certificate
from shared.testing.builders import a_member, verifiers_of
from shared.testing.reactor import call_in_reactor, running_reactor
from shared.testing.serving import serving

DOMAIN = "example.test"
VERIFIERS = verifiers_of("correct horse")
NOW = datetime(2024, 7, 1, 10, 0, 0, tzinfo=UTC)


@dataclass
class Mail:
    """The store behind the door."""

    transaction: Transaction
    parts: Pop3Parts
    port: int = 0
    accounts: dict[str, int] = field(default_factory=dict)

    def put(self, name: str, *messages: bytes) -> None:
        """Append to the account's INBOX."""
        folder_id = find_folder(self.transaction, self.accounts[name], "INBOX").id
        items = [Append(NewMessage(octets, NOW, render(octets)), [(folder_id, 0, ())]) for octets in messages]
        append_entries(self.transaction, items)
        self.transaction.commit()

    def inbox(self, name: str) -> Snapshot:
        """The account's INBOX as the store has it now."""
        snapshot = open_folder(self.transaction, find_folder(self.transaction, self.accounts[name], "INBOX").id)
        self.transaction.commit()
        return snapshot

    def apop_password(self, name: str) -> str:
        """A new app password that was made for APOP."""
        _, secret = add_app_password(self.transaction, self.accounts[name], "test", ["pop3"], for_apop=True)
        self.transaction.commit()
        return secret


@pytest.fixture
def mail(transaction: Transaction, database: Database, bus: Bus, tmp_path: Any) -> Iterator[Mail]:
    """The door, open; alice's and bob's INBOX are empty."""
    files = ensure_certificate(tmp_path, "mail.example.test")
    parts = Pop3Parts(
        hostname="mail.example.test",
        database=database,
        bodies=BodyCache(database, 1 << 20),
        bus=bus,
        sign_in=SignIn(database, bus.redis, running_reactor(), MailAccessSettings()),
        process=uuid4(),
        errors=20,
        tls_options=Certificates(files.certificate, files.key).context_factory,
        now=lambda: NOW,
        apop=ApopOffer(database),
    )
    call_in_reactor(parts.apop.watch, bus)
    made = Mail(transaction, parts)
    for name in ("alice", "bob"):
        made.accounts[name] = a_member(transaction, name, Role.MEMBER, verifiers=VERIFIERS, domain=DOMAIN).id
    transaction.commit()
    factory = ConversationFactory(
        lambda: Pop3Session(parts, AUTHORIZATION, TRANSACTION), name="pop3", clock=running_reactor(), limits=LIMITS
    )
    with serving(factory) as made.port:
        yield made
