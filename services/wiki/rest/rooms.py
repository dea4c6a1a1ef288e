"""Rooms and their messages by REST: the same numbers as by NNTP and IMAP, the same octets in `raw`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from services.wiki.calls.caller import Caller
from services.wiki.calls.post_article import PostedArticle, post_article
from services.wiki.rest.cursor import cursor_of, place_of
from services.wiki.rest.endpoint import Endpoint
from services.wiki.rest.history import number_in
from services.wiki.rest.lists import CURSOR, LIMIT
from services.wiki.rest.result import RestAsked, Result
from shared.messages.encoded_words import decode_words
from shared.rooms.errors import ArticleNotFound, MayNotPost, RoomNotFound
from shared.rooms.policy import may_read, verdict
from shared.rooms.reader import Reader
from shared.rooms.reading.articles import by_number, overviews
from shared.rooms.reading.water import water_of, waters_of
from shared.rooms.room import Room, Water

RAW = "message/rfc822"
LAST_NUMBER = 2**31 - 1


class RoomInfo(NamedTuple):
    """A room, and the numbers of its messages: none is below `low` or above `high`."""

    name: str
    description: str
    may_post: bool
    moderated: bool
    low: int
    high: int
    messages: int


class RoomList(NamedTuple):
    """The rooms that the caller may read, by name."""

    rooms: Sequence[RoomInfo]


class MessageSummary(NamedTuple):
    """A message of a room; `sender` and `date` are as the message has them."""

    number: int
    message_id: str
    subject: str
    sender: str
    date: str
    references: str
    size_octets: int
    lines: int


class MessageList(NamedTuple):
    """Some messages by number; `next` is the cursor of those behind them, null at the end."""

    messages: Sequence[MessageSummary]
    next: str | None


class NewMessagePost(NamedTuple):
    """A message to be posted. `answers`: the Message-ID, with its brackets, of the one that it answers."""

    subject: str
    text: str
    answers: str | None = None


async def list_rooms(caller: Caller, _asked: RestAsked) -> Result:
    """The rooms."""
    known = await caller.parts.directory.rooms()
    reader = known.reader(caller.account)
    rooms = known.readable_by(reader)
    waters = await caller.parts.database.read(waters_of, [room.folder_id for room in rooms])
    return Result(RoomList([_info(room, reader, waters[room.folder_id]) for room in rooms if room.folder_id in waters]))


async def read_room(caller: Caller, asked: RestAsked) -> Result:
    """A room."""
    room, reader = await find_room(caller, asked)
    return Result(_info(room, reader, await caller.parts.database.read(water_of, room.folder_id)))


async def list_messages(caller: Caller, asked: RestAsked) -> Result:
    """The messages of a room."""
    room, _ = await find_room(caller, asked)
    after = place_of(asked.query["cursor"], int)[0] if asked.query["cursor"] else 0
    most = asked.query["limit"]
    page = await caller.parts.database.read(overviews, room.folder_id, after + 1, LAST_NUMBER, most)
    found = [_summary(line) for line in page.octets.split(b"\r\n") if line]
    return Result(MessageList(found, cursor_of(page.last) if len(found) == most and page.last is not None else None))


async def read_message(caller: Caller, asked: RestAsked) -> Result:
    """A message's summary; the message itself where message/rfc822 is wanted."""
    if RAW in asked.accept:
        return await read_raw(caller, asked)
    room, _ = await find_room(caller, asked)
    article = await caller.parts.database.read(by_number, room.folder_id, number_in(asked, "number"))
    return Result(_summary(article.overview.removesuffix(b"\r\n")))


async def read_raw(caller: Caller, asked: RestAsked) -> Result:
    """A message, its octets as every protocol serves them."""
    room, _ = await find_room(caller, asked)
    article = await caller.parts.database.read(by_number, room.folder_id, number_in(asked, "number"))
    bodies = await caller.parts.bodies.load([article.message_id])
    if article.message_id not in bodies:
        raise ArticleNotFound
    return Result(octets=bodies[article.message_id], media=RAW)


async def post(caller: Caller, asked: RestAsked) -> Result:
    """Post to a room: 201; 202 where it is held for the moderators; 200 where the key has posted it before."""
    new: NewMessagePost = asked.body
    posted = await post_article(caller, asked.path["room"], new.subject, new.text, new.answers, asked.key)
    status = 200 if posted.again else 202 if posted.held else 201
    return Result(posted, status)


async def find_room(caller: Caller, asked: RestAsked) -> tuple[Room, Reader]:
    """The room in the path. Raises RoomNotFound where there is none, or none for this caller."""
    name = asked.path["room"]
    known = await caller.parts.directory.rooms(name)
    reader = known.reader(caller.account)
    room = known.named(name)
    if not may_read(room, reader):
        raise RoomNotFound(name)
    return room, reader


def _info(room: Room, reader: Reader, water: Water) -> RoomInfo:
    may_post = not isinstance(verdict(room, reader), MayNotPost)
    return RoomInfo(room.name, room.description, may_post, room.moderated, water.low, water.high, water.count)


def _summary(line: bytes) -> MessageSummary:
    """A line of OVER."""
    number, subject, sender, date, identifier, references, octets, lines, *_ = line.split(b"\t")
    return MessageSummary(
        int(number),
        identifier.decode("utf-8", "replace"),
        decode_words(subject),
        decode_words(sender),
        date.decode("utf-8", "replace"),
        references.decode("utf-8", "replace"),
        int(octets),
        int(lines),
    )


ENDPOINTS: Sequence[Endpoint] = (
    Endpoint("GET", "/rooms", "listRooms", "List the rooms.", list_rooms, RoomList),
    Endpoint("GET", "/rooms/{room}", "readRoom", "Read about a room.", read_room, RoomInfo),
    Endpoint("GET", "/rooms/{room}/messages", "listMessages", "List the messages of a room by number.", list_messages,
             MessageList, (LIMIT, CURSOR)),
    Endpoint("POST", "/rooms/{room}/messages", "postMessage", "Post a message to a room.", post, PostedArticle,
             body=NewMessagePost, statuses=(201, 200, 202), problems=(403, 409, 413, 415), idempotency=True,
             signed_in=True),
    Endpoint("GET", "/rooms/{room}/messages/{number}", "readMessage", "Read about a message.", read_message,
             MessageSummary, media=(RAW,)),
    Endpoint("GET", "/rooms/{room}/messages/{number}/raw", "readRawMessage", "Read a message as it is.", read_raw,
             media=(RAW,)),
)  # fmt: skip
