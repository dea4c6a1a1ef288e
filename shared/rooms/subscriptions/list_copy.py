"""The copy of a post that subscribers are sent: the post with the fields of a mailing list on top."""

from __future__ import annotations

from shared.messages.header_fields import HeaderFields
from shared.messages.scan import end_of_header
from shared.rooms.room import Posters, Room
from shared.rooms.subscriptions.list_names import ListNames

# One of each in a message (RFC 2369 §2, RFC 2919 §2); those that came with the post told of another way of this one, or
# of the list that it came from. Archived-At may be there several times (RFC 5064 §2.2).
_REPLACED = (
    *(b"return-path", b"list-id", b"list-post", b"list-archive", b"list-help", b"list-subscribe", b"list-unsubscribe"),
    *(b"list-unsubscribe-post", b"list-owner"),
)


def list_copy(octets: bytes, room: Room, uid: int, names: ListNames) -> bytes:
    """The post `uid` as it is sent. Its own octets follow ours, but for fields that ours replace."""
    end = end_of_header(octets, 0, len(octets))
    header = HeaderFields(octets[:end])
    replaced = [field for name in _REPLACED for field in header.find(name)]
    archived = f"Archived-At: <{names.archive(room.name)}/{uid}>\r\n".encode()
    return b"".join(
        (b"Return-Path: <>\r\n", room_fields(room, names), archived, header.without(replaced), octets[end:])
    )


def room_fields(room: Room, names: ListNames) -> bytes:
    """The fields of a list (RFC 2919, RFC 2369); List-Unsubscribe-Post (RFC 8058) needs an address of the web."""
    is_open = room.posting is not Posters.NOBODY and not room.fed
    post = f"<mailto:{room.name}@{names.mail_domain}>" if is_open else "NO"
    help_, subscribe, unsubscribe = (
        f"<mailto:{room.name}+{verb}@{names.mail_domain}>" for verb in ("help", "subscribe", "unsubscribe")
    )
    return (
        f"List-Id: <{room.name}.{names.mail_domain}>\r\n"
        f"List-Help: {help_}\r\n"
        f"List-Subscribe: {subscribe}\r\n"
        f"List-Unsubscribe: {unsubscribe}\r\n"
        f"List-Post: {post}\r\n"
        f"List-Archive: <{names.archive(room.name)}>\r\n"
    ).encode()
