"""A client that has not signed in keeps its place for a while, however busy it is; one that has signed in keeps it."""

from __future__ import annotations

from pathlib import Path

from twisted.internet.task import Clock

from services.mail_access.pop3.command_table import AUTHORIZATION, TRANSACTION
from services.mail_access.pop3.doors import LIMITS
from services.mail_access.pop3.session import Pop3Session
from services.mail_access.pop3.tests.conftest import Mail
from shared.conversation.factory import ConversationFactory
from shared.testing.player import play_in_memory
from shared.testing.transcript import parse

ASKING = "C: NOOP\nS: -ERR not now\nE: 60 seconds pass\n"


def test_a_stranger_is_let_go_however_busy(mail: Mail) -> None:
    clock = Clock()
    factory = ConversationFactory(
        lambda: Pop3Session(mail.parts, AUTHORIZATION, TRANSACTION), name="pop3", clock=clock, limits=LIMITS
    )
    told = "S: +OK Agora POP3 ready\n" + 5 * ASKING + "S: -ERR you were silent for too long, goodbye\n"
    play_in_memory(parse(told, Path(__file__).stem), factory, clock=clock)
