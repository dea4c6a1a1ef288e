"""The places that a path can name: `/`, `/pages` and what is below, `/rooms` and its files.

A page has one file name (shared/command_line/wiki/page_file_names.py). What is below `/pages` and no page's file is a
directory, or a file of this session alone: the swap, lock, backup and temporary files of editors.
"""

from __future__ import annotations

import posixpath
from enum import Enum
from pathlib import PurePosixPath
from typing import NamedTuple

from services.ssh_admin.sftp.refusal import FAILURE, SftpRefusal, no_such_file
from shared.command_line.wiki.page_file_names import ENDING, page_file, page_of
from shared.wiki.errors import BadPageName
from shared.wiki.name import page_name

LONGEST_PATH = 4096  # octets, as Linux has it
PAGES, ROOMS, MBOX = "/pages", "/rooms", ".mbox"


class PlaceKind(Enum):
    """The kind of a place."""

    ROOT = "root"
    PAGES = "pages"  # a directory of pages, which may be missing, or a file of the session
    PAGE = "page"
    ROOMS = "rooms"
    ROOM = "room"
    NONE = "none"  # nothing can be there


class FilePlace(NamedTuple):
    """Where a path leads. `name`: the page's or the room's; of a directory of pages its path below `/pages`."""

    kind: PlaceKind
    path: str
    name: str = ""


def place_of(octets: bytes) -> FilePlace:
    """Raises SftpRefusal for what is no path at all."""
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        raise SftpRefusal(FAILURE, "the path is not UTF-8") from None
    if len(octets) > LONGEST_PATH or "\0" in text:
        raise SftpRefusal(FAILURE, "this is no path")
    path = posixpath.normpath("/" + text.lstrip("/"))
    if path == "/":
        return FilePlace(PlaceKind.ROOT, path)
    first, _, inner = path[1:].partition("/")
    if "/" + first == PAGES:
        return _below_pages(path, inner)
    if "/" + first == ROOMS and not inner:
        return FilePlace(PlaceKind.ROOMS, path)
    if "/" + first == ROOMS and inner.endswith(MBOX) and "/" not in inner:
        return FilePlace(PlaceKind.ROOM, path, inner.removesuffix(MBOX))
    return FilePlace(PlaceKind.NONE, path)


def _below_pages(path: str, inner: str) -> FilePlace:
    last = inner.rpartition("/")[2]
    if not last.endswith(ENDING) or last.startswith("."):
        return FilePlace(PlaceKind.PAGES, path, inner)
    return FilePlace(PlaceKind.PAGE, path, page_of(PurePosixPath(inner.removesuffix(ENDING))))


def file_of(name: str) -> str:
    """The path below `/pages` of the page's file."""
    return page_file(name, set()).as_posix() + ENDING


def check_page(place: FilePlace) -> None:
    """Raises SftpRefusal unless this is the one file of a page that there can be."""
    if not is_file_of_page(place):
        raise no_such_file()


def check_new_page(place: FilePlace) -> None:
    """The same, saying why."""
    try:
        name = page_name(place.name)
    except BadPageName as error:
        raise SftpRefusal(FAILURE, f"this cannot be a page's name: {error}") from None
    if not is_file_of_page(place):
        raise SftpRefusal(FAILURE, f"the file of this page is called {file_of(name)}")


def is_file_of_page(place: FilePlace) -> bool:
    """Whether it is the one file of a page that there can be."""
    try:
        name = page_name(place.name)
    except BadPageName:
        return False
    return name == place.name and place.path == f"{PAGES}/{file_of(name)}"
