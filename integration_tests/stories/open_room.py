"""A room that is open to everyone: articles for it, and its messages by IMAP."""

from __future__ import annotations

import secrets

from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from integration_tests.stories.newsreader import newsreader
from shared.testing.eventually import eventually


def wait_until(stack: Stack, room: str, flag: str) -> None:
    """Return when the news gateway knows who may post to the room."""
    with newsreader(stack) as news:
        eventually(lambda: news.flag(room) == flag, f"{room} has the flag {flag}")


def article(room: str, subject: str) -> bytes:
    """A stranger's."""
    return (
        f"From: A Stranger <stranger@example.org>\r\nNewsgroups: {room}\r\nSubject: {subject}\r\n"
        f"Message-ID: <{secrets.token_hex(8)}@example.org>\r\n\r\nHello.\r\n"
    ).encode()


def octets(member: Member, room: str, number: int) -> bytes:
    """A message of the room by IMAP."""
    with member.imap(f"Rooms/{room}") as session:
        _, found = session.uid("FETCH", str(number), "(BODY.PEEK[])")
        assert isinstance(found[0], tuple)
        return bytes(found[0][1])
