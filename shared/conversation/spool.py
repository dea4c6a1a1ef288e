"""A place for a message on its way in: memory while it is small, an unlinked file when it is not."""

from __future__ import annotations

import mmap
import tempfile
from contextlib import suppress
from typing import BinaryIO

from shared.conversation.errors import SpoolFull

SPOOL_OCTETS = 1024 * 1024  # nearly all mail is smaller; a thousand senders at once then hold 1 GB at the very worst


class Spool:
    """Octets appended in pieces, then read as one sequence.

    The file has no name, so that it is gone with the process; it is made where `tempfile` makes files (TMPDIR).
    """

    __slots__ = ("_file", "_held", "_length", "_mapped")

    def __init__(self) -> None:
        self._held: bytes | bytearray = b""
        self._length = 0
        self._file: BinaryIO | None = None
        self._mapped: mmap.mmap | None = None

    def __len__(self) -> int:
        return self._length

    def append(self, octets: bytes) -> None:
        """Add a piece. Raises SpoolFull when the disk is; the spool is then closed and empty."""
        if self._file is None and self._length + len(octets) <= SPOOL_OCTETS:
            self._keep(octets)
        else:
            self._write(octets)
        self._length += len(octets)

    def _keep(self, octets: bytes) -> None:
        if not self._length:
            self._held = octets
            return
        if not isinstance(self._held, bytearray):
            self._held = bytearray(self._held)
        self._held += octets

    def _write(self, octets: bytes) -> None:
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
                _write_all(self._file, self._held)
                self._held = b""
            _write_all(self._file, octets)
        except OSError as refused:
            self.close()
            raise SpoolFull from refused

    def prepend(self, octets: bytes) -> None:
        """Put a piece before all others. Raises SpoolFull; the spool is then closed and empty."""
        if self._file is None and self._length + len(octets) <= SPOOL_OCTETS:
            self._held = octets + self._held
            self._length += len(octets)
            return
        behind, moved = self.octets, Spool()
        try:
            moved._write(octets)
            for start in range(0, len(behind), SPOOL_OCTETS):
                moved._write(behind[start : start + SPOOL_OCTETS])
        except SpoolFull:
            self.close()
            raise
        length = self._length + len(octets)
        self.close()
        self._file, self._length = moved._file, length

    @property
    def octets(self) -> bytes | mmap.mmap:
        """Everything appended; append nothing afterwards. A map lives until `close`."""
        if self._file is None:
            self._held = bytes(self._held)
            return self._held
        if self._mapped is None:
            self._mapped = mmap.mmap(self._file.fileno(), self._length, access=mmap.ACCESS_READ)
        return self._mapped

    def close(self) -> None:
        """Let go of memory, map and file; may be called more than once."""
        if self._mapped is not None:
            with suppress(BufferError):  # somebody still looks into it: it goes when they do
                self._mapped.close()
        if self._file is not None:
            self._file.close()
        self._held, self._length, self._file, self._mapped = b"", 0, None, None


def _write_all(file: BinaryIO, octets: bytes | bytearray) -> None:
    left = memoryview(octets)
    while left:
        left = left[file.write(left) :]
