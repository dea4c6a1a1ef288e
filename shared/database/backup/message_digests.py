"""The SHA-256 of each message, made while its octets go by: into a backup, or back out of a store that was restored."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from struct import Struct
from typing import IO, Any

from shared.database.backup.errors import BackupDamaged
from shared.database.copy_binary import HEADER, SIGNATURE

RECORD = Struct(">q32s")
# In the order of the primary key, and by it: sorting would write all octets to the disk a second time.
IN_ORDER = "SELECT message_id, chunk, octets FROM body ORDER BY message_id, chunk"
_ROW = Struct(">hiqiii")  # three fields, of 8 octets, of 4, and of so many, which follow
_AT_ONCE = 5_000


def read_records(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """The records in a file: id and digest of each message. Raises BackupDamaged."""
    while octets := file.read(RECORD.size * _AT_ONCE):
        if len(octets) % RECORD.size:
            raise BackupDamaged("the digests of its messages are cut off")
        yield from RECORD.iter_unpack(octets)


class DigestsOfRows:
    """The file that COPY of IN_ORDER writes to: it hands the record of each whole message to `receive`."""

    def __init__(self, receive: Callable[[bytes], object]) -> None:
        self._receive = receive
        self._message_id: int | None = None
        self._digest = hashlib.sha256()
        self.messages = 0

    def write(self, row: bytes) -> None:
        """Take one row; the first comes together with the header, and what is shorter than a row is the end."""
        start = len(HEADER) if row.startswith(SIGNATURE) else 0
        if len(row) < start + _ROW.size:
            return
        _, _, message_id, _, _, octets = _ROW.unpack_from(row, start)
        if message_id != self._message_id:
            self.end()
            self._message_id, self._digest = message_id, hashlib.sha256()
        start += _ROW.size
        self._digest.update(memoryview(row)[start : start + octets])

    def end(self) -> None:
        """The last message is whole."""
        if self._message_id is not None:
            self._receive(RECORD.pack(self._message_id, self._digest.digest()))
            self.messages += 1
            self._message_id = None


def compare_messages(cursor: Any, written: Iterator[tuple[int, bytes]]) -> int:
    """Read each message of the store back and compare it with `written`, in order; the number of messages.

    PostgreSQL reads ahead while the digests are made here: its own sha256() takes 3.5 times as long where it was built
    without OpenSSL, as that of `./agora up` is. Raises BackupDamaged, psycopg2.Error.
    """

    def compare(record: bytes) -> None:
        message_id, digest = RECORD.unpack(record)
        if next(written, None) != (message_id, digest):
            raise BackupDamaged(f"message {message_id} is not as it was when the backup was written")

    messages = DigestsOfRows(compare)
    cursor.copy_expert(f"COPY ({IN_ORDER}) TO STDOUT (FORMAT binary)", messages)
    messages.end()
    if next(written, None) is not None:
        raise BackupDamaged("messages are missing in it")
    return messages.messages
