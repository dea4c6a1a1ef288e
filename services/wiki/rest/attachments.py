"""Files attached to pages, by REST."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from services.wiki.calls.attachments import (
    AttachedFile,
    delete_file,
    find_file,
    list_files,
    put_file,
    read_file,
    shown,
)
from services.wiki.calls.caller import Caller
from services.wiki.rest.endpoint import Endpoint, Query
from services.wiki.rest.result import RestAsked, Result

ANY = "application/octet-stream"
# Never as what a browser would run or show in this origin, whatever the client said that it is.
SAFE = {b"content-disposition": b"attachment", b"x-content-type-options": b"nosniff"}


class FileList(NamedTuple):
    """The files of a page, by name."""

    files: Sequence[AttachedFile]


async def list_all(caller: Caller, asked: RestAsked) -> Result:
    """The files of a page."""
    return Result(FileList([shown(file) for file in await list_files(caller, asked.path["name"])]))


async def read(caller: Caller, asked: RestAsked) -> Result:
    """A file's octets; application/octet-stream, for its own type is in the list."""
    file = await find_file(caller, asked.path["name"], asked.path["file"])
    fields = {**SAFE, b"etag": b'"%d"' % file.revision}
    return Result(octets=await read_file(caller, file), media=ANY, fields=fields)


async def put(caller: Caller, asked: RestAsked) -> Result:
    """Attach a file, or a new revision of it."""
    media = "" if asked.media == ANY else asked.media
    comment = asked.query["comment"]
    file = await put_file(caller, asked.path["name"], asked.path["file"], asked.octets, media, comment)
    return Result(shown(file), 201 if file.revision == 1 else 200)


async def remove(caller: Caller, asked: RestAsked) -> Result:
    """Delete a file; its revisions stay."""
    await delete_file(caller, asked.path["name"], asked.path["file"])
    return Result(status=204)


COMMENT = Query("comment", str, "What it is, for the history.", "")
ENDPOINTS: Sequence[Endpoint] = (
    Endpoint("GET", "/pages/{name}/attachments", "listAttachments", "List the files of a page.", list_all, FileList),
    Endpoint("GET", "/pages/{name}/attachments/{file}", "readAttachment", "Read a file of a page.", read, media=(ANY,)),
    Endpoint("PUT", "/pages/{name}/attachments/{file}", "putAttachment", "Attach a file to a page.", put, AttachedFile,
             (COMMENT,), statuses=(200, 201), problems=(403, 413), bodies=("*/*",)),
    Endpoint("DELETE", "/pages/{name}/attachments/{file}", "deleteAttachment", "Delete a file of a page.", remove,
             statuses=(204,), problems=(403,)),
)  # fmt: skip
