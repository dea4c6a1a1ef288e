"""The answers to each request of SFTP: a table of functions by the request's number."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping

from services.ssh_admin.sftp import wire
from services.ssh_admin.sftp.file_entry import FileEntry
from services.ssh_admin.sftp.handles import Handle, Handles
from services.ssh_admin.sftp.places import place_of
from services.ssh_admin.sftp.refusal import EOF, FAILURE, OK, OP_UNSUPPORTED, SftpRefusal
from services.ssh_admin.sftp.tree import Tree
from services.ssh_admin.sftp.wire import Fields

MOST_READ = 262_144 - 1024  # octets of one answer, as OpenSSH's server has it
NAMES_AT_ONCE = 100
EXTENSIONS = {b"posix-rename@openssh.com": b"1", b"fsync@openssh.com": b"1", b"limits@openssh.com": b"1"}


class SftpAnswers:
    """SftpAnswers the requests of one session; `owner` is the name that listings show."""

    def __init__(self, tree: Tree, handles: Handles, owner: str) -> None:
        self._tree = tree
        self._handles = handles
        self._owner = owner

    async def answer(self, kind: int, number: int, fields: Fields) -> bytes:
        """The reply. Raises SftpRefusal, and the domain's errors."""
        answer = _TABLE.get(kind)
        if answer is None:
            raise SftpRefusal(OP_UNSUPPORTED, "this is not served here")
        return await answer(self, number, fields)

    async def open(self, number: int, fields: Fields) -> bytes:
        place, flags, _ = place_of(fields.string()), fields.uint32(), fields.attributes()
        self._handles.check_room()
        file = await self._tree.open(place, flags)
        return _handle(number, self._handles.add(Handle(place, file=file, writes=bool(flags & wire.WRITING))))

    async def close(self, number: int, fields: Fields) -> bytes:
        handle = self._handles.take(fields.string())
        if handle.file is not None:
            await handle.file.close()
        return _done(number)

    async def read(self, number: int, fields: Fields) -> bytes:
        file, offset, length = self._handles.file(fields.string()), fields.uint64(), fields.uint32()
        data = await file.read(offset, min(length, MOST_READ))
        if not data and length:
            raise SftpRefusal(EOF, "the end of the file")
        return wire.reply(wire.DATA, number, wire.string(data))

    async def write(self, number: int, fields: Fields) -> bytes:
        self._handles.file(fields.string()).write(fields.uint64(), fields.string())
        return _done(number)

    async def look(self, number: int, fields: Fields) -> bytes:
        place = place_of(fields.string())
        written = self._handles.written(place)
        attributes = await self._tree.look(place) if written is None else written.attributes()
        return wire.reply(wire.ATTRS, number, attributes.octets)

    async def look_at_handle(self, number: int, fields: Fields) -> bytes:
        handle = self._handles.get(fields.string())
        attributes = await self._tree.look(handle.place) if handle.file is None else handle.file.attributes()
        return wire.reply(wire.ATTRS, number, attributes.octets)

    async def set_attributes(self, number: int, fields: Fields) -> bytes:
        """Only a size can be set. Programs set times and modes after copying: they are as they are."""
        place, wanted = place_of(fields.string()), fields.attributes()
        if wanted.size is None:
            await self._tree.look(place)  # which says if there is no such file
        elif (written := self._handles.written(place)) is not None:
            written.truncate(wanted.size)
        else:
            file = await self._tree.open(place, wire.WRITING)
            try:
                file.truncate(wanted.size)
            except SftpRefusal:
                await file.drop()
                raise
            await file.close()
        return _done(number)

    async def set_attributes_of_handle(self, number: int, fields: Fields) -> bytes:
        file, wanted = self._handles.file(fields.string()), fields.attributes()
        if wanted.size is not None:
            file.truncate(wanted.size)
        return _done(number)

    async def open_directory(self, number: int, fields: Fields) -> bytes:
        place = place_of(fields.string())
        self._handles.check_room()
        if not (await self._tree.look(place)).is_directory:
            raise SftpRefusal(FAILURE, "this is no directory")
        return _handle(number, self._handles.add(Handle(place, entries=self._tree.entries(place))))

    async def read_directory(self, number: int, fields: Fields) -> bytes:
        entries = self._handles.get(fields.string()).entries
        if entries is None:
            raise SftpRefusal(FAILURE, "this is no directory")
        listed: list[wire.NamedFile] = []
        async for entry in entries:
            listed.append(self._named(entry))
            if len(listed) >= NAMES_AT_ONCE:
                break
        if not listed:
            raise SftpRefusal(EOF, "the end of the directory")
        return wire.names(number, listed)

    async def remove(self, number: int, fields: Fields) -> bytes:
        await self._tree.remove(place_of(fields.string()))
        return _done(number)

    async def make_directory(self, number: int, fields: Fields) -> bytes:
        self._tree.make_directory(place_of(fields.string()))
        return _done(number)

    async def remove_directory(self, number: int, fields: Fields) -> bytes:
        await self._tree.remove_directory(place_of(fields.string()))
        return _done(number)

    async def real_path(self, number: int, fields: Fields) -> bytes:
        path = place_of(fields.string()).path
        return wire.names(number, [wire.NamedFile(path, path, wire.Attributes())])

    async def rename(self, number: int, fields: Fields) -> bytes:
        await self._tree.rename(place_of(fields.string()), place_of(fields.string()), replaces=False)
        return _done(number)

    async def extended(self, number: int, fields: Fields) -> bytes:
        match fields.string():
            case b"posix-rename@openssh.com":
                await self._tree.rename(place_of(fields.string()), place_of(fields.string()), replaces=True)
            case b"fsync@openssh.com":
                await self._handles.file(fields.string()).keep()
            case b"limits@openssh.com":
                limits = (wire.MOST_PACKET, MOST_READ, 32_768, 0)
                return wire.reply(wire.EXTENDED_REPLY, number, b"".join(each.to_bytes(8, "big") for each in limits))
            case _:
                raise SftpRefusal(OP_UNSUPPORTED, "this is not served here")
        return _done(number)

    def _named(self, entry: FileEntry) -> wire.NamedFile:
        name, attributes = entry
        kind, mode = ("d", "rwxr-xr-x") if attributes.is_directory else ("-", _letters(attributes.mode or 0))
        day = time.strftime("%b %d %H:%M", time.gmtime(attributes.modified or 0))
        shown = f"{kind}{mode}    1 {self._owner:8} {self._owner:8} {attributes.size or 0:8} {day} {name}"
        return wire.NamedFile(name, shown, attributes)


