"""The policy of a room: who may read it and post to it."""

from __future__ import annotations

from enum import Enum

from shared.rooms.errors import MayNotPost
from shared.rooms.reader import Reader
from shared.rooms.room import Posters, Readers, Room


class Verdict(Enum):
    """What becomes of a post that a room takes."""

    POST = "post"
    HOLD = "hold"  # until a moderator decides


def may_read(room: Room, reader: Reader) -> bool:
    """Whether the room is there for this reader at all."""
    return room.reading is Readers.EVERYONE or reader.is_member or reader.is_moderator_of(room.folder_id)


def verdict(room: Room, reader: Reader) -> Verdict | MayNotPost:
    """What becomes of a post by this reader; where the room refuses it, the error says why."""
    if room.fed:
        return MayNotPost(f"a feed fills {room.name}; nobody else posts there")
    if room.posting is Posters.NOBODY:
        return MayNotPost(f"{room.name} is closed")
    is_moderator = reader.is_moderator_of(room.folder_id)
    if room.posting is Posters.MODERATORS and not is_moderator:
        return MayNotPost(f"only moderators post to {room.name}", sign_in_helps=reader.account is None)
    if room.posting is Posters.MEMBERS and not reader.is_member and not is_moderator:
        return MayNotPost(f"only members post to {room.name}", sign_in_helps=reader.account is None)
    return Verdict.HOLD if room.moderated and not is_moderator else Verdict.POST


def flag(room: Room, reader: Reader) -> str:
    """The status of the room in LIST ACTIVE, for this reader (RFC 3977 §7.6.3): y, n, or m where posts are held."""
    judged = verdict(room, reader)
    if isinstance(judged, MayNotPost):
        return "n"
    return "m" if judged is Verdict.HOLD else "y"
