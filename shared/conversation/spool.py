"""A place for a message on its way in: memory while it is small, an unlinked file when it is not."""

from __future__ import annotations

import mmap
import tempfile
from contextlib import suppress
from typing import BinaryIO

from shared.conversation.errors import SpoolFull
from shared.conversation.held_octets import HeldOctets
from shared.conversation.intake import UNBOUNDED, Claim
from shared.give_way import Turns

SPOOL_OCTETS = 1024 * 1024  # nearly all mail is smaller, and is never written to a file


def has_room(claim: Claim, octets: int) -> bool:
    """Whether a spool of so many octets would find room now."""
    in_memory = octets <= SPOOL_OCTETS and claim.intake.memory.room(claim.network) >= octets
    return in_memory or claim.has_file_room(octets)


class Spool:
    """Octets appended in pieces, then read as one sequence.

    The file has no name, so that it is gone with the process; it is made where `tempfile` makes files (TMPDIR). What is
    held counts in the intake of `claim` until `close`: memory that is not to be had there is no reason to refuse, the
    spool goes to its file sooner.
    """

    __slots__ = ("_claim", "_file", "_held", "_in_file", "_in_memory", "_length", "_mapped")

    def __init__(self, claim: Claim = UNBOUNDED) -> None:
        self._claim = claim
        self._in_memory = self._in_file = 0  # octets counted in the intake
        self._held = HeldOctets()
        self._length = 0
        self._file: BinaryIO | None = None
        self._mapped: mmap.mmap | None = None

    def __len__(self) -> int:
        return self._length

    def append(self, octets: bytes) -> None:
        """Add a piece. Raises SpoolFull when disk, memory or intake is; the spool is then closed and empty."""
        if not octets:
            return  # a claim of no octets would never be given back, and keep its address in the intake for ever
        try:
            if self._stays_in_memory(len(octets)):
                self._held.append(octets)
            else:
                self._count_in_file(len(octets))
                self._write(octets)
        except OSError as refused:
            self.close()
            raise SpoolFull from refused
        self._length += len(octets)

    def _stays_in_memory(self, octets: int) -> bool:
        """Whether so many more may be held in memory; they are counted then."""
        if self._file is not None or self._length + octets > SPOOL_OCTETS:
            return False
        claim = self._claim
        if not claim.intake.memory.take(claim.network, octets):
            return False
        self._in_memory += octets
        return True

    def _count_in_file(self, octets: int) -> None:
        if self._file is None:
            octets += self._length
        if not self._claim.intake.files.take(self._claim.network, octets):
            self.close()
            raise SpoolFull
        self._in_file += octets

    def _write(self, octets: bytes) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
            _write_all(self._file, self._held.octets)
            self._held.clear()
            self._give_back_memory()
        _write_all(self._file, octets)

    def replace_start_in_memory(self, size: int, octets: bytes) -> bool:
        """Put a piece in the place of the first `size` octets; False, and nothing done, if that needs a file."""
        more = len(octets) - size
        if not self._stays_in_memory(more):
            return False
        self._held.replace(octets + self._held.octets[size:])
        self._length += more
        return True

    async def replace_start(self, size: int, octets: bytes, turns: Turns) -> None:
        """Put a piece in the place of the first `size` octets; what is behind it in a file is written anew, in turns.

        Raises SpoolFull; the spool is then closed and empty.
        """
        if self.replace_start_in_memory(size, octets):
            return
        more = len(octets) - size
        self._count_in_file(more)
        counted, self._in_file = self._in_file, 0
        behind, moved = self.octets, Spool()
        try:
            moved._write(octets)
            for start in range(size, len(behind), SPOOL_OCTETS):
                moved._write(behind[start : start + SPOOL_OCTETS])
                if turns.is_over:
                    await turns.give_way()
        except BaseException as error:
            self._in_file = counted
            moved.close()
            self.close()
            if isinstance(error, OSError):
                raise SpoolFull from error
            raise
        length = self._length + more
        self.close()
        self._file, self._length, self._in_file = moved._file, length, counted

    @property
    def octets(self) -> bytes | mmap.mmap:
        """Everything appended; append nothing afterwards. A map lives until `close`."""
        if self._file is None:
            return self._held.octets
        if self._mapped is None:
            self._mapped = mmap.mmap(self._file.fileno(), self._length, access=mmap.ACCESS_READ)
        return self._mapped

    def close(self) -> None:
        """Let go of memory, map and file; may be called more than once."""
        if self._file is not None:
            if self._mapped is not None:
                with suppress(BufferError):  # it is still being read: it is freed when that ends
                    self._mapped.close()
            self._file.close()
            self._file, self._mapped = None, None
        self._held.clear()
        self._length = 0
        self._give_back_memory()
        if self._in_file:
            self._claim.intake.files.give_back(self._claim.network, self._in_file)
            self._in_file = 0

    def _give_back_memory(self) -> None:
        if self._in_memory:
            self._claim.intake.memory.give_back(self._claim.network, self._in_memory)
            self._in_memory = 0


def _write_all(file: BinaryIO, octets: bytes) -> None:
    left = memoryview(octets)
    while left:
        left = left[file.write(left) :]
