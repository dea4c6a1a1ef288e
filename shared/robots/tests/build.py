"""Robots that work, mail to them, and the answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count
from typing import Any

from twisted.internet.task import deferLater

from shared.accounts.account import Account
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.mail.robots import ROBOTS
from shared.robots.parts import RobotParts
from shared.robots.runner import RobotRunner
from shared.robots.take_job import ToRobot, take_job
from shared.rooms.directory import Directory
from shared.rooms.search.indexing import ArticleIndexing
from shared.rooms.subscriptions.tests.build import inbox
from shared.rooms.tests.build import NOW
from shared.testing.reactor import running_reactor
from shared.wiki.policy import WikiPolicy
from shared.wiki.renderer import Renderer

SITE = "https://yard.example"
HOSTNAME = "yard.example"
_numbers = count(1)


def a_mail(subject: str = "", text: str = "", **fields: str) -> bytes:
    """A message from alice with a Message-ID of its own; fields are written `Reply_To="…"`."""
    lines = [f"From: Alice <alice@example.org>\r\nSubject: {subject}\r\nMessage-ID: <q{next(_numbers)}@x.test>\r\n"]
    lines += [f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items()]
    return "".join([*lines, "\r\n", text]).encode()


def identifier_of(octets: bytes) -> str:
    return str(read(octets)["Message-ID"])


def taken(
    tx: Transaction, account: Account, octets: bytes, robot: str = "search", detail: str = "", *, proved: bool = True
) -> bool:
    """Hand a message to a robot, as a door does."""
    kind = ROBOTS[robot]
    address = f"{robot}+{detail}@example.org" if detail else f"{robot}@example.org"
    sender = f"{account.name}@example.org"
    identifier = identifier_of(octets).encode()
    return take_job(tx, ToRobot(kind, detail, address, account.id, proved, sender, identifier, octets))


@asynccontextmanager
async def robots(database: Database, bus: Bus, **changes: Any) -> AsyncIterator[RobotParts]:
    """The parts, without a runner."""
    reactor = running_reactor()
    renderer = Renderer(database, reactor)
    directory = Directory(database, bus)
    parts = RobotParts(
        database, reactor, directory, WikiPolicy(), renderer, ArticleIndexing(database), SITE, HOSTNAME, lambda: NOW
    )
    try:
        yield replace(parts, **changes)
    finally:
        directory.close()
        await renderer.close()


@asynccontextmanager
async def answering(database: Database, bus: Bus, **changes: Any) -> AsyncIterator[RobotRunner]:
    """A runner that works."""
    async with robots(database, bus, **changes) as parts:
        runner = RobotRunner(parts, bus)
        try:
            yield runner
        finally:
            await runner.close()


async def answers(database: Database, account: Account, number: int = 1) -> list[EmailMessage]:
    """What is in the INBOX, once it has so many messages."""
    while len(found := await database.read(inbox, account)) < number:
        await deferLater(running_reactor(), 0.02)
    assert len(found) == number
    return [read(octets) for octets in found]


def read(octets: bytes) -> EmailMessage:
    return message_from_bytes(octets, policy=policy.default)


def text_of(message: EmailMessage) -> str:
    """The first text, with LF line ends."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")
