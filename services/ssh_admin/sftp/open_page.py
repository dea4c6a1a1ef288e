"""A page that is open as a file: in memory, and saved when it is closed or synced, if anything was written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from services.ssh_admin.sftp.open_file import Buffer
from services.ssh_admin.sftp.refusal import FAILURE, SftpRefusal, read_only
from services.ssh_admin.sftp.wire import Attributes

Save = Callable[[str], Awaitable[None]]


class OpenPage:
    """`save` keeps a text, None where the page is only read; `was_read` is called when octets are read of it; `ended`
    is told whether all went well."""

    def __init__(
        self,
        buffer: Buffer,
        attributes: Attributes,
        *,
        appends: bool = False,
        save: Save | None = None,
        was_read: Callable[[], None] = lambda: None,
        ended: Callable[[bool], Awaitable[None]] | None = None,
    ) -> None:
        self._buffer = buffer
        self._attributes = attributes
        self._appends = appends
        self._save = save
        self._was_read = was_read
        self._ended = ended

    @property
    def is_changed(self) -> bool:
        """Whether something was written that is not saved."""
        return self._buffer.changed

    async def read(self, offset: int, length: int) -> bytes:
        """The octets as they are here."""
        self._was_read()
        return self._buffer.read(offset, length)

    def write(self, offset: int, data: bytes) -> None:
        """Nothing is saved yet."""
        if self._save is None:
            raise read_only()
        self._buffer.write(len(self._buffer.octets) if self._appends else offset, data)

    def truncate(self, size: int) -> None:
        """Nothing is saved yet."""
        if self._save is None:
            raise read_only()
        self._buffer.truncate(size)

    def attributes(self) -> Attributes:
        """With the size that it has here."""
        return self._attributes._replace(size=len(self._buffer.octets))

    async def keep(self) -> None:
        """Save what was written."""
        if self._save is None or not self._buffer.changed:
            return
        try:
            text = self._buffer.octets.decode()
        except UnicodeDecodeError:
            raise SftpRefusal(FAILURE, "the text is not UTF-8") from None
        await self._save(text)
        self._buffer.changed = False

    async def close(self) -> None:
        """Save it. What is refused is not lost: `save` has put it on the desk."""
        done = False
        try:
            await self.keep()
            done = True
        finally:
            await self._end(done)

    async def drop(self) -> None:
        """What was written and not closed is half a file."""
        await self._end(self._save is None or not self._buffer.changed)

    async def _end(self, done: bool) -> None:
        self._buffer.drop()
        if self._ended is not None:
            await self._ended(done)
