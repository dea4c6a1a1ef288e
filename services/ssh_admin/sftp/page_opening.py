"""The opening of a file below `/pages`: of a page to be read or written, or of a file on the desk."""

from __future__ import annotations

from typing import NamedTuple

from services.ssh_admin.sftp import page_store
from services.ssh_admin.sftp.open_desk_file import OpenDeskFile
from services.ssh_admin.sftp.open_file import Buffer, OpenFile
from services.ssh_admin.sftp.open_page import OpenPage
from services.ssh_admin.sftp.page_saving import save_text
from services.ssh_admin.sftp.pages import PageFiles
from services.ssh_admin.sftp.places import PAGES, FilePlace, PlaceKind, check_new_page, is_file_of_page
from services.ssh_admin.sftp.refusal import FAILURE, SftpRefusal, no_such_file, there_already
from services.ssh_admin.sftp.wire import APPENDING, CREATING, EXCLUSIVE, TRUNCATING, WRITING
from shared.wiki.name import check_new_name
from shared.wiki.page import Page
from shared.wiki.save_page import MOST_SOURCE_OCTETS


async def open_file(pages: PageFiles, place: FilePlace, flags: int) -> OpenFile:
    """Raises SftpRefusal, and what reading or writing the page raises."""
    if place.kind is PlaceKind.PAGES:
        return _open_on_desk(pages, place, flags)
    if not flags & WRITING:
        return await _open_to_read(pages, place)
    if flags & CREATING:
        check_new_page(place)
    number = await pages.audited.begin("write", place.path[1:])
    try:
        return await _open_to_write(pages, place, flags, number)
    except BaseException:
        await pages.audited.end(number, 1)
        raise


def _open_on_desk(pages: PageFiles, place: FilePlace, flags: int) -> OpenDeskFile:
    buffer = pages.desk.files.get(place.path)
    if place.path == PAGES or place.path in pages.desk.folders:
        raise SftpRefusal(FAILURE, "this is a directory")
    if buffer is None and not flags & CREATING:
        raise no_such_file()
    if buffer is not None and flags & CREATING and flags & EXCLUSIVE:
        raise there_already()
    if buffer is None:
        buffer = pages.desk.make(place.path)
    elif flags & TRUNCATING:
        buffer.truncate(0)
    return OpenDeskFile(buffer, pages.attributes.of_buffer(buffer), bool(flags & APPENDING))


async def _open_to_read(pages: PageFiles, place: FilePlace) -> OpenPage:
    page = await pages.read(page_store.read, place.name) if pages.can_be(place) else None
    if page is None:
        raise no_such_file()
    name, revision = page.name, page.revision
    # Editors open a page once more when they write it, without reading: that is no news to them.
    return OpenPage(
        _buffer(pages, page.source),
        pages.attributes.of_page(page),
        was_read=lambda: pages.desk.saw(name, revision),
    )


async def _open_to_write(pages: PageFiles, place: FilePlace, flags: int, number: int) -> OpenPage:
    page = await pages.read(page_store.read_to_write, place.name) if is_file_of_page(place) else None
    first = _first_text(pages, place, flags, page)
    buffer = _buffer(pages, first.source)
    buffer.changed = first.changed

    async def save(text: str) -> None:
        await save_text(pages, place, text, first.base)

    async def ended(done: bool) -> None:
        await pages.audited.end(number, 0 if done else 1)

    attributes = pages.attributes.new_page if page is None else pages.attributes.of_page(page)
    return OpenPage(buffer, attributes, appends=bool(flags & APPENDING), save=save, ended=ended)


class _FirstText(NamedTuple):
    """The text of a page as it is opened to be written; `base` is the revision that its next text is compared with."""

    source: str
    base: int | None
    changed: bool  # whether it is saved even if nothing is written


def _first_text(pages: PageFiles, place: FilePlace, flags: int, page: Page | None) -> _FirstText:
    known = pages.desk.seen(place.name)
    if page is None or pages.desk.is_aside(place.name):
        if not flags & CREATING:
            raise no_such_file()
        check_new_name(place.name)
        return _FirstText("", known if page is not None and known is not None else 0, True)
    if flags & CREATING and flags & EXCLUSIVE:
        raise there_already()
    if not flags & TRUNCATING:
        return _FirstText(page.source, page.revision, False)
    # A client that writes all of it anew goes by what it read before, in this session; else by what is there now.
    return _FirstText("", page.revision if known is None else known, bool(page.source))


def _buffer(pages: PageFiles, source: str) -> Buffer:
    return Buffer(pages.desk.held, MOST_SOURCE_OCTETS, source.encode())
