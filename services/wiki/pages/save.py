"""Saving a page by a form, of a browser or of curl and wget. What was typed is shown again whenever it is not saved."""

from __future__ import annotations

from services.wiki.members.sign_in import kept_fields, sign_in_page
from services.wiki.pages.access import is_browser
from services.wiki.pages.conflict import conflict_page
from services.wiki.pages.edit import edit_form
from services.wiki.pages.names import revision_of
from services.wiki.pages.said import said_cookie
from services.wiki.pages.saved import save
from services.wiki.parts import WikiParts
from services.wiki.sessions.visitor import Visitor
from services.wiki.site.answer import Answer, see_other, text_answer
from services.wiki.site.errors import CrossSite, SignInNeeded
from services.wiki.site.forms import Form
from services.wiki.site.replies import refusal_of
from services.wiki.site.request import WebRequest
from services.wiki.site.route import WebApp, route
from services.wiki.visitor import check_csrf, check_origin, visitor_of
from shared.errors import DomainError
from shared.wiki.errors import BadPageName, EditConflict, MayNotWrite, RevisionNotFound
from shared.wiki.name import check_new_name, page_path
from shared.wiki.policy import check_writing
from shared.wiki.save_page import Edit

DOOR = "web"
FIELDS = """POST a form to /save:
path     the page's name
data     its text, in Markdown
base     the revision that was edited, 0 for a new page (may be left out: the last one wins)
comment  what was changed (may be left out)
minor    1 for a small change (may be left out)
csrf     the token of the form, where a session's cookie signs the request
"""


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """`/save`."""
    route(app, parts, "/save", show_fields)
    route(app, parts, "/save", save_form, "POST")


async def show_fields(parts: WikiParts, request: WebRequest) -> Answer:
    """Which fields the form has."""
    return text_answer(FIELDS)


async def save_form(parts: WikiParts, request: WebRequest) -> Answer:
    """303 to the page. Raises BadForm, CrossSite, SignInNeeded, and what saving raises to programs."""
    form = await request.form()
    path, data = form.needed("path"), form.needed("data").replace("\r\n", "\n")
    try:
        visitor = await visitor_of(parts, request)
    except DomainError as error:
        if not is_browser(request):
            raise
        return _again(parts, Visitor(None, request.peer_host), form, data, error)
    try:
        await check_csrf(visitor, request)
    except CrossSite:
        check_origin(request)
        if not is_browser(request) or form.get("csrf") is None:
            raise
        return edit_form(
            parts, visitor, path, form.get("base", ""), data, status=403, comment=form.get("comment", ""),
            fact="Not saved yet.", why="The form is of an earlier session. Look at the text, and save it again.",
        )  # fmt: skip
    return await _save(parts, request, visitor, form, path, data)


async def _save(parts: WikiParts, request: WebRequest, visitor: Visitor, form: Form, path: str, data: str) -> Answer:
    """Save, or preview, what this visitor's own form has."""
    try:
        name = check_new_name(path)
        if visitor.account is None and parts.policy.writing != "everyone":
            if not is_browser(request):
                raise SignInNeeded
            return sign_in_page(parts, visitor, "/edit" + page_path(name), kept_fields(form), status=403)
        if form.get("do") == "preview":
            check_writing(parts.policy, visitor.author)
            return await _preview(parts, visitor, form, name, data)
        edit = Edit(
            name,
            data,
            visitor.author,
            form.get("comment", ""),
            "minor" in form,
            revision_of(form.get("base")),
            door=DOOR,
        )
        saved = await save(parts, edit)
    except EditConflict as conflict:
        if not is_browser(request):
            return text_answer(conflict.diff, 409)._replace(etag=str(conflict.current.revision))
        return await conflict_page(parts, visitor, conflict, form.get("base", ""), data, form.get("comment", ""))
    except DomainError as error:
        if not is_browser(request):
            raise
        return _again(parts, visitor, form, data, error)
    word = "merged" if saved.merged else "saved" if saved.changed else "unchanged"
    return see_other(page_path(saved.name), said_cookie(word))


async def _preview(parts: WikiParts, visitor: Visitor, form: Form, name: str, data: str) -> Answer:
    rendered = await parts.renderer.preview(name, data)
    return edit_form(
        parts, visitor, name, form.get("base", ""), data,
        comment=form.get("comment", ""), minor="minor" in form, preview=rendered,
    )  # fmt: skip


def _again(parts: WikiParts, visitor: Visitor, form: Form, data: str, error: DomainError) -> Answer:
    """The form with what was typed, and why it was not saved."""
    refusal = refusal_of(error)
    status = refusal.status if not isinstance(error, BadPageName | MayNotWrite | RevisionNotFound) else 422
    why = refusal.sentence
    if refusal.retry_after is not None:
        why += f" Try again in about {refusal.retry_after} seconds. If you would rather wait, copy the text first."
    answer = edit_form(
        parts, visitor, form["path"], form.get("base", ""), data, status=status,
        fact="Not saved. Your text is still here.", why=why, comment=form.get("comment", ""), minor="minor" in form,
    )  # fmt: skip
    if refusal.retry_after is not None:
        answer = answer._replace(fields={b"retry-after": b"%d" % refusal.retry_after})
    return answer
