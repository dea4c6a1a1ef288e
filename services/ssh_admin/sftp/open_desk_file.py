"""A file of the session alone that is open."""

from __future__ import annotations

from services.ssh_admin.sftp.open_file import Buffer
from services.ssh_admin.sftp.wire import Attributes


class OpenDeskFile:
    """The file is written at once; its octets stay on the desk."""

    def __init__(self, buffer: Buffer, attributes: Attributes, appends: bool) -> None:
        self._buffer = buffer
        self._attributes = attributes
        self._appends = appends

    async def read(self, offset: int, length: int) -> bytes:
        """The octets there."""
        return self._buffer.read(offset, length)

    def write(self, offset: int, data: bytes) -> None:
        """Write them."""
        self._buffer.write(len(self._buffer.octets) if self._appends else offset, data)

    def truncate(self, size: int) -> None:
        """Have exactly `size` octets."""
        self._buffer.truncate(size)

    def attributes(self) -> Attributes:
        """With the size that it has."""
        return self._attributes._replace(size=len(self._buffer.octets))

    async def keep(self) -> None:
        """There is nobody else to keep it for."""

    async def close(self) -> None:
        """It stays on the desk."""

    async def drop(self) -> None:
        """The desk drops it."""
