"""Files attached to pages, as every protocol here reads and changes them."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from services.wiki.calls.caller import Caller
from services.wiki.calls.read_pages import may_read
from shared.wiki.attach import attach
from shared.wiki.attachment import PageFile, file_name
from shared.wiki.attachments_of import attachments_of, find_attachment
from shared.wiki.delete_attachment import delete_attachment
from shared.wiki.name import page_name
from shared.wiki.read_attachment import read_attachment


class AttachedFile(NamedTuple):
    """The newest revision of a file that is attached to a page; `digest` is SHA-256, in hexadecimal digits."""

    page: str
    name: str
    revision: int
    media_type: str
    size_octets: int
    digest: str
    author: str
    comment: str
    saved_at: datetime


async def list_files(caller: Caller, page: str) -> Sequence[PageFile]:
    """The files of a page, by name. Raises MayNotReadPages, BadPageName, StoreUnavailable."""
    may_read(caller)
    return await caller.parts.database.read(attachments_of, page_name(page))


async def find_file(caller: Caller, page: str, name: str) -> PageFile:
    """A file. Raises as list_files, AttachmentNotFound."""
    may_read(caller)
    return await caller.parts.database.read(find_attachment, page_name(page), name)


async def read_file(caller: Caller, file: PageFile) -> bytes:
    """Its octets, 50 MiB at most."""
    return await caller.parts.database.read(read_attachment, file)


async def put_file(
    caller: Caller, page: str, name: str, octets: bytes, media_type: str = "", comment: str = ""
) -> PageFile:
    """Attach a file; one of the same name gets a new revision. Without a type it is guessed by the name.

    Raises BadPageName, BadFileName, PageNotFound, MayNotWrite, AttachmentTooLarge, TooManyAttachments,
    StoreUnavailable.
    """
    canonical, parts = page_name(page), caller.parts
    media = media_type or mimetypes.guess_type(file_name(name))[0] or ""
    file = await parts.database.transact(
        attach, canonical, name, media, octets, caller.author, parts.policy, comment, caller.door
    )
    parts.pages.forget(canonical)
    return file


async def delete_file(caller: Caller, page: str, name: str) -> None:
    """Delete a file; its revisions stay. Raises AttachmentNotFound, PageNotFound, MayNotDelete, StoreUnavailable."""
    canonical, parts = page_name(page), caller.parts
    await parts.database.transact(delete_attachment, canonical, name, caller.author, parts.policy, door=caller.door)
    parts.pages.forget(canonical)


def shown(file: PageFile) -> AttachedFile:
    """The file as programs get it."""
    return AttachedFile(
        file.page, file.name, file.revision, file.media_type, file.octets, file.digest.hex(), file.author, file.comment,
        file.saved_at,
    )  # fmt: skip