def _letters(mode: int) -> str:
    return "".join(letter if mode & 1 << 8 - at else "-" for at, letter in enumerate("rwxrwxrwx"))


def _done(number: int) -> bytes:
    return wire.status(number, OK, "")


def _handle(number: int, octets: bytes) -> bytes:
    return wire.reply(wire.HANDLE, number, wire.string(octets))


_TABLE: Mapping[int, Callable[[SftpAnswers, int, Fields], Awaitable[bytes]]] = {
    wire.OPEN: SftpAnswers.open,
    wire.CLOSE: SftpAnswers.close,
    wire.READ: SftpAnswers.read,
    wire.WRITE: SftpAnswers.write,
    wire.LSTAT: SftpAnswers.look,
    wire.STAT: SftpAnswers.look,
    wire.FSTAT: SftpAnswers.look_at_handle,
    wire.SETSTAT: SftpAnswers.set_attributes,
    wire.FSETSTAT: SftpAnswers.set_attributes_of_handle,
    wire.OPENDIR: SftpAnswers.open_directory,
    wire.READDIR: SftpAnswers.read_directory,
    wire.REMOVE: SftpAnswers.remove,
    wire.MKDIR: SftpAnswers.make_directory,
    wire.RMDIR: SftpAnswers.remove_directory,
    wire.REALPATH: SftpAnswers.real_path,
    wire.RENAME: SftpAnswers.rename,
    wire.EXTENDED: SftpAnswers.extended,
}
