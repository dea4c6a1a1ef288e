"""Writing a post of the weblog: `title` and `body`, which is Markdown. What was typed stays in the form."""

from __future__ import annotations

import re
import secrets
from typing import NamedTuple

from services.wiki.blog.weblog_room import NAME, weblog_here
from services.wiki.parts import WikiParts
from services.wiki.rooms.here import shown_name, signed_in
from services.wiki.sessions.visitor import Visitor
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.render import render
from services.wiki.site.replies import Refusal, refusal_of
from services.wiki.site.request import WebRequest
from services.wiki.visitor import DOOR, check_csrf
from shared.errors import DomainError
from shared.rooms.errors import DuplicateArticle, MayNotPost
from shared.rooms.policy import verdict
from shared.rooms.posts.compose import MOST_SUBJECT_CHARACTERS, Draft, DraftUnfit, compose
from shared.rooms.posts.posting import Origin
from shared.wiki.renderer import RenderedPage

_TOKEN = re.compile(r"[0-9a-f]{32}")
_FIELDS = {"subject": "title", "text": "body"}  # of a draft, as this form names them


class TypedPost(NamedTuple):
    """The fields of the form."""

    title: str
    body: str
    token: str


async def show_new_post(parts: WikiParts, request: WebRequest) -> Answer:
    """The empty form, for authors. Raises SignInNeeded, MayNotPost."""
    here = await weblog_here(parts, request)
    judged = verdict(here.room, here.reader)
    if isinstance(judged, MayNotPost) and not judged.sign_in_helps:
        raise judged
    signed_in(here.visitor)
    return _form(parts, here.visitor, TypedPost("", "", secrets.token_hex(16)), here.visitor.csrf)


async def save_post(parts: WikiParts, request: WebRequest) -> Answer:
    """Post it, and go to the weblog; or show how it will look. Raises BadForm, CrossSite, SignInNeeded, MayNotPost."""
    form = await request.form()
    token = form.get("token", "")
    typed = TypedPost(
        form.needed("title"), form.needed("body"), token if _TOKEN.fullmatch(token) else secrets.token_hex(16)
    )
    try:
        here = await weblog_here(parts, request)
        await check_csrf(here.visitor, request)
        account = signed_in(here.visitor)
        if form.get("do") == "preview":
            preview = await parts.renderer.preview("", typed.body)
            return _form(parts, here.visitor, typed, here.visitor.csrf, preview=preview)
        draft = Draft(typed.title, typed.body, media_subtype="markdown")
        address = f"{account.name}@{parts.names.mail_domain}"
        identifier = f"<{typed.token}@{parts.names.hostname}>".encode()
        octets = compose(draft, shown_name(account), address, [NAME], identifier)
        await parts.posting.post(octets, here.reader, Origin(DOOR, here.visitor.host), [here.room])
    except DuplicateArticle:
        pass  # the form was sent twice
    except DomainError as error:
        refusal = refusal_of(error)
        if not (error.temporary or isinstance(error, DraftUnfit)) and refusal.status < 500:
            raise
        visitor = request.visitor or Visitor(None, request.peer_host)
        field = _FIELDS.get(error.field, "") if isinstance(error, DraftUnfit) else ""
        answer = _form(parts, visitor, typed, form.get("csrf", ""), refusal, field)
        fields = {} if refusal.retry_after is None else {b"retry-after": b"%d" % refusal.retry_after}
        return answer._replace(fields=fields)
    return see_other("/blog/")


def _form(
    parts: WikiParts,
    visitor: Visitor,
    typed: TypedPost,
    csrf: str,
    refusal: Refusal | None = None,
    field: str = "",
    preview: RenderedPage | None = None,
) -> Answer:
    return render(
        parts,
        visitor,
        "blog/write.html",
        status=200 if refusal is None else refusal.status,
        place="blog",
        typed=typed,
        csrf=csrf,
        refusal=refusal,
        field=field,
        preview=preview,
        most_title=MOST_SUBJECT_CHARACTERS,
        then_path="/blog/",
    )._replace(cache=b"no-store")
