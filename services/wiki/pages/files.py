"""Files that are attached to pages: listed, attached by a form, sent with ranges, removed.

A file is never served as a page of this site: only images, sound and plain text are shown by the browser, in a sandbox;
everything else is saved to disk.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from services.wiki.pages.access import reader_of_pages
from services.wiki.pages.names import named, revision_of
from services.wiki.pages.said import said_cookie
from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer, moved, see_other
from services.wiki.site.errors import BadForm
from services.wiki.site.ranges import with_range
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from services.wiki.site.route import WebApp, route
from services.wiki.visitor import check_csrf, visitor_of
from shared.database.transaction import Transaction
from shared.wiki.attach import attach
from shared.wiki.attachment import MOST_FILES
from shared.wiki.attachments_of import attachments_of, find_attachment
from shared.wiki.delete_attachment import delete_attachment
from shared.wiki.errors import AttachmentNotFound, PageMoved, PageNotFound
from shared.wiki.name import attachment_path, page_path
from shared.wiki.page import Author
from shared.wiki.policy import may_write
from shared.wiki.read_attachment import read_attachment
from shared.wiki.read_page import read_page

DOOR = "web"
SHOWN = frozenset({
    "image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "audio/mpeg", "audio/ogg", "video/mp4",
    "video/webm",
})  # fmt: skip
SANDBOX = b"default-src 'none'; sandbox; frame-ancestors 'none'"


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """`/attachments/PAGE`, `/files/PAGE?name=FILE`."""
    route(app, parts, "/attachments/<path:name>", show_files)
    route(app, parts, "/attachments/<path:name>", take_file, "POST")
    route(app, parts, "/files/<path:name>", send_file)
    route(app, parts, "/files/<path:name>", remove_file, "POST")


async def show_files(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """The files of a page. Raises PageNotFound, MayNotReadPages."""
    canonical = named(request, name, "/attachments")
    visitor = await reader_of_pages(parts, request)

    def read(tx: Transaction) -> Any:
        return read_page(tx, canonical), attachments_of(tx, canonical, "", MOST_FILES)

    page, files = await parts.database.read_snapshot(read)
    return render(
        parts, visitor, "pages/files.html", name=canonical, files=files, file_path=attachment_path, place="wiki",
        tab="files", may_write=may_write(parts.policy, visitor.author, page.writers),
    )  # fmt: skip


async def take_file(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """Attach the file of the form. Raises BadForm, SignInNeeded, MayNotWrite, BadFileName, AttachmentTooLarge."""
    visitor = await visitor_of(parts, request)
    await check_csrf(visitor, request)
    form = await request.form()
    file = form.files.get("file")
    if file is None or not file.name:
        raise BadForm("The field file has no file.")
    author, comment = visitor.author, form.get("comment", "")
    await parts.database.transact(
        attach, name, file.name, file.content_type, file.content, author, parts.policy, comment, DOOR
    )
    return see_other(f"/attachments{page_path(name)}", said_cookie("attached"))


async def send_file(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """The file `name`, or an older revision of it; a range of it.

    The files of a renamed page are led to under its new name. Raises AttachmentNotFound, MayNotReadPages.
    """
    await reader_of_pages(parts, request)
    wanted, revision = request.query.get("name", ""), revision_of(request.query.get("revision"))
    try:
        file = await parts.database.read(find_attachment, name, wanted, revision)
    except AttachmentNotFound:
        new_name = await parts.database.read(_renamed_to, name)
        if new_name is not None:
            return moved(attachment_path(new_name, wanted))
        raise
    body = await parts.database.read(read_attachment, file)
    kind = file.media_type.partition(";")[0].strip().lower()
    shown = kind in SHOWN
    disposition = "inline" if shown else "attachment"
    fields = {
        b"content-security-policy": SANDBOX,
        b"content-disposition": f"{disposition}; filename*=UTF-8''{quote(file.name, safe='')}".encode("ascii"),
        b"accept-ranges": b"bytes",
    }
    content_type = kind.encode("ascii") if shown else b"application/octet-stream"
    return with_range(request, Answer(200, body, content_type, fields, file.digest.hex()[:32]))


def _renamed_to(tx: Transaction, name: str) -> str | None:
    try:
        read_page(tx, name)
    except PageMoved as error:
        return error.to
    except PageNotFound:
        pass
    return None


async def remove_file(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """Remove the file `name`; its revisions are kept. Raises SignInNeeded, MayNotDelete, AttachmentNotFound."""
    visitor = await visitor_of(parts, request)
    await check_csrf(visitor, request)
    wanted = (await request.form()).needed("name")
    await parts.database.transact(_remove, name, wanted, visitor.author, parts)
    return see_other(f"/attachments{page_path(name)}")


def _remove(tx: Transaction, page: str, name: str, author: Author, parts: WikiParts) -> None:
    delete_attachment(tx, page, name, author, parts.policy, door=DOOR)
