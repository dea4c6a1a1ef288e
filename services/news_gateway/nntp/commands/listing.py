"""LIST and its variants (RFC 3977 §7.6, RFC 6048)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

from services.news_gateway.nntp import replies
from services.news_gateway.nntp.commands.active import active_lines
from services.news_gateway.nntp.commands.matching import rooms_like
from services.news_gateway.nntp.errors import BadArguments
from services.news_gateway.nntp.session import NntpSession
from shared.conversation.write_dot_block import stuffed, write_dot_block
from shared.rooms.room import Room

# RFC 3977 §8.4.2: the first seven in this order, and what else a line of OVER has. The old names of :bytes and :lines:
# slrn 1.0.3 does without overviews when it finds the new ones.
OVERVIEW_FORMAT = b"Subject:\r\nFrom:\r\nDate:\r\nMessage-ID:\r\nReferences:\r\nBytes:\r\nLines:\r\nXref:full\r\n"
NO_DESCRIPTION = "No description."  # as in INN: programs leave out a group whose line has nothing behind the name
_PAGE_ROOMS = 1000


async def list_(session: NntpSession, argument: bytes) -> None:
    """LIST [variant [argument]]."""
    words = argument.split()
    variant = VARIANTS.get(words[0].upper()) if words else _active
    if variant is None:
        session.refuse(replies.UNKNOWN_VARIANT)
    else:
        await variant(session, words[1:])


async def _active(session: NntpSession, words: Sequence[bytes]) -> None:
    """ACTIVE [wildmat]: the numbers, and whether the client may post."""
    rooms = await _rooms(session, words)
    await write_dot_block(session, b"215 groups follow\r\n", active_lines(session, rooms))


async def _counts(session: NntpSession, words: Sequence[bytes]) -> None:
    """COUNTS [wildmat]: ACTIVE with the numbers of articles."""
    rooms = await _rooms(session, words)
    await write_dot_block(session, b"215 groups follow\r\n", active_lines(session, rooms, counts=True))


async def _active_times(session: NntpSession, words: Sequence[bytes]) -> None:
    """ACTIVE.TIMES [wildmat]: when they were made, without the name of their makers."""
    await _describe(session, words, lambda room: f"{room.name} {int(room.created_at.timestamp())} agora")


async def _newsgroups(session: NntpSession, words: Sequence[bytes]) -> None:
    """NEWSGROUPS [wildmat]: their descriptions."""
    await _describe(session, words, lambda room: f"{room.name}\t{' '.join(room.description.split()) or NO_DESCRIPTION}")


async def _subscriptions(session: NntpSession, words: Sequence[bytes]) -> None:
    """SUBSCRIPTIONS [wildmat]: the groups for newcomers, which are all but those that a feed fills (RFC 6048 §2.8)."""
    rooms = [room for room in await _rooms(session, words) if not room.fed]
    await write_dot_block(session, b"215 groups follow\r\n", _pages(rooms, lambda room: room.name))


async def _overview_format(session: NntpSession, words: Sequence[bytes]) -> None:
    """OVERVIEW.FMT."""
    await _fixed(session, words, OVERVIEW_FORMAT)


async def _headers(session: NntpSession, words: Sequence[bytes]) -> None:
    """HEADERS [MSGID or RANGE]: HDR knows every field, and these metadata (RFC 3977 §8.6)."""
    if words and [word.upper() for word in words] not in ([b"MSGID"], [b"RANGE"]):
        raise BadArguments
    await _fixed(session, (), b":\r\n:bytes\r\n:lines\r\n")


async def _distribution_patterns(session: NntpSession, words: Sequence[bytes]) -> None:
    """DISTRIB.PATS: none; what is posted here stays here (RFC 3977 §7.6.5)."""
    await _fixed(session, words, b"")


async def _distributions(session: NntpSession, words: Sequence[bytes]) -> None:
    """DISTRIBUTIONS [wildmat]: none, as for DISTRIB.PATS (RFC 6048 §2.3)."""
    if len(words) > 1:
        raise BadArguments
    await _fixed(session, (), b"")


async def _moderators(session: NntpSession, words: Sequence[bytes]) -> None:
    """MODERATORS: the moderated groups, and where mail for each is held for its moderators (RFC 6048 §2.4)."""
    if words:
        raise BadArguments
    domain = session.parts.mail_domain
    rooms = [room for room in await _rooms(session, words) if room.moderated and not room.fed]
    await write_dot_block(
        session, b"215 list follows\r\n", _pages(rooms, lambda room: f"{room.name}:{room.name}@{domain}")
    )


async def _message_of_the_day(session: NntpSession, words: Sequence[bytes]) -> None:
    """MOTD: what the operator has to say, in UTF-8 (RFC 6048 §2.5); nothing as a rule."""
    await _fixed(session, words, session.parts.motd.read())


async def _fixed(session: NntpSession, words: Sequence[bytes], lines: bytes) -> None:
    if words:
        raise BadArguments
    session.write(b"215 list follows\r\n" + stuffed(lines))


async def _describe(session: NntpSession, words: Sequence[bytes], line: Callable[[Room], str]) -> None:
    rooms = await _rooms(session, words)
    await write_dot_block(session, b"215 groups follow\r\n", _pages(rooms, line))


async def _rooms(session: NntpSession, words: Sequence[bytes]) -> Sequence[Room]:
    """The rooms that are there for the reader and like the wildmat. Raises SignInFirst, BadArguments."""
    if len(words) > 1:
        raise BadArguments
    if words:
        return await rooms_like(session, words[0])
    return (await session.rooms()).readable_by(session.reader)


async def _pages(rooms: Sequence[Room], line: Callable[[Room], str]) -> AsyncIterator[bytes]:
    for start in range(0, len(rooms), _PAGE_ROOMS):
        yield "".join([f"{line(room)}\r\n" for room in rooms[start : start + _PAGE_ROOMS]]).encode()


VARIANTS: Mapping[bytes, Callable[[NntpSession, Sequence[bytes]], Awaitable[None]]] = {
    b"ACTIVE": _active,
    b"ACTIVE.TIMES": _active_times,
    b"COUNTS": _counts,
    b"DISTRIB.PATS": _distribution_patterns,
    b"DISTRIBUTIONS": _distributions,
    b"HEADERS": _headers,
    b"MODERATORS": _moderators,
    b"MOTD": _message_of_the_day,
    b"NEWSGROUPS": _newsgroups,
    b"OVERVIEW.FMT": _overview_format,
    b"SUBSCRIPTIONS": _subscriptions,
}
