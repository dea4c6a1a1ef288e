"""Small sessions, and a client's end of them in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from itertools import pairwise
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from shared.conversation.conversation import Conversation
from shared.conversation.ending import Ending
from shared.conversation.errors import BareLineFeed, BlockTooLarge, LineTooLong
from shared.conversation.factory import ConversationFactory
from shared.conversation.limits import Limits


class Session(Conversation):
    """Talks as it is told and takes leave with the ending's name."""

    def __init__(self, talk: Callable[[Any], Awaitable[None]]) -> None:
        super().__init__()
        self.talk = talk
        self.is_finished = 0

    async def converse(self) -> None:
        """What the test wants."""
        await self.talk(self)

    def farewell(self, ending: Ending) -> bytes:
        """`bye IDLE`."""
        return f"bye {ending.name}\r\n".encode()

    def finished(self) -> None:
        """Count."""
        self.is_finished += 1


async def answer_everything(session: Session) -> None:
    """A protocol with every kind of reading: LITERAL n, BLOCK, FAIL, QUIT; other lines are repeated."""
    while True:
        try:
            line = await session.read_line()
        except LineTooLong:
            session.write(b"too long\r\n")
            continue
        if line is None or line == b"QUIT":
            return
        if line.startswith(b"LITERAL "):
            session.write(b"literal %r\r\n" % await session.read_exactly(int(line[8:])))
        elif line == b"BLOCK":
            await _answer_block(session)
        elif line == b"FAIL":
            raise RuntimeError("as asked")
        else:
            session.write(b"line %r\r\n" % line)


async def _answer_block(session: Session) -> None:
    try:
        spool = await session.read_dot_block(1000)
    except (BlockTooLarge, BareLineFeed) as refused:
        session.write(type(refused).__name__.encode() + b"\r\n")
    else:
        session.write(b"block %r\r\n" % bytes(spool.octets))
        spool.close()


def door(
    talk: Callable[[Any], Awaitable[None]] = answer_everything, clock: Any = None, **options: Any
) -> ConversationFactory:
    """A factory of sessions that talk so."""
    options.setdefault("limits", Limits(line_octets=100))
    return ConversationFactory(lambda: Session(talk), name="test", clock=clock or Clock(), **options)


class Transport(StringTransport):
    """Also counts its pauses, and closes for real."""

    def __init__(self, peer: str = "198.51.100.7", port: int = 40000) -> None:
        super().__init__(peerAddress=IPv4Address("TCP", peer, port))
        self.aborted = False
        self.pauses = 0

    def pauseProducing(self) -> None:
        """Counted."""
        self.pauses += 1
        super().pauseProducing()

    def abortConnection(self) -> None:
        """Remembered."""
        self.aborted = True
        super().abortConnection()


class Client:
    """The other end of a conversation in memory."""

    def __init__(self, factory: ConversationFactory, peer: str = "198.51.100.7") -> None:
        self.transport = Transport(peer)
        self.session: Any = factory.buildProtocol(None)
        self.session.makeConnection(self.transport)

    def send(self, *pieces: bytes) -> bytes:
        """Send the pieces one by one; returns what was said."""
        for piece in pieces:
            self.session.dataReceived(piece)
            self.let_go_on()
        return self.heard()

    def let_go_on(self) -> None:
        """Give the session its next turn, as often as it gives way to others in the middle of what it was sent."""
        clock = self.session.clock
        while any(call.getTime() <= clock.seconds() for call in clock.getDelayedCalls()):
            clock.advance(0)

    def heard(self) -> bytes:
        """What was said since."""
        octets: bytes = self.transport.value()
        self.transport.clear()
        return octets

    def leave(self) -> None:
        """The connection is gone."""
        self.session.connectionLost(Failure(ConnectionDone()))

    @property
    def is_closed(self) -> bool:
        """Whether the server closed."""
        return bool(self.transport.disconnecting)


def cut(octets: bytes, places: Sequence[int]) -> list[bytes]:
    """`octets` in pieces, cut at places that are taken modulo its length."""
    edges = sorted({place % (len(octets) + 1) for place in places} | {0, len(octets)})
    return [octets[start:end] for start, end in pairwise(edges)]
