"""ARTICLE, HEAD, BODY, STAT: an article, by its number or its Message-ID (RFC 3977 §6.2)."""

from __future__ import annotations

from collections.abc import AsyncIterator

from services.news_gateway.nntp.commands.named import named_article
from services.news_gateway.nntp.session import NntpSession
from shared.conversation.write_dot_block import stuffed, write_dot_block
from shared.folders.bodies import load_range
from shared.folders.body_steps import body_steps
from shared.messages.scan import end_of_header
from shared.rooms.reading.articles import Article

WHOLE_OCTETS = 256 << 10  # what caches keep; larger articles go out in steps
HEADER_OCTETS = 1 << 20  # of a larger article, in which its header ends


async def article(session: NntpSession, argument: bytes) -> None:
    """ARTICLE [number or Message-ID]: byte for byte as it is stored."""
    found, status = await _found(session, argument, b"220")
    if found.size_octets > WHOLE_OCTETS:
        await write_dot_block(session, status, body_steps(session.parts.database, found.message_id, found.size_octets))
    else:
        octets = await session.ahead.octets(found)
        session.write(status)
        session.write(stuffed(octets))
        await session.drain()
    session.has_read(found)


async def head(session: NntpSession, argument: bytes) -> None:
    """HEAD: up to the empty line, without it."""
    found, status = await _found(session, argument, b"221")
    octets = await _beginning(session, found)
    header = octets[: end_of_header(octets, 0, len(octets))]
    session.write(status)
    session.write(stuffed(header.removesuffix(b"\r\n") if header.endswith(b"\r\n\r\n") else header))
    await session.drain()


async def body(session: NntpSession, argument: bytes) -> None:
    """BODY: behind the empty line."""
    found, status = await _found(session, argument, b"222")
    octets = await _beginning(session, found)
    start = end_of_header(octets, 0, len(octets))
    await write_dot_block(session, status, _body(session, found, octets, start))
    session.has_read(found)


async def stat(session: NntpSession, argument: bytes) -> None:
    """STAT: whether it is there."""
    _, status = await _found(session, argument, b"223")
    session.write(status)


async def _found(session: NntpSession, argument: bytes, code: bytes) -> tuple[Article, bytes]:
    """The article, and the reply's line; one named by a number is the current article from now on."""
    found, number = await named_article(session, argument)
    if number and session.selected is not None:
        session.selected.number = number
    return found, b"%b %d %b\r\n" % (code, number, found.identifier)


async def _beginning(session: NntpSession, found: Article) -> bytes:
    """The article as a whole, or so much that its header is in it."""
    if found.size_octets > WHOLE_OCTETS:
        return await session.parts.database.read(load_range, found.message_id, 0, HEADER_OCTETS)
    return await session.ahead.octets(found)


async def _body(session: NntpSession, found: Article, beginning: bytes, start: int) -> AsyncIterator[bytes]:
    if len(beginning) >= found.size_octets:
        yield beginning[start:]
    else:
        async for step in body_steps(session.parts.database, found.message_id, found.size_octets, start):
            yield step
