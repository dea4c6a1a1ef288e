"""Commands come off the wire whole, or are refused with their tag, and a refused one is held by nobody."""

from __future__ import annotations

import gc
import sys
import time
from types import CoroutineType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock

from services.mail_access.imap.grammar.bad_syntax import BadSyntax
from services.mail_access.imap.grammar.command import parse_command
from services.mail_access.imap.reading import STRANGER, CommandBounds, Farewell, member, read_command
from services.mail_access.imap.values import commands
from shared.conversation.conversation import Conversation
from shared.conversation.errors import LineTooLong
from shared.conversation.factory import ConversationFactory
from shared.conversation.inbox import Inbox
from shared.conversation.limits import Limits
from shared.conversation.spool import Spool
from shared.conversation.tests.sessions import Client, Session, cut, door

MIB = 1 << 20
MEMBER = member(message_octets=MIB)
IDENTITY = b" ".join(b'"%b" "%b"' % (b"n" * 30, b"v" * 1024) for _ in range(30))


class Sender(Client):
    """A client whose server has a clock: what gave way goes on."""

    def __init__(self, factory: ConversationFactory, clock: Clock) -> None:
        super().__init__(factory)
        self._clock = clock

    def send(self, *pieces: bytes) -> bytes:
        said = b""
        for piece in pieces:
            said += super().send(piece)
            while any(delayed.getTime() <= self._clock.seconds() for delayed in self._clock.calls):
                self._clock.advance(0)
        return said + self.heard()


def client_of(bounds: CommandBounds) -> Sender:
    """Whose commands are read and answered with what was understood, and not obeyed."""

    async def answer(session: Session) -> None:
        try:
            while True:
                try:
                    line: bytes | LineTooLong | None = await session.read_line()
                except LineTooLong as too_long:
                    line = too_long
                if line is None:
                    return
                await _answer(session, line, bounds)
        except Farewell as farewell:
            session.write(farewell.line)

    clock = Clock()
    return Sender(door(answer, clock, limits=Limits(line_octets=bounds.text_octets)), clock)


async def _answer(session: Session, line: bytes | LineTooLong, bounds: CommandBounds) -> None:
    try:
        raw = await read_command(session, line, bounds)
    except BadSyntax:
        session.write(b"* BAD\r\n")
        return
    if raw.refusal is not None:
        assert not raw.text
        assert not raw.literals
        session.write(raw.refusal.render(raw.tag))
        return
    session.write(b"%b OK %d %d\r\n" % (raw.tag, len(raw.text), len(raw.literals)))
    raw.close()


def held_octets(session: Conversation) -> int:
    """What the session holds of its client's octets: in its inbox, and in its coroutine, whatever that refers to."""
    seen: set[int] = set()
    octets = 0
    left: list[object] = [session._inbox, session._coroutine, session._gathered]
    while left:
        each = left.pop()
        if id(each) in seen or isinstance(each, Conversation):
            continue
        seen.add(id(each))
        octets += len(each) if isinstance(each, Spool) else sys.getsizeof(each)
        ours = type(each).__module__.startswith(("services.", "shared."))
        if ours or isinstance(each, CoroutineType | list | tuple | dict | Inbox):
            left += [other for other in gc.get_referents(each) if not isinstance(other, type) and not callable(other)]
    return octets


