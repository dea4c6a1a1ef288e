"""A bug of ours is answered for the command it hits, and the conversation goes on."""

from __future__ import annotations

import imaplib

from services.mail_access.imap.command_table import RULES
from services.mail_access.imap.doors import STRANGER_LIMITS
from services.mail_access.imap.response import Reply
from services.mail_access.imap.session import MOST_BAD_COMMANDS, ImapSession
from services.mail_access.imap.states import Always, ForMembers
from services.mail_access.imap.tests.conftest import PASSWORD, House
from services.mail_access.imap.values import commands
from shared.conversation.factory import ConversationFactory
from shared.testing.reactor import running_reactor
from shared.testing.serving import serving


async def stumble(session: ImapSession, *arguments: object) -> Reply:
    raise ZeroDivisionError("secret")


def test_a_command_that_raises_is_answered_and_the_next_one_is_read(house: House) -> None:
    rules = {**RULES, commands.Noop: Always(stumble), commands.Append: ForMembers(stumble, overlaps=True)}
    factory = ConversationFactory(
        lambda: ImapSession(house.parts, rules), name="imap", clock=running_reactor(), limits=STRANGER_LIMITS
    )
    with serving(factory) as port, imaplib.IMAP4("127.0.0.1", port) as client:
        for _ in range(MOST_BAD_COMMANDS + 1):  # no fault of the client's
            assert client.noop() == ("NO", [b"[SERVERBUG] internal error, try again later"])
        client.login("alice", PASSWORD)
        assert client.append("INBOX", "", "", b"Subject: x\r\n\r\n")[0] == "NO"
        assert client.select()[0] == "OK"
