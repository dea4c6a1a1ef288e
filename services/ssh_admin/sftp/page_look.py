"""The look at a file or directory below `/pages`."""

from __future__ import annotations

from services.ssh_admin.sftp.page_directories import is_directory
from services.ssh_admin.sftp.pages import PageFiles
from services.ssh_admin.sftp.places import FilePlace, PlaceKind
from services.ssh_admin.sftp.refusal import no_such_file
from services.ssh_admin.sftp.wire import Attributes


async def look(pages: PageFiles, place: FilePlace) -> Attributes:
    """The attributes of what is there. Raises SftpRefusal."""
    if place.kind is PlaceKind.PAGE:
        line = await pages.line(place)
        if line is None:
            raise no_such_file()
        return pages.attributes.of_line(line)
    if (buffer := pages.desk.files.get(place.path)) is not None:
        return pages.attributes.of_buffer(buffer)
    if await is_directory(pages, place):
        return pages.attributes.directory
    raise no_such_file()