LINES = [
    b" {0+}",
    b"{0+}",
    b" {2+}",
    b"xx {0+}",
    b"x" * 950 + b" {0+}",
    b"x" * 50_000 + b" {0+}",
    b"\r {1+}",
    b' "{4+}',
]
OPENINGS = [
    b"a NOOP {0+}\r\n", b"a LOGIN {70000+}\r\n" + b"x" * 70_000, b"a APPEND INBOX {300000+}\r\n" + b"x" * 300_000,
    b"a APPEND {5+}\r\nINBOX {3+}\r\nabc {3+}\r\nabc", b"a " + b"x" * 300_000 + b" {3+}\r\nabc", b"", b"a b ",
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([STRANGER, MEMBER]),
    st.sampled_from(OPENINGS),
    st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from([b"\r\n", b"\n"])), min_size=1, max_size=4),
)
def test_memory_does_not_grow_with_what_is_sent(
    bounds: CommandBounds, opening: bytes, lines: list[tuple[bytes, bytes]]
) -> None:
    client = client_of(bounds)
    endless = b"".join(line + end + b"yyyy"[: int(line[-3:-2])] for line, end in lines)
    flood = opening + endless * (3 * MIB // len(endless))
    # a chunk and what was unread before; the text with the list of its literals, each a pointer and a small object
    bound = 2 * 65_536 + 12 * bounds.text_octets + (MIB if bounds is MEMBER else 0)
    most = 0
    for start in range(0, len(flood), 65_536):
        client.send(flood[start : start + 65_536])
        most = max(most, held_octets(client.session))
        if client.is_closed:
            break
    assert most < bound


@pytest.mark.parametrize("bounds", [STRANGER, MEMBER], ids=["stranger", "member"])
@pytest.mark.parametrize("opening", [b"a NOOP {0+}\r\n", b"a LOGIN {0+}\r\n" + b"x" * 300_000 + b" {0+}\r\n"])
@pytest.mark.parametrize("line", [b"x" * 950 + b" {0+}\r\n", b" {0+}\r\n"], ids=["long", "short"])
def test_endless_lines_of_a_refused_command_end_the_connection(
    bounds: CommandBounds, opening: bytes, line: bytes
) -> None:
    client = client_of(bounds)
    said = client.send(opening)
    sent = 0
    while not client.is_closed:
        assert sent < 3 * bounds.text_octets
        said += client.send(line * 50)
        sent += len(line) * 50
        assert held_octets(client.session) < 64 * 1024 + 8 * bounds.text_octets
    assert said == b"* BYE [TOOBIG] command too long\r\n"


@pytest.mark.parametrize("size", [50_000, 5 * MIB])
def test_nothing_is_held_of_literals_that_were_refused(size: int) -> None:
    client = client_of(MEMBER)
    client.send(b"a APPEND INBOX {%d+}\r\n" % (2 * MIB), b"x" * (2 * MIB), b" {%d+}\r\n" % size)
    for _ in range(size // 50_000 - 1):
        client.send(b"y" * 50_000)
        assert held_octets(client.session) < 16 * 1024 or client.is_closed


def test_literals_take_time_in_proportion_to_their_number() -> None:
    def seconds(count: int) -> float:
        client = client_of(CommandBounds(text_octets=MIB, message_octets=0, refused_octets=MIB))
        octets = b"a SEARCH" + b" {0+}\r\n" * count + b"\r\n"
        started = time.process_time()
        assert client.send(octets) == b"a OK %d %d\r\n" % (len(octets) - 2, count)
        return time.process_time() - started

    seconds(100)
    few = min(seconds(3_000) for _ in range(3))
    many = min(seconds(30_000) for _ in range(3))
    assert many < 30 * few  # ten times as many; the square of that was 100 times


@pytest.mark.parametrize("bounds", [STRANGER, MEMBER], ids=["stranger", "member"])
def test_id_has_room_for_thirty_fields_of_the_largest_size(bounds: CommandBounds) -> None:
    quoted = b"a ID (" + IDENTITY + b")"
    assert isinstance(parse_command(quoted, at=2), commands.Id)
    assert client_of(bounds).send(quoted + b"\r\n") == b"a OK %d 0\r\n" % len(quoted)
    pairs = b" ".join(b"{30+}\r\n%b {1024+}\r\n%b" % (b"n" * 30, b"v" * 1024) for _ in range(30))
    assert client_of(bounds).send(b"a ID (" + pairs + b")\r\n").endswith(b" 60\r\n")


def test_strangers_have_8_kib_for_a_line_and_members_64() -> None:
    for bounds, octets in ((STRANGER, 8 << 10), (MEMBER, 64 << 10)):
        line = b"a " + b"x" * (octets - 4)
        assert client_of(bounds).send(line + b"\r\n") == b"a OK %d 0\r\n" % len(line)


@pytest.mark.parametrize("end", [b"\r\n", b"\n"], ids=["CRLF", "LF"])
@given(places=st.lists(st.integers(0, 10_000)))
def test_literals_are_counted_exactly_however_they_come(end: bytes, places: list[int]) -> None:
    said = {
        b"a LOGIN {7+}|al\nice\r {4+}|\r\npw|": b"a OK %d 2\r\n" % len("a LOGIN {7+}.. {4+}.."),
        b"b NOOP {0+}||": b"b OK %d 1\r\n" % len("b NOOP {0+}.."),
        b"c LOGIN {11+}|d LOGOUT\r\n\n|": b"c OK %d 1\r\n" % len("c LOGIN {11+}.."),
        b"e {70000+}|" + b"f LOGOUT\r\n" * 7_000 + b"|": b"e BAD [TOOBIG] literal too large\r\n",
        b"g APPEND {3+}|abc (\\Seen) {2+}|\r\n|": b"g OK %d 2\r\n" % len("g APPEND {3+}.. (\\Seen) {2+}.."),
        b"h X|": b"h OK 3 0\r\n",
    }
    octets = b"".join(said).replace(b"|", end)
    small = CommandBounds(text_octets=4096, message_octets=100, refused_octets=MIB)
    assert client_of(small).send(*cut(octets, places)) == b"".join(said.values())
