"""A bug of ours is answered for the command it hits, and the conversation goes on."""

from __future__ import annotations

from services.news_gateway.nntp.command_table import COMMANDS
from services.news_gateway.nntp.doors import LIMITS
from services.news_gateway.nntp.session import NntpSession
from services.news_gateway.nntp.tests.conftest import News
from shared.conversation.factory import ConversationFactory
from shared.testing.player import play
from shared.testing.reactor import running_reactor
from shared.testing.serving import serving
from shared.testing.transcript import parse

CONVERSATION = """
S: 200 Agora NNTP ready, posting allowed
C: XBUG
S: 403 internal error, try again
C: DATE
S: 111 20240701100000
C: XLOST
S: 400 internal error, try again
E: the server closes
"""


async def stumble(session: NntpSession, argument: bytes) -> None:
    raise ZeroDivisionError("secret")


async def stumble_in_the_middle(session: NntpSession, argument: bytes) -> None:
    session.in_the_middle = True
    raise ZeroDivisionError("secret")


def test_a_command_that_raises_is_answered_and_the_next_one_is_read(news: News) -> None:
    commands = {**COMMANDS, b"XBUG": stumble, b"XLOST": stumble_in_the_middle}
    factory = ConversationFactory(
        lambda: NntpSession(news.parts, commands), name="nntp", clock=running_reactor(), limits=LIMITS
    )
    with serving(factory) as port:
        play(parse(CONVERSATION), "127.0.0.1", port)
