"""All that a session sees: `/` with `pages` and `rooms`."""

from __future__ import annotations

from collections.abc import AsyncIterator

from services.ssh_admin.sftp import page_directories, page_look, page_opening, page_removal, page_renaming
from services.ssh_admin.sftp.file_entry import FileEntry
from services.ssh_admin.sftp.open_file import OpenFile
from services.ssh_admin.sftp.pages import PageFiles
from services.ssh_admin.sftp.places import PAGES, ROOMS, FilePlace, PlaceKind
from services.ssh_admin.sftp.refusal import FAILURE, SftpRefusal, no_such_file, read_only
from services.ssh_admin.sftp.rooms import RoomFiles
from services.ssh_admin.sftp.wire import WRITING, Attributes

_BELOW_PAGES = (PlaceKind.PAGES, PlaceKind.PAGE)


class Tree:
    """The files of one session. All raise SftpRefusal and the domain's errors."""

    def __init__(self, pages: PageFiles, rooms: RoomFiles) -> None:
        self._pages = pages
        self._rooms = rooms

    async def look(self, place: FilePlace) -> Attributes:
        """The attributes of what is there."""
        match place.kind:
            case PlaceKind.ROOT | PlaceKind.ROOMS:
                return self._rooms.directory
            case PlaceKind.ROOM:
                return await self._rooms.look(place)
            case PlaceKind.PAGES | PlaceKind.PAGE:
                return await page_look.look(self._pages, place)
        raise no_such_file()

    async def entries(self, place: FilePlace) -> AsyncIterator[FileEntry]:
        """What is in a directory."""
        if place.kind is PlaceKind.ROOT:
            yield FileEntry(PAGES[1:], self._pages.attributes.directory)
            yield FileEntry(ROOMS[1:], self._rooms.directory)
            return
        if place.kind is PlaceKind.ROOMS:
            listed = self._rooms.entries()
        elif place.kind is PlaceKind.PAGES:
            listed = page_directories.entries(self._pages, place)
        else:
            raise no_such_file()
        async for entry in listed:
            yield entry

    async def open(self, place: FilePlace, flags: int) -> OpenFile:
        """Open a file."""
        if place.kind in _BELOW_PAGES:
            return await page_opening.open_file(self._pages, place, flags)
        if place.kind in (PlaceKind.ROOT, PlaceKind.ROOMS):
            raise SftpRefusal(FAILURE, "this is a directory")
        if flags & WRITING:
            raise read_only()
        if place.kind is PlaceKind.ROOM:
            return await self._rooms.open(place)
        raise no_such_file()

    async def remove(self, place: FilePlace) -> None:
        """Remove a file."""
        _check_writable(place)
        await page_removal.remove(self._pages, place)

    async def rename(self, old: FilePlace, new: FilePlace, *, replaces: bool) -> None:
        """Rename a file; `replaces`: also to the name of another."""
        _check_writable(old)
        _check_writable(new)
        if old.path != new.path:
            await page_renaming.rename(self._pages, old, new, replaces=replaces)

    def make_directory(self, place: FilePlace) -> None:
        """Make a directory for pages."""
        _check_writable(place)
        page_directories.make_directory(self._pages, place)

    async def remove_directory(self, place: FilePlace) -> None:
        """Remove an empty directory."""
        _check_writable(place)
        await page_directories.remove_directory(self._pages, place)


def _check_writable(place: FilePlace) -> None:
    if place.kind not in _BELOW_PAGES or place.path == PAGES:
        raise read_only()
