"""The methods wiki.*Attachment*: files of pages, named `Page:file`, with DokuWiki's arguments and fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.wiki.calls.attachments import delete_file, find_file, list_files, put_file, read_file
from services.wiki.calls.caller import Caller
from services.wiki.calls.errors import WrongArguments
from services.wiki.calls.method import Method, table_of
from services.wiki.xmlrpc.methods.wiki import perms_of
from shared.wiki.attachment import PageFile
from shared.wiki.errors import AttachmentNotFound


async def get_attachments(
    caller: Caller, namespace: str, options: Mapping[str, Any] | None = None
) -> Sequence[Mapping[str, Any]]:
    """The files of a page: id, file, size, lastModified, mtime, isimg, writable, perms."""
    perms = perms_of(caller)
    return [
        {
            "id": _id(file),
            "file": file.name,
            "size": file.octets,
            "lastModified": file.saved_at,
            "mtime": int(file.saved_at.timestamp()),
            "isimg": file.media_type.startswith("image/"),
            "writable": perms > 1,
            "perms": perms,
        }
        for file in await list_files(caller, namespace.strip(":"))
    ]


async def get_attachment(caller: Caller, id: str) -> bytes:
    """The octets of a file."""
    return await read_file(caller, await find_file(caller, *_parts(id)))


async def get_attachment_info(caller: Caller, id: str) -> Mapping[str, Any]:
    """The lastModified and size of a file."""
    file = await find_file(caller, *_parts(id))
    return {"lastModified": file.saved_at, "size": file.octets}


async def put_attachment(caller: Caller, id: str, data: bytes, params: Mapping[str, Any] | None = None) -> str:
    """Attach a file to a page that is there, and return its name; one that is there already only with `ow`."""
    page, name = _parts(id)
    if not (params or {}).get("ow"):
        try:
            await find_file(caller, page, name)
        except AttachmentNotFound:
            pass
        else:
            raise WrongArguments("there is a file of that name: the parameter ow attaches a new revision of it")
    return _id(await put_file(caller, page, name, data))


async def delete_attachment(caller: Caller, id: str) -> int:
    """Delete a file; its revisions stay. Always 0, as in DokuWiki."""
    await delete_file(caller, *_parts(id))
    return 0


METHODS: Mapping[str, Method] = table_of(
    {
        "wiki.getAttachments": get_attachments,
        "wiki.getAttachment": get_attachment,
        "wiki.getAttachmentInfo": get_attachment_info,
        "wiki.putAttachment": put_attachment,
        "wiki.deleteAttachment": delete_attachment,
    }
)


def _id(file: PageFile) -> str:
    return f"{file.page}:{file.name}"


def _parts(id: str) -> tuple[str, str]:
    """Page and file; `Page/file` is taken, too."""
    page, _, name = id.strip(":").rpartition(":")
    if not page:
        page, _, name = id.rpartition("/")
    if not page or not name:
        raise WrongArguments("a file is named Page:file")
    return page, name
