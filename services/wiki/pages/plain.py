"""The plain paths for scripts: PUT and DELETE of a page at its own address."""

from __future__ import annotations

import codecs

from werkzeug.http import parse_options_header

from services.wiki.pages.names import revision_of, written_name
from services.wiki.pages.saved import save
from services.wiki.parts import WikiParts
from services.wiki.site.answer import TEXT, Answer, text_answer
from services.wiki.site.conditions import ANY, tags_of
from services.wiki.site.errors import BadRequest, UnsupportedType
from services.wiki.site.request import WebRequest
from services.wiki.site.route import WebApp, route
from services.wiki.visitor import check_csrf, visitor_of
from shared.database.transaction import Transaction
from shared.wiki.delete_page import delete_page
from shared.wiki.errors import EditConflict, PageNotFound, PageTooLarge, RevisionMoved, StaleEdit
from shared.wiki.lock_page import lock_present_page
from shared.wiki.name import HOME, page_path
from shared.wiki.page import Author
from shared.wiki.policy import WikiPolicy
from shared.wiki.save_page import MOST_SOURCE_OCTETS, Edit

DOOR = "put"
TYPES = frozenset({
    "", "text/plain", "text/markdown", "text/x-markdown", "text/html", "application/octet-stream",
    "application/x-www-form-urlencoded",
})  # fmt: skip
NO_REVISION = -1  # what no page is at


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """PUT and DELETE at every page."""
    route(app, parts, "/<path:name>", put_page, "PUT")
    route(app, parts, "/<path:name>", remove_page, "DELETE")
    route(app, parts, "/", put_home, "PUT")


async def put_home(parts: WikiParts, request: WebRequest) -> Answer:
    """The first page."""
    return await put_page(parts, request, HOME)


async def put_page(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """201 Created, or 200 Modified, with the new ETag; 412 with the diff.

    Raises SignInNeeded, MayNotWrite, UnsupportedType, BadRequest, PageTooLarge, BadPageName.
    """
    visitor = await visitor_of(parts, request)
    await check_csrf(visitor, request)
    canonical = written_name(name)
    source = _source(request)
    only_if, only_new = _conditions(request)
    edit = Edit(
        canonical, source, visitor.author, request.query.get("comment", ""), "minor" in request.query,
        revision_of(request.query.get("base")), only_if, only_new, DOOR,
    )  # fmt: skip
    try:
        saved = await save(parts, edit)
    except (RevisionMoved, EditConflict) as error:
        return stale(error)
    etag = str(saved.revision)
    if saved.created:
        location = {b"location": page_path(saved.name).encode("ascii")}
        return Answer(201, b"Created.\n", TEXT, location, etag, b"Created", b"no-store")
    said = b"Merged with the changes of others.\n" if saved.merged else b"Modified.\n"
    return Answer(200, said, TEXT, {}, etag, b"Modified", b"no-store")


def stale(error: StaleEdit) -> Answer:
    """412, or 409 for a base that could not be merged: the diff, and the ETag that the page has now."""
    status = 412 if isinstance(error, RevisionMoved) else 409
    return Answer(
        status, error.diff.encode("utf-8", "replace"), TEXT, {}, str(error.current.revision), cache=b"no-store"
    )


async def remove_page(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """`Deleted.`, or 404 `No such page.` Raises SignInNeeded, MayNotDelete, BadPageName."""
    visitor = await visitor_of(parts, request)
    await check_csrf(visitor, request)
    canonical = written_name(name)
    only_if, _ = _conditions(request)
    try:
        moved_to = await parts.database.transact(_remove, canonical, visitor.author, parts.policy, only_if)
    except PageNotFound:
        return text_answer("No such page.\n", 404)
    if moved_to is not None:
        return Answer(412, b"The page is not at that revision.\n", TEXT, {}, str(moved_to), cache=b"no-store")
    return text_answer("Deleted.\n")._replace(cache=b"no-store")


def _remove(tx: Transaction, name: str, author: Author, policy: WikiPolicy, only_if: int | None) -> int | None:
    """None when it is done; the revision that the page is at, when `only_if` says another."""
    page = lock_present_page(tx, name)
    if only_if is not None and page.revision != only_if:
        return page.revision
    delete_page(tx, name, author, policy, door=DOOR)
    return None


def _source(request: WebRequest) -> str:
    """The body as text, as it is. Raises UnsupportedType, BadRequest, PageTooLarge."""
    kind, options = parse_options_header((request.getHeader(b"content-type") or b"").decode("latin-1"))
    if kind.lower() not in TYPES:
        raise UnsupportedType("A page is sent as text/markdown, text/plain, text/html or application/octet-stream.")
    if request.body_octets > MOST_SOURCE_OCTETS:
        raise PageTooLarge(MOST_SOURCE_OCTETS)
    charset = options.get("charset", "utf-8")
    try:
        if not codecs.lookup(charset)._is_text_encoding:
            raise LookupError
        return request.body().decode(charset)
    except LookupError:
        raise UnsupportedType("This charset is not known here; send UTF-8.") from None
    except (UnicodeError, ValueError):
        raise BadRequest(
            f"The text is not in {'UTF-8' if charset.lower() == 'utf-8' else 'the charset it says'}."
        ) from None


def _conditions(request: WebRequest) -> tuple[int | None, bool]:
    """If-Match as a revision (one that no page has, where the tag is none of ours), and whether it is to be new."""
    only_if: int | None = None
    tags = tags_of(request, b"if-match")
    if tags is not None and tags != [ANY]:
        numbers = [int(tag) for tag in tags if tag.isascii() and tag.isdigit() and len(tag) <= 10]
        only_if = numbers[0] if numbers else NO_REVISION
    none_match = tags_of(request, b"if-none-match")
    return only_if, none_match == [ANY]
