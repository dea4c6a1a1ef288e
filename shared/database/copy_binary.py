"""PostgreSQL's binary COPY format: rows of raw fields (PostgreSQL documentation, COPY, "Binary Format").

Fields are as each type's send function writes them: integers big-endian, text UTF-8, bytea itself, without the hex
that ordinary results are wrapped in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from struct import Struct

Row = list[bytes | None]

SIGNATURE = b"PGCOPY\n\xff\r\n\x00"
HEADER = SIGNATURE + bytes(8)  # no flags, no extension
END = b"\xff\xff"  # a row of -1 fields
NULL = b"\xff\xff\xff\xff"  # a field of -1 octets
_COUNT = Struct(">h")
_LENGTH = Struct(">i")


class RowReader:
    """A file to write the stream to: hands each row to `receive`.

    Wants whole rows in each write: the server sends one CopyData message for each row, the first of them together
    with the header (protocol documentation, "COPY Operations").
    """

    def __init__(self, receive: Callable[[Row], object]) -> None:
        self._receive = receive

    def write(self, data: bytes) -> None:
        position = 0
        if data.startswith(SIGNATURE):
            (extension,) = _LENGTH.unpack_from(data, len(SIGNATURE) + 4)
            position = len(HEADER) + extension
        end = len(data)
        while position < end:
            (count,) = _COUNT.unpack_from(data, position)
            position += 2
            if count < 0:
                return
            row: Row = []
            for _ in range(count):
                (length,) = _LENGTH.unpack_from(data, position)
                position += 4
                if length < 0:
                    row.append(None)
                else:
                    row.append(data[position : position + length])
                    position += length
            self._receive(row)


class PieceSource:
    """A file to read the stream from; pieces of rows are taken as they are needed."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = chain((HEADER,), pieces, (END,))

    def read(self, size: int) -> bytes:
        """About `size` octets, more when a row is longer; b"" at the end."""
        gathered: list[bytes] = []
        octets = 0
        for piece in self._pieces:
            gathered.append(piece)
            octets += len(piece)
            if octets >= size:
                break
        return b"".join(gathered)


def whole_rows(rows: Iterable[Sequence[bytes | None]]) -> Iterator[bytes]:
    """Each row as one piece."""
    for row in rows:
        pieces = [_COUNT.pack(len(row))]
        for field in row:
            if field is None:
                pieces.append(NULL)
            else:
                pieces += (_LENGTH.pack(len(field)), field)
        yield b"".join(pieces)
