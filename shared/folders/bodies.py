"""The octets of messages, read from the store: whole, from the start, or a range of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from struct import Struct

from shared.database.transaction import Transaction
from shared.folders.errors import MessageNotFound
from shared.folders.packed import array_literal
from shared.folders.write import CHUNK_OCTETS

_INT8 = Struct(">q")
_WHOLE = "SELECT message_id, octets FROM body WHERE message_id = ANY(%s::bigint[]) ORDER BY message_id, chunk"
_BEGINNINGS = """
    SELECT message_id, substring(body.octets FROM 1 FOR wanted.octets)
    FROM unnest(%s::bigint[], %s::integer[]) AS wanted (message_id, octets) JOIN body USING (message_id)
    WHERE chunk = 0
"""
# substring() of EXTERNAL storage reads no more pages than it needs. All chunks of a message but its last are full, so
# that the number of the chunk tells its offset.
_RANGE = """
    SELECT substring(octets FROM greatest(%(start)s - chunk * %(size)s::bigint, 0)::integer + 1
                     FOR least(%(end)s - chunk * %(size)s::bigint, %(size)s)::integer
                         - greatest(%(start)s - chunk * %(size)s::bigint, 0)::integer)
    FROM body WHERE message_id = %(message_id)s AND chunk BETWEEN %(first)s AND %(last)s ORDER BY chunk
"""


def load_bodies(tx: Transaction, message_ids: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """(id, octets) of each message in the order of the ids; messages that are gone, and empty ones, are left out.

    In the end all of them are in memory: ask for no more than fits there, and read a large one by load_range().
    """
    current: bytes | None = None
    pieces: list[bytes | None] = []
    for packed_id, octets in tx.copy_out(_WHOLE, (array_literal(message_ids),)):
        if packed_id != current:
            if current is not None:
                yield _joined(current, pieces)
            current, pieces = packed_id, []
        pieces.append(octets)
    if current is not None:
        yield _joined(current, pieces)


def load_beginnings(tx: Transaction, octets: Mapping[int, int]) -> dict[int, bytes]:
    """The first octets of each message, by its id; `octets` says how many for each id, at most its first chunk (1 MiB).

    PostgreSQL reads no page behind those octets, so that a header costs little. Messages that are gone are left out.
    """
    wanted = array_literal(octets), array_literal(octets.values())
    return {_INT8.unpack(packed)[0]: piece or b"" for packed, piece in tx.copy_out(_BEGINNINGS, wanted) if packed}


def load_range(tx: Transaction, message_id: int, start: int, end: int) -> bytes:
    """Octets `start` up to, not including, `end`, fewer where the message ends earlier. Raises MessageNotFound."""
    first, last = start // CHUNK_OCTETS, max(start, end - 1) // CHUNK_OCTETS
    rows = tx.copy_out(
        _RANGE,
        {"message_id": message_id, "start": start, "end": end, "first": first, "last": last, "size": CHUNK_OCTETS},
    )
    if not rows and not _exists(tx, message_id):
        raise MessageNotFound
    return b"".join(octets for (octets,) in rows if octets)


def _exists(tx: Transaction, message_id: int) -> bool:
    return bool(tx.value("SELECT true FROM message WHERE id = %s", (message_id,)))


def _joined(packed_id: bytes, pieces: Sequence[bytes | None]) -> tuple[int, bytes]:
    octets = pieces[0] if len(pieces) == 1 else b"".join(piece for piece in pieces if piece)
    return _INT8.unpack(packed_id)[0], octets or b""
