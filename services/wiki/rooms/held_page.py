"""Posts that wait for a moderator: the list, approving, rejecting with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from services.wiki.parts import WikiParts
from services.wiki.rooms.here import signed_in
from services.wiki.rooms.message_html import message_html
from services.wiki.sessions.visitor import Visitor
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.errors import BadForm, NotHere
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from services.wiki.visitor import check_csrf, visitor_of
from shared.messages.encoded_words import decode_words
from shared.messages.people import first_person
from shared.messages.reading import read_message
from shared.rooms.directory import Rooms
from shared.rooms.errors import NotHeld
from shared.rooms.moderation.approve import approve
from shared.rooms.moderation.held import HeldLine, decides, list_held
from shared.rooms.moderation.held_octets import held_octets
from shared.rooms.moderation.reject import reject
from shared.rooms.reader import Reader

MOST_SHOWN = 100  # 1,000 may wait
PATH = "/rooms/~held"  # no room's name has a tilde


class HeldRow(NamedTuple):
    """A post that waits, as the list shows it."""

    token: str
    subject: str
    author: str
    rooms: Sequence[str]
    came_at: datetime
    octets: int

    @classmethod
    def of(cls, line: HeldLine) -> HeldRow:
        author = first_person(line.author).name
        return cls(line.token, decode_words(line.subject), author, line.rooms, line.came_at, line.octets)


async def show_held(parts: WikiParts, request: WebRequest) -> Answer:
    """Those that the visitor decides about. Raises SignInNeeded."""
    visitor, rooms, reader = await _moderator(parts, request)
    lines = [line for line in await parts.database.read(list_held) if _decides(line, rooms, reader)]
    outcome = request.query.get("done", "")
    return render(
        parts,
        visitor,
        "rooms/held.html",
        place="rooms",
        lines=[HeldRow.of(line) for line in lines[:MOST_SHOWN]],
        more=len(lines) > MOST_SHOWN,
        outcome=outcome if outcome in ("approved", "rejected", "duplicate") else "",
        then_path=PATH,
    )


async def show_held_post(parts: WikiParts, request: WebRequest, token: str) -> Answer:
    """One of them with its text. Raises SignInNeeded, NotHeld."""
    visitor, rooms, reader = await _moderator(parts, request)
    line = next((each for each in await parts.database.read(list_held) if each.token == token), None)
    if line is None or not _decides(line, rooms, reader):
        raise NotHeld(token)
    message = read_message(await parts.database.read(held_octets, token))
    html = message_html(message.texts)
    return render(
        parts, visitor, "rooms/held_post.html", place="rooms", line=line, message=message, html=html, then_path=PATH
    )


async def decide_held(parts: WikiParts, request: WebRequest, token: str) -> Answer:
    """The form's `decision` is approve or reject; `reason` goes to the author.

    Raises BadForm, CrossSite, SignInNeeded, NotHeld, AlreadyDecided, NotAModerator.
    """
    visitor, _, reader = await _moderator(parts, request)
    await check_csrf(visitor, request)
    form = await request.form()
    decision, names = form.needed("decision"), parts.names
    if decision == "approve":
        decided = await parts.database.transact(approve, token, reader, names.hostname, names.mail_domain, parts.now())
    elif decision == "reject":
        decided = await parts.database.transact(
            reject, token, reader, form.get("reason", ""), names.mail_domain, parts.now()
        )
    else:
        raise BadForm("The field decision is approve or reject.")
    return see_other(f"{PATH}?done={decided.outcome}")


async def _moderator(parts: WikiParts, request: WebRequest) -> tuple[Visitor, Rooms, Reader]:
    visitor = await visitor_of(parts, request)
    signed_in(visitor)
    rooms = await parts.directory.rooms()
    reader = rooms.reader(visitor.account)
    if not any(reader.is_moderator_of(room_id) for room_id in rooms.by_id):
        raise NotHere
    return visitor, rooms, reader


def _decides(line: HeldLine, rooms: Rooms, reader: Reader) -> bool:
    named = [rooms.by_name[name] for name in line.rooms if name in rooms.by_name]
    return bool(named) and decides(named, reader)
