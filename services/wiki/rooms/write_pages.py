"""Writing to a room: a new thread, an answer with its quote. What was typed stays in the form whatever happens."""

from __future__ import annotations

import re
import secrets
from typing import NamedTuple

from services.wiki.parts import WikiParts
from services.wiki.rooms.here import Here, article_number, room_here, shown_name, signed_in
from services.wiki.sessions.visitor import Visitor
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.errors import NotHere
from services.wiki.site.forms import Form
from services.wiki.site.render import render
from services.wiki.site.replies import refusal_of
from services.wiki.site.request import WebRequest
from services.wiki.visitor import DOOR, check_csrf
from shared.accounts.account import Account
from shared.errors import DomainError
from shared.folders.errors import MessageNotFound
from shared.folders.flags import ANSWERED
from shared.messages.reading import Reading, read_message
from shared.rooms.errors import DuplicateArticle, MayNotPost
from shared.rooms.marks.set_marks import set_marks
from shared.rooms.policy import verdict
from shared.rooms.posts.compose import (
    MOST_SUBJECT_CHARACTERS,
    Draft,
    DraftUnfit,
    compose,
    quoted,
    references_of_reply,
    reply_subject,
)
from shared.rooms.posts.post_values import Posted
from shared.rooms.posts.posted_numbers import posted_numbers
from shared.rooms.posts.posting import Origin
from shared.rooms.reading.articles import by_number
from shared.runtime.spawn import spawn

_TOKEN = re.compile(r"[0-9a-f]{32}")


class Typed(NamedTuple):
    """The fields of the form. `token` becomes the Message-ID, so that a form sent twice is one message."""

    subject: str
    text: str
    token: str


async def show_new(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """The empty form. Raises MayNotPost where nobody begins a thread."""
    here = await _where_one_writes(parts, request, name)
    if here.room.replies_only:
        raise MayNotPost(f"{here.room.name} takes replies only: answer one of its messages")
    return _form(parts, here, Typed("", "", _new_token()), None)


async def show_reply(parts: WikiParts, request: WebRequest, name: str, number: int) -> Answer:
    """The form of an answer; `?quote` has the message in it."""
    here = await _where_one_writes(parts, request, name)
    parent, _ = await _parent(parts, here, number)
    text = quoted(parent) if "quote" in request.query else ""
    return _form(parts, here, Typed(reply_subject(parent.subject), text, _new_token()), number, parent=parent)


async def post_new(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """Begin a thread. Raises CrossSite, SignInNeeded, RoomNotFound."""
    return await _post(parts, request, name, None)


async def post_reply(parts: WikiParts, request: WebRequest, name: str, number: int) -> Answer:
    """Answer a message. Raises CrossSite, SignInNeeded, RoomNotFound, ArticleNotFound."""
    return await _post(parts, request, name, number)


async def _post(parts: WikiParts, request: WebRequest, name: str, number: int | None) -> Answer:
    form = await request.form()
    typed = _typed(form)
    try:
        here = await room_here(parts, request, name)
        await check_csrf(here.visitor, request)
        account = signed_in(here.visitor)
        references: tuple[bytes, ...] = ()
        if number is not None:
            parent, _ = await _parent(parts, here, number)
            references = tuple(references_of_reply(parent))
        posted = await _posted(parts, here, account, typed, references)
    except DomainError as error:
        if not (error.temporary or isinstance(error, DraftUnfit)) and refusal_of(error).status < 500:
            raise
        return _refused(parts, request, name, typed, number, form.get("csrf", ""), error)
    return await _gone_on(parts, here, account, posted, number)


async def _posted(
    parts: WikiParts, here: Here, account: Account, typed: Typed, references: tuple[bytes, ...]
) -> Posted:
    identifier = f"<{typed.token}@{parts.names.hostname}>".encode()
    draft = Draft(typed.subject, typed.text, references)
    address = f"{account.name}@{parts.names.mail_domain}"
    octets = compose(draft, shown_name(account), address, [here.room.name], identifier)
    try:
        return await parts.posting.post(octets, here.reader, Origin(DOOR, here.visitor.host), [here.room])
    except DuplicateArticle:  # the form was sent twice
        places = await parts.database.read(posted_numbers, identifier, [here.room.folder_id])
        return Posted(identifier, 0, places, held=not places)


async def _gone_on(parts: WikiParts, here: Here, account: Account, posted: Posted, number: int | None) -> Answer:
    if posted.held or not posted.places:
        return see_other(f"{here.path}?held")
    if number is not None:
        marking = parts.database.transact(set_marks, account.id, here.room.folder_id, [number], "add", ANSWERED)
        spawn(marking, "marking what was answered")
    uid = posted.places[0].uid
    return see_other(f"{here.path}/threads/{uid}#m{uid}")


async def _where_one_writes(parts: WikiParts, request: WebRequest, name: str) -> Here:
    here = await room_here(parts, request, name)
    judged = verdict(here.room, here.reader)
    if isinstance(judged, MayNotPost) and not judged.sign_in_helps:
        raise judged
    signed_in(here.visitor)
    return here


async def _parent(parts: WikiParts, here: Here, number: int) -> tuple[Reading, int]:
    article = await parts.database.read(by_number, here.room.folder_id, article_number(number))
    octets = (await parts.bodies.load([article.message_id])).get(article.message_id)
    if octets is None:
        raise MessageNotFound
    return read_message(octets), article.message_id


def _typed(form: Form) -> Typed:
    token = form.get("token", "")
    return Typed(form.needed("subject"), form.needed("text"), token if _TOKEN.fullmatch(token) else _new_token())


def _new_token() -> str:
    return secrets.token_hex(16)


def _form(parts: WikiParts, here: Here, typed: Typed, number: int | None, parent: Reading | None = None) -> Answer:
    return render(
        parts,
        here.visitor,
        "rooms/write.html",
        place="rooms",
        room_name=here.room.name,
        path=here.path,
        typed=typed,
        number=number,
        parent=parent,
        is_held=here.room.moderated and not here.moderates,
        csrf=here.visitor.csrf,
        refusal=None,
        field="",
        most_subject=MOST_SUBJECT_CHARACTERS,
        then_path=here.path,
    )._replace(cache=b"no-store")


def _refused(
    parts: WikiParts, request: WebRequest, name: str, typed: Typed, number: int | None, csrf: str, error: DomainError
) -> Answer:
    """The form again, with what was typed, and why. Nothing is asked of the store, which may be away."""
    known = parts.directory.known
    room = None if known is None else known.by_name.get(name)
    if room is None and not error.temporary:
        raise NotHere
    visitor = request.visitor or Visitor(None, request.peer_host)
    refusal = refusal_of(error)
    answer = render(
        parts,
        visitor,
        "rooms/write.html",
        status=refusal.status,
        place="rooms",
        room_name=name,
        path=f"/rooms/{name}",
        typed=typed,
        number=number,
        parent=None,
        is_held=False,
        csrf=csrf,
        refusal=refusal,
        field=error.field if isinstance(error, DraftUnfit) else "",
        most_subject=MOST_SUBJECT_CHARACTERS,
        then_path=f"/rooms/{name}",
    )
    fields = {} if refusal.retry_after is None else {b"retry-after": b"%d" % refusal.retry_after}
    return answer._replace(fields=fields)
