"""The rights of RFC 4314: what each letter allows, and what a room's policy says in these letters."""

from __future__ import annotations

from collections.abc import Sequence

from shared.rooms.errors import MayNotPost
from shared.rooms.policy import verdict
from shared.rooms.reader import Reader
from shared.rooms.room import Posters, Readers, Room

ALL = "lrswipkxtea"  # in the order of RFC 4314 §2.1
READ = "lrsw"  # seen, and the other flags: both are marks, which whoever reads a room has
POST = "ip"  # by APPEND and COPY, and by mail to the room's address
MODERATE = "tea"
OBSOLETE = {"c": "kx", "d": "te"}  # RFC 4314 §2.1.1: told along with any of those, for programs that know RFC 2086 only

ANYONE = "anyone"
MEMBERS = "$members"
ADMINS = "$admins"


def together(letters: str) -> str:
    """The letters of a room's right with those that are granted and taken away along with them (RFC 4314 §3.7)."""
    groups = [group for group in (READ, POST, MODERATE) if set(group) & set(letters)]
    return letters + "".join(groups)


def told(rights: str) -> str:
    """The letters as replies have them."""
    ordered = "".join(letter for letter in ALL if letter in rights)
    return ordered + "".join(old for old, new in OBSOLETE.items() if set(new) & set(rights))


def rights_of(room: Room, reader: Reader) -> str:
    """What somebody who may read the room may do in it."""
    posts = "" if isinstance(verdict(room, reader), MayNotPost) else POST
    return READ + posts + (MODERATE if reader.is_moderator_of(room.folder_id) else "")


def anyones(room: Room) -> str:
    """What everybody may do, members or not."""
    if room.reading is not Readers.EVERYONE:
        return ""
    return READ + (POST if room.posting is Posters.EVERYONE and not room.fed else "")


def members(room: Room) -> str:
    """What every member may do."""
    return READ + (POST if room.posting in (Posters.EVERYONE, Posters.MEMBERS) and not room.fed else "")


def moderators(room: Room) -> str:
    """What a moderator may do."""
    return READ + (POST if room.posting is not Posters.NOBODY and not room.fed else "") + MODERATE


def list_of(room: Room, names: Sequence[str]) -> list[tuple[str, str]]:
    """The room's access control list; `names` are those of its moderators."""
    entries = [(ANYONE, anyones(room)), (MEMBERS, members(room)), (ADMINS, moderators(room))]
    return [entry for entry in entries if entry[1]] + [(name, moderators(room)) for name in names]
