"""The copy of a post that subscribers are sent: the post with the fields of a mailing list on top."""

from __future__ import annotations

from shared.messages.header_fields import HeaderFields
from shared.messages.results_of import results_of
from shared.messages.scan import end_of_header
from shared.rooms.room import Posters, Room
from shared.rooms.subscriptions.list_names import ListNames
from shared.rooms.subscriptions.posts_to_send import SentPost

# One of each in a message (RFC 2369 §2, RFC 2919 §2); those that came with the post told of another way of this one, or
# of the list that it came from. Archived-At may be there several times (RFC 5064 §2.2).
_REPLACED = (
    *(b"return-path", b"list-id", b"list-post", b"list-archive", b"list-help", b"list-subscribe", b"list-unsubscribe"),
    *(b"list-unsubscribe-post", b"list-owner"),
)


def list_copy(post: SentPost, room: Room, names: ListNames, *, unsubscribe: bool = True) -> bytes:
    """The post as it is sent. Its own octets follow ours, but for fields that ours replace.

    Results of our checks (Authentication-Results) are in what came by mail. Out of all else posting takes them, if they
    are forged in our name, and here they are taken out of posts that are older than that.
    """
    octets = post.octets
    end = end_of_header(octets, 0, len(octets))
    header = HeaderFields(octets[:end])
    replaced = [field for name in _REPLACED for field in header.find(name)]
    if not post.by_mail:
        replaced += results_of(header, names.hostname)
    archived = f"Archived-At: <{names.archive(room.name)}/{post.uid}>\r\n".encode()
    return b"".join(
        (
            b"Return-Path: <>\r\n",
            room_fields(room, names, unsubscribe=unsubscribe),
            archived,
            header.without(replaced),
            octets[end:],
        )
    )


def room_fields(room: Room, names: ListNames, *, unsubscribe: bool = True) -> bytes:
    """The fields of a list (RFC 2919, RFC 2369).

    Without `unsubscribe` each recipient has a List-Unsubscribe of its own (elsewhere/envelope.py).
    """
    is_open = room.posting is not Posters.NOBODY and not room.fed
    post = f"<mailto:{room.name}@{names.mail_domain}>" if is_open else "NO"
    help_, subscribe, unsubscribe_ = (
        f"<mailto:{room.name}+{verb}@{names.mail_domain}>" for verb in ("help", "subscribe", "unsubscribe")
    )
    way_out = f"List-Unsubscribe: {unsubscribe_}\r\n" if unsubscribe else ""
    return (
        f"List-Id: <{room.name}.{names.mail_domain}>\r\n"
        f"List-Help: {help_}\r\n"
        f"List-Subscribe: {subscribe}\r\n"
        f"{way_out}"
        f"List-Post: {post}\r\n"
        f"List-Archive: <{names.archive(room.name)}>\r\n"
    ).encode()
