"""A message as it leaves: read from the store in pieces, without Return-Path, with dots doubled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

from shared.conversation.write_dot_block import doubled
from shared.database.database import Database
from shared.folders.bodies import load_range
from shared.messages.header_fields import HeaderFields
from shared.messages.scan import end_of_header

PIECE_OCTETS = 1 << 20  # a chunk as the store has them


class MessageSource(NamedTuple):
    """A message that is to be sent: its first octets, and where the rest begins."""

    database: Database
    message_id: int
    first: bytes
    rest: int
    size_octets: int
    hops: int  # how many servers it came through: its Received fields


async def open_source(
    database: Database, message_id: int, size_octets: int, octets: bytes | None = None
) -> MessageSource:
    """Read the first piece, unless `octets` are the whole message. Raises MessageNotFound, StoreUnavailable,
    StatementTimedOut.

    Return-Path is written by the server of the last delivery, and not sent (RFC 5321 §4.4).
    """
    rest = min(PIECE_OCTETS, size_octets)
    first = await database.read(load_range, message_id, 0, rest) if octets is None else octets
    end = end_of_header(first, 0, len(first))
    header = HeaderFields(first[:end])
    hops, paths = header.count(b"received"), header.find(b"return-path")
    if paths:
        first = header.without(paths) + first[end:]
    return MessageSource(database, message_id, first, rest, size_octets, hops)


async def dot_pieces(source: MessageSource) -> AsyncIterator[bytes]:
    """The message with its last line ended, dots doubled, and the final dot (RFC 5321 §4.5.2)."""
    piece, at = source.first, source.rest
    last, at_line_start = b"", True
    while True:
        piece, last = last + piece, b""
        is_end = at >= source.size_octets
        if piece.endswith(b"\r") and not is_end:
            piece, last = piece[:-1], b"\r"  # together with its LF, which may be followed by a dot
        if piece:
            dotted = b"." + doubled(piece) if at_line_start and piece.startswith(b".") else doubled(piece)
            at_line_start = piece.endswith(b"\r\n")
            if is_end:
                break
            yield dotted
        elif is_end:
            dotted = b""
            break
        end = min(at + PIECE_OCTETS, source.size_octets)
        piece, at = await source.database.read(load_range, source.message_id, at, end), end
    yield dotted + (b".\r\n" if at_line_start else b"\r\n.\r\n")
