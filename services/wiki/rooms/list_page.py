"""The list of rooms, with how many messages are unread in each."""

from __future__ import annotations

from services.wiki.parts import WikiParts
from services.wiki.rooms.here import number_in
from services.wiki.site.answer import Answer
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from services.wiki.unread import is_counted
from services.wiki.visitor import visitor_of
from shared.rooms.reading.rooms_as_seen import rooms_as_seen

ROOMS = 100  # on a page


async def show_rooms(parts: WikiParts, request: WebRequest) -> Answer:
    """The rooms that are there for the visitor, by name."""
    visitor = await visitor_of(parts, request)
    rooms = await parts.directory.rooms()
    reader = rooms.reader(visitor.account)
    readable = rooms.readable_by(reader)
    first = number_in(request.query.get("from"), 0) or 0
    page = readable[first : first + ROOMS]
    seen = await parts.database.read(rooms_as_seen, reader.account_id, [room.folder_id for room in page])
    shown = [(room, seen[room.folder_id]) for room in page if room.folder_id in seen]
    unread = sum(each.unread for room, each in shown if is_counted(room))
    if len(page) == len(readable):  # the header says what the list says
        visitor = visitor._replace(unread=unread)
    return render(
        parts,
        visitor,
        "rooms/list.html",
        place="rooms",
        rooms=shown,
        unread=unread,
        unread_rooms=sum(1 for room, each in shown if each.unread and is_counted(room)),
        moderates=any(room.moderated and reader.is_moderator_of(room.folder_id) for room in readable),
        following=first + ROOMS if len(readable) > first + ROOMS else None,
        all_rooms=len(readable),
    )
