"""The directories below `/pages`: each has files of pages, and files of the session beside them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from urllib.parse import unquote

from services.ssh_admin.sftp import page_store
from services.ssh_admin.sftp.file_entry import FileEntry
from services.ssh_admin.sftp.pages import PageFiles
from services.ssh_admin.sftp.places import PAGES, FilePlace, PlaceKind, file_of
from services.ssh_admin.sftp.refusal import FAILURE, SftpRefusal, no_such_file

AT_ONCE = 200  # pages that are read together
_HALF_ESCAPE = re.compile("%[0-9A-F]?$")
_LAST = "\U0010ffff"  # behind every name: no page has it in its name


async def is_directory(pages: PageFiles, place: FilePlace) -> bool:
    """Whether there is a directory."""
    if place.kind is not PlaceKind.PAGES:
        return False
    if place.path == PAGES or place.path in pages.desk.folders:
        return True
    async for _ in _stored(pages, place):
        return True
    return False


async def entries(pages: PageFiles, place: FilePlace) -> AsyncIterator[FileEntry]:
    """What is in the directory. Raises SftpRefusal."""
    if not await is_directory(pages, place):
        raise no_such_file()
    listed: set[str] = set()
    for path, buffer in pages.desk.inside(place.path):
        name = path.rpartition("/")[2]
        listed.add(name)
        yield FileEntry(name, pages.attributes.directory if buffer is None else pages.attributes.of_buffer(buffer))
    async for entry in _stored(pages, place):
        if entry.name not in listed:
            yield entry


def make_directory(pages: PageFiles, place: FilePlace) -> None:
    """For pages that will come. Raises SftpRefusal."""
    if place.kind is not PlaceKind.PAGES or place.path in pages.desk.files:
        raise SftpRefusal(FAILURE, "this cannot be a directory of pages")
    pages.desk.make_folder(place.path)


async def remove_directory(pages: PageFiles, place: FilePlace) -> None:
    """One without pages. Raises SftpRefusal."""
    if not await is_directory(pages, place):
        raise no_such_file()
    async for _ in entries(pages, place):
        raise SftpRefusal(FAILURE, "the directory is not empty")
    pages.desk.folders.discard(place.path)


async def _stored(pages: PageFiles, place: FilePlace) -> AsyncIterator[FileEntry]:
    """Those of the store. A directory's pages lie together in the order of names: they are passed over."""
    begins = f"{place.name}/" if place.name else ""
    prefix, after, folder = _prefix(begins), "", ""
    while lines := await pages.read(page_store.lines, after, prefix, AT_ONCE):
        for line in lines:
            after = line.name
            file = file_of(line.name)
            if not file.startswith(begins):
                continue
            name, slash, _ = file[len(begins) :].partition("/")
            if not slash and not pages.desk.is_aside(line.name):
                yield FileEntry(name, pages.attributes.of_line(line))
            elif slash and name != folder:
                folder = name
                yield FileEntry(name, pages.attributes.directory)
        if folder and not folder.endswith("%") and after.startswith(inside := _prefix(f"{begins}{folder}/")):
            after = inside + _LAST


def _prefix(begins: str) -> str:
    """The beginning of the names of the pages whose files are in this directory, or a part of it."""
    joined = begins.replace("%/", "")
    return unquote(_HALF_ESCAPE.sub("", joined) if begins.endswith("%/") else joined)
