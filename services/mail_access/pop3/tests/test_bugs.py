"""A bug of ours is answered for the command it hits, and the conversation goes on."""

from __future__ import annotations

import poplib

import pytest

from services.mail_access.pop3.command_table import AUTHORIZATION, TRANSACTION
from services.mail_access.pop3.doors import LIMITS
from services.mail_access.pop3.maildrop import Maildrop
from services.mail_access.pop3.session import Pop3Session
from services.mail_access.pop3.tests.conftest import Mail
from shared.conversation.factory import ConversationFactory
from shared.testing.reactor import running_reactor
from shared.testing.serving import serving


async def stumble(session: Pop3Session, argument: bytes) -> None:
    raise ZeroDivisionError("secret")


async def stumble_signed_in(session: Pop3Session, maildrop: Maildrop, argument: bytes) -> None:
    raise ZeroDivisionError("secret")


async def stumble_in_the_middle(session: Pop3Session, argument: bytes) -> None:
    session.in_the_middle = True
    raise ZeroDivisionError("secret")


def test_a_command_that_raises_is_answered_and_the_next_one_is_read(mail: Mail) -> None:
    authorization = {**AUTHORIZATION, b"XBUG": stumble, b"XLOST": stumble_in_the_middle}
    transaction = {**TRANSACTION, b"XBUG": stumble_signed_in}
    factory = ConversationFactory(
        lambda: Pop3Session(mail.parts, authorization, transaction), name="pop3", clock=running_reactor(), limits=LIMITS
    )
    with serving(factory) as port:
        client = poplib.POP3("127.0.0.1", port, timeout=30)
        for _ in range(mail.parts.errors + 1):  # no fault of the client's
            with pytest.raises(poplib.error_proto, match=r"-ERR \[SYS/TEMP\] internal error, try again"):
                client._shortcmd("XBUG")  # type: ignore[attr-defined]
        client.user("alice")
        client.pass_("correct horse")
        with pytest.raises(poplib.error_proto, match=r"-ERR \[SYS/TEMP\] internal error, try again"):
            client._shortcmd("XBUG")  # type: ignore[attr-defined]
        assert client.stat() == (0, 0)
        client.quit()

        client = poplib.POP3("127.0.0.1", port, timeout=30)
        with pytest.raises(poplib.error_proto, match=r"-ERR \[SYS/TEMP\] internal error"):
            client._shortcmd("XLOST")  # type: ignore[attr-defined]
        with pytest.raises((poplib.error_proto, OSError)):
            client.user("alice")
