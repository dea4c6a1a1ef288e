"""Where a request is: the room of its path, as its visitor sees it."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

from services.wiki.parts import WikiParts
from services.wiki.sessions.visitor import Visitor
from services.wiki.site.errors import BadForm, NotHere, SignInNeeded
from services.wiki.site.request import WebRequest
from services.wiki.visitor import visitor_of
from shared.accounts.account import Account
from shared.rooms.directory import Rooms
from shared.rooms.errors import MayNotPost, RoomNotFound
from shared.rooms.policy import may_read, verdict
from shared.rooms.reader import Reader
from shared.rooms.room import Room

_LAST_NUMBER = 2**31 - 1


class Here(NamedTuple):
    """A visitor in a room that is there for them."""

    visitor: Visitor
    reader: Reader
    rooms: Rooms
    room: Room

    @property
    def account_id(self) -> int | None:
        """None for a stranger."""
        return self.reader.account_id

    @property
    def moderates(self) -> bool:
        return self.reader.is_moderator_of(self.room.folder_id)

    @property
    def may_post(self) -> bool:
        """Whether a form for posting leads anywhere; a stranger is asked to sign in first."""
        judged = verdict(self.room, self.reader)
        return not isinstance(judged, MayNotPost) or judged.sign_in_helps

    @property
    def may_begin(self) -> bool:
        """The same for a new thread."""
        return self.may_post and not self.room.replies_only

    @property
    def path(self) -> str:
        return room_path(self.room.name)


async def room_here(parts: WikiParts, request: WebRequest, name: str) -> Here:
    """The room called `name`. Raises RoomNotFound; SignInNeeded where it is for members; as by NNTP (RFC 3977)."""
    visitor = await visitor_of(parts, request)
    rooms = await parts.directory.rooms(name)
    reader = rooms.reader(visitor.account)
    room = rooms.named(name)
    if not may_read(room, reader):
        if visitor.account is None:
            raise SignInNeeded
        raise RoomNotFound(name)
    return Here(visitor, reader, rooms, room)


def signed_in(visitor: Visitor) -> Account:
    """The visitor's account. Raises SignInNeeded."""
    if visitor.account is None:
        raise SignInNeeded
    return visitor.account


def number_in(text: str | None, otherwise: int | None = None) -> int | None:
    """A number of a query. Raises BadForm."""
    if text is None or text == "":
        return otherwise
    if not text.isascii() or not text.isdigit() or len(text) > 10:
        raise BadForm("A number in the address is none.")
    return min(int(text), _LAST_NUMBER)


def article_number(number: int) -> int:
    """Raises NotHere for what is greater than any number of an article."""
    if number > _LAST_NUMBER:
        raise NotHere
    return number


def room_path(name: str) -> str:
    """`/rooms/local.garden`."""
    return f"/rooms/{quote(name)}"


def shown_name(account: Account) -> str:
    """The name that posts show."""
    return account.full_name or account.name
