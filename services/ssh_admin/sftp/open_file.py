"""An open file: what requests about a handle do with it, and octets in memory that can be written anywhere."""

from __future__ import annotations

from typing import Protocol

from services.ssh_admin.sftp.held import OctetsHeld
from services.ssh_admin.sftp.refusal import FAILURE, SftpRefusal
from services.ssh_admin.sftp.wire import Attributes


class OpenFile(Protocol):
    """A file under a handle. All but `drop` raise SftpRefusal, and the domain's errors."""

    async def read(self, offset: int, length: int) -> bytes:
        """The octets from `offset` on, `length` of them where there are so many; none at the end."""

    def write(self, offset: int, data: bytes) -> None:
        """Write `data` there."""

    def truncate(self, size: int) -> None:
        """Have exactly `size` octets."""

    def attributes(self) -> Attributes:
        """The file's attributes as it is open here."""

    async def keep(self) -> None:
        """Keep what was written so far, where it is kept for others."""

    async def close(self) -> None:
        """Keep it, and forget the handle."""

    async def drop(self) -> None:
        """Forget the handle and what was written: the session is over."""


class Buffer:
    """Octets in memory, counted by `held`."""

    def __init__(self, held: OctetsHeld, most: int, octets: bytes = b"") -> None:
        held.take(len(octets))
        self._held = held
        self._most = most
        self.octets = bytearray(octets)
        self.changed = False
        self._gone = False

    def read(self, offset: int, length: int) -> bytes:
        """The octets there."""
        return bytes(self.octets[offset : offset + length])

    def write(self, offset: int, data: bytes) -> None:
        """Put `data` there; what lies between the end and `offset` is zero. Raises SftpRefusal."""
        if self._gone:
            return
        self._extend(offset + len(data))
        self.octets[offset : offset + len(data)] = data
        self.changed = True

    def truncate(self, size: int) -> None:
        """Have `size` octets. Raises SftpRefusal."""
        if self._gone:
            return
        self._extend(size)
        self._held.give(len(self.octets) - size)
        del self.octets[size:]
        self.changed = True

    def drop(self) -> None:
        """Hold nothing any more: what is written from now on is lost, as into a file that was removed."""
        self._gone = True
        self._held.give(len(self.octets))
        self.octets = bytearray()

    def _extend(self, size: int) -> None:
        if size > self._most:
            raise SftpRefusal(FAILURE, f"a file here has at most {self._most} octets")
        more = size - len(self.octets)
        if more > 0:
            self._held.take(more)
            self.octets += bytes(more)
