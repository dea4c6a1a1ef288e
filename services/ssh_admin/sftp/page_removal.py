"""The removal of a file below `/pages`."""

from __future__ import annotations

from services.ssh_admin.sftp import page_store
from services.ssh_admin.sftp.pages import PageFiles
from services.ssh_admin.sftp.places import FilePlace, PlaceKind
from services.ssh_admin.sftp.refusal import no_such_file


async def remove(pages: PageFiles, place: FilePlace) -> None:
    """Delete the page, or the session's own file. Raises SftpRefusal, and as deleting a page does."""
    if place.kind is PlaceKind.PAGES:
        if place.path not in pages.desk.files:
            raise no_such_file()
        pages.desk.remove(place.path)
        return
    if not pages.can_be(place):
        raise no_such_file()

    async def delete() -> None:
        await pages.transact(page_store.delete, place.name)

    await pages.audited.run(("remove", place.path[1:]), delete)
    pages.desk.forget(place.name)
    pages.keep_folder(place)
