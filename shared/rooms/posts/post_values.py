"""The values of posting: an article that is ready to be kept, where it is then, and its lines in overviews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

from shared.folders.append import Place
from shared.folders.message import NewMessage
from shared.messages.overview import OverviewFields
from shared.rooms.cancels.cancel import Number

MAIL_DOORS = ("smtp", "submission", "lmtp")  # they take out forged results of our checks, and put true ones on top


class Post(NamedTuple):
    """An article that is ready to be kept: everything is on top, and its rooms take it."""

    message: NewMessage
    identifier: bytes
    overview: OverviewFields
    rooms: Mapping[int, str]  # names by number
    hostname: str  # ours, for Xref
    door: str
    account_id: int | None = None
    network: str | None = None
    superseded: Sequence[Number] = ()  # cancelled by the same commit
    for_members: Set[int] = frozenset()  # rooms that strangers do not read: Xref in other rooms does not name them


class Posted(NamedTuple):
    """Where an article is: its number in each room, in the order of the Post's.

    Nowhere if it is `held`; or if it was a control message, which has `cancelled` another one.
    """

    identifier: bytes
    message_id: int
    places: Sequence[Place]
    held: bool = False
    cancelled: bool = False


def overview_lines(item: Post, places: Sequence[Place]) -> Sequence[bytes]:
    """The lines of OVER for each place (RFC 3977 §8.3.2), which name all of them in Xref.

    In a room that everybody reads, Xref does not name those for members.
    """
    rest = overview_before_places(item)
    everywhere = rest + _numbers(item, places)
    if not item.for_members:
        return [b"%d%b" % (place.uid, everywhere) for place in places]
    to_strangers = rest + _numbers(item, [place for place in places if place.folder_id not in item.for_members])
    return [
        b"%d%b" % (place.uid, everywhere if place.folder_id in item.for_members else to_strangers) for place in places
    ]


def overview_before_places(item: Post) -> bytes:
    """What a line of OVER has between the article's number and the places in Xref."""
    subject, author, date, identifier, references, octets, lines = item.overview
    return b"\t%b\t%b\t%b\t%b\t%b\t%d\t%d\tXref: %b" % (
        subject, author, date, identifier, references, octets, lines, item.hostname.encode(),
    )  # fmt: skip


def _numbers(item: Post, places: Sequence[Place]) -> bytes:
    """The end of Xref: room and number of each place."""
    return "".join([f" {item.rooms[place.folder_id]}:{place.uid}" for place in places]).encode() + b"\r\n"
