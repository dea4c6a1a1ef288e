"""Reading a page: HTML for people, its source or JSON for programs that ask for it.

What strangers see is remembered as it is sent; who has the newest revision already costs no rendering at all.
"""

from __future__ import annotations

import json
from hashlib import blake2b

from services.wiki.pages.access import reader_of_pages
from services.wiki.pages.comments import PATH, comments_of
from services.wiki.pages.names import named, revision_of
from services.wiki.pages.said import FORGET, notice_of
from services.wiki.parts import WikiParts
from services.wiki.sessions.visitor import Visitor
from services.wiki.site.answer import HTML as HTML_TYPE
from services.wiki.site.answer import PROBLEM, Answer, found, moved
from services.wiki.site.conditions import is_held
from services.wiki.site.negotiate import HTML, JSON, MARKDOWN, preferred_type
from services.wiki.site.render import render, render_text
from services.wiki.site.request import WebRequest
from services.wiki.site.route import WebApp, route
from services.wiki.site.when import in_words
from shared.wiki.errors import PageMoved, PageNotFound
from shared.wiki.name import HOME, page_path
from shared.wiki.page import Page
from shared.wiki.policy import may_write
from shared.wiki.read_page import read_page

MARKDOWN_TYPE = b"text/markdown; charset=utf-8"
PLAIN_TYPE = b"text/plain; charset=utf-8"
JSON_TYPE = b"application/json"
COMMENTS_FRESH_SECONDS = 600  # as long "5 minutes ago" may stand below a page


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """`/` and every other path: the last of all areas."""
    route(app, parts, "/", show_home)
    route(app, parts, "/<path:name>", show_page)


async def show_home(parts: WikiParts, request: WebRequest) -> Answer:
    """The first page."""
    return await show_page(parts, request, HOME)


async def show_page(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """The page. Raises NotHere, BadPageName, PageNotFound, RevisionNotFound, MayNotReadPages, SignInNeeded."""
    canonical = named(request, name)
    visitor = await reader_of_pages(parts, request)
    kind = preferred_type(request.getHeader(b"accept") or b"*/*")
    revision = revision_of(request.query.get("revision"))
    try:
        page = await (parts.pages.page(canonical) if revision is None else _old(parts, canonical, revision))
    except PageMoved as error:
        return moved(page_path(error.to))
    except PageNotFound:
        return _missing(parts, visitor, canonical, kind)
    if kind == HTML:
        return await _html(parts, request, visitor, page, old=revision is not None)
    if kind == JSON:
        return _json(page)
    return Answer(200, page.source.encode(), MARKDOWN_TYPE if kind == MARKDOWN else PLAIN_TYPE, {}, str(page.revision))


async def _old(parts: WikiParts, name: str, revision: int) -> Page:
    return await parts.database.read(read_page, name, revision)


def _missing(parts: WikiParts, visitor: Visitor, name: str, kind: str) -> Answer:
    if kind == JSON:
        problem = {"type": "about:blank", "title": "No such page", "status": 404, "detail": f"There is no page {name}."}
        return Answer(404, json.dumps(problem, ensure_ascii=False).encode() + b"\n", PROBLEM, cache=b"no-store")
    if kind != HTML:
        return Answer(404, b"No such page.\n", PLAIN_TYPE, cache=b"no-store")
    if may_write(parts.policy, visitor.author):
        return found("/edit" + page_path(name))
    return render(parts, visitor, "pages/missing.html", status=404, name=name, place="wiki")


def _json(page: Page) -> Answer:
    shown = {
        "name": page.name, "revision": page.revision, "source": page.source, "author": page.author,
        "author_name": page.author_name, "comment": page.comment, "minor": page.minor,
        "saved_at": page.saved_at.isoformat(),
    }  # fmt: skip
    return Answer(200, json.dumps(shown, ensure_ascii=False).encode(), JSON_TYPE, {}, f"{page.revision}-json")


async def _html(parts: WikiParts, request: WebRequest, visitor: Visitor, page: Page, *, old: bool) -> Answer:
    notice = notice_of(request)
    when = in_words(page.saved_at, parts.now())
    seen_by = visitor.csrf or (visitor.account.name if visitor.account is not None else "")
    seen_by += f".{visitor.theme}.{visitor.unread}"
    key = f"{page.id}.{page.revision}.{page.links_state}.{when}.{seen_by}.{old}.{page.author_name}"
    if page.comments_state:  # their times are in words, too
        key += f".{page.comments_state}.{parts.now().timestamp() // COMMENTS_FRESH_SECONDS}"
    etag = f"W/{page.revision}-" + blake2b(key.encode(), digest_size=9, person=parts.templates.digest).hexdigest()
    if notice is None:
        held = request.getHeader(b"if-none-match")
        if held is not None and is_held(held, etag):
            return Answer(304, b"", HTML_TYPE, {}, etag)
        if visitor.account is None and (body := parts.page_bodies.get(etag)) is not None:
            return Answer(200, body, HTML_TYPE, {}, etag)
    rendered = await parts.renderer.page_html(page)
    comments = () if old else await comments_of(parts, page)
    values = {
        "page": page, "rendered": rendered, "notice": notice, "old": old, "place": "wiki", "tab": "read",
        "may_write": may_write(parts.policy, visitor.author, page.writers), "then_path": page_path(page.name),
        "comments": comments, "comments_path": PATH if parts.settings.has_changes_room and not old else "",
    }  # fmt: skip
    body = render_text(parts, visitor, "pages/view.html", values).encode("utf-8", "replace")
    if notice is not None:
        return Answer(200, body, HTML_TYPE, {}, cache=b"no-store", cookies=(FORGET,))
    if visitor.account is None:
        parts.page_bodies.put(etag, body)
    return Answer(200, body, HTML_TYPE, {}, etag)
