"""The renaming of a file below `/pages`: editors move a page to a file of their own, and back over the page."""

from __future__ import annotations

from services.ssh_admin.sftp import page_store
from services.ssh_admin.sftp.page_directories import is_directory
from services.ssh_admin.sftp.page_saving import save_text
from services.ssh_admin.sftp.pages import PageFiles
from services.ssh_admin.sftp.places import FilePlace, PlaceKind, check_new_page
from services.ssh_admin.sftp.refusal import FAILURE, SftpRefusal, no_such_file, there_already


async def rename(pages: PageFiles, old: FilePlace, new: FilePlace, *, replaces: bool) -> None:
    """Move a page, or a file of the session's own, to another name: from each of these kinds to the other, too."""
    desk = pages.desk
    from_page, to_page = old.kind is PlaceKind.PAGE, new.kind is PlaceKind.PAGE
    if not from_page and old.path in desk.folders and not to_page:
        desk.folders.discard(old.path)
        desk.make_folder(new.path)
        return
    if not from_page and old.path not in desk.files:
        if await is_directory(pages, old):
            raise SftpRefusal(FAILURE, "a directory is not renamed: rename its pages")
        raise no_such_file()
    if not to_page and not replaces and new.path in desk.files:
        raise there_already()
    if from_page and to_page:
        await _rename_page(pages, old, new)
    elif from_page:
        await _put_aside(pages, old, new)
    elif to_page:
        await _write_over(pages, old, new, replaces)
    else:
        desk.move(old.path, new.path)


async def _rename_page(pages: PageFiles, old: FilePlace, new: FilePlace) -> None:
    if not pages.can_be(old):
        raise no_such_file()
    check_new_page(new)

    async def rename_stored() -> None:
        await pages.transact(page_store.rename, old.name, new.name)

    await pages.audited.run(("rename", old.path[1:], new.path[1:]), rename_stored)
    known = pages.desk.seen(old.name)
    pages.desk.forget(old.name)
    if known is not None:
        pages.desk.saw(new.name, known)
    pages.keep_folder(old)


async def _put_aside(pages: PageFiles, old: FilePlace, new: FilePlace) -> None:
    page = await pages.read(page_store.read_to_write, old.name) if pages.can_be(old) else None
    if page is None:
        raise no_such_file()
    pages.desk.make(new.path, page.source.encode())
    pages.desk.put_aside(page.name, new.path, page.revision)


async def _write_over(pages: PageFiles, old: FilePlace, new: FilePlace, replaces: bool) -> None:
    check_new_page(new)
    buffer = pages.desk.files[old.path]
    line = await pages.line(new)
    if line is not None and not replaces:
        raise there_already()
    try:
        text = buffer.octets.decode()
    except UnicodeDecodeError:
        raise SftpRefusal(FAILURE, "the text is not UTF-8") from None
    base = pages.desk.seen(new.name)

    async def save() -> None:
        await save_text(pages, new, text, base)

    await pages.audited.run(("write", new.path[1:]), save)
    pages.desk.remove(old.path)
