"""HDR, XHDR and XPAT: one field of many articles (RFC 3977 §8.5, RFC 2980 §2.6, §2.9)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable

from services.news_gateway.nntp import replies
from services.news_gateway.nntp.commands.answer_pages import answer_pages
from services.news_gateway.nntp.commands.named import article_called, named_range
from services.news_gateway.nntp.errors import BadArguments
from services.news_gateway.nntp.header_lines import OVERVIEW_PLACES, header_value, header_values
from services.news_gateway.nntp.session import NntpSession
from services.news_gateway.nntp.wildmat import BadWildmat, Pattern
from shared.give_way import Turns
from shared.messages.overview import MOST_FIELD_OCTETS

_FIELD_NAME = re.compile(rb"[!-9;-~]+")
_NONE = b"(none)"  # RFC 2980 §2.6: of an article without the field


async def hdr(session: NntpSession, argument: bytes) -> None:
    """HDR field [range or Message-ID]."""
    field, word = _read(argument)
    await _answer(session, b"225 headers follow\r\n", field, word, _line)


async def xhdr(session: NntpSession, argument: bytes) -> None:
    """XHDR field [range or Message-ID]: an article named by its Message-ID has it in front of the line."""
    field, word = _read(argument)
    await _answer(
        session, b"221 headers follow\r\n", field, word, lambda name, value: _line(name, value or _NONE), word
    )


async def xpat(session: NntpSession, argument: bytes) -> None:
    """XPAT field range-or-Message-ID pattern: articles whose field matches; the pattern may have blanks in it."""
    words = argument.split(None, 2)
    if len(words) < 3:
        raise BadArguments
    field, word = _read(b" ".join(words[:2]))
    try:
        pattern = Pattern(words[2].strip().decode("utf-8", "replace"))
    except BadWildmat as error:
        raise BadArguments from error

    def line(name: bytes, value: bytes) -> bytes:
        looked_at = value[:MOST_FIELD_OCTETS].decode("utf-8", "replace")
        return _line(name, value) if pattern.matches(looked_at) else b""

    await _answer(session, b"221 headers follow\r\n", field, word, line, word)


def _read(argument: bytes) -> tuple[bytes, bytes]:
    words = argument.split()
    if not 1 <= len(words) <= 2:
        raise BadArguments
    field = words[0].lower()
    if not _FIELD_NAME.fullmatch(field.removeprefix(b":")):
        raise BadArguments
    return field, words[1] if len(words) > 1 else b""


async def _answer(
    session: NntpSession,
    status: bytes,
    field: bytes,
    word: bytes,
    line: Callable[[bytes, bytes], bytes],
    name: bytes = b"0",
) -> None:
    """`line` writes a number, or the `name` of an article with a Message-ID, and its value."""
    if field.startswith(b":") and field not in OVERVIEW_PLACES:
        session.write(replies.NOT_SUPPORTED)  # RFC 3977 §8.5.1: metadata that is not known
        return
    database = session.parts.database
    if word.startswith(b"<"):
        found = await article_called(session, word)
        value = await header_value(database, found, field)
        session.write(status + line(name, value) + replies.END)
        return
    selected, wanted = await named_range(session, word)

    async def pages() -> AsyncIterator[bytes]:
        turns = Turns(session.clock)
        async for page in header_values(database, selected.folder_id, wanted, field):
            lines = []
            for number, value in page:
                lines.append(line(b"%d" % number, value))
                if turns.is_over:  # a pattern may take a millisecond for each
                    await turns.give_way()
            yield b"".join(lines)

    await answer_pages(session, status, pages())


def _line(name: bytes, value: bytes) -> bytes:
    return b"%b %b\r\n" % (name, value)
