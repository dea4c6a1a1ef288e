"""The write path of rooms: how every article gets its numbers, whatever door it came through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import NamedTuple

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.folders.append import MOST_MESSAGE_OCTETS, Place
from shared.folders.channel import FolderChanged
from shared.folders.errors import MessageTooLarge
from shared.folders.growth import Growth
from shared.folders.message import NewMessage
from shared.folders.write import Entry, Message, write
from shared.messages.overview import OverviewFields
from shared.rooms.cancel import Number, cancel_numbers
from shared.rooms.errors import DuplicateArticle, RoomNotFound
from shared.rooms.take_identifiers import Taken, give_back, sign, take_identifiers

_INSERT_ARTICLES = Prepared(
    """
    INSERT INTO article (folder_id, uid, message_id, identifier, overview, came_at)
    SELECT folder_id, uid, message_id, decode(identifier, 'hex'), decode(overview, 'hex'), statement_timestamp()
    FROM unnest(%s::bigint[], %s::integer[], %s::bigint[], %s::text[], %s::text[])
         AS new (folder_id, uid, message_id, identifier, overview)
"""
)


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


def post_articles(tx: Transaction, items: Sequence[Post]) -> Sequence[Posted | DomainError]:
    """Give every item the next number in each of its rooms; one that cannot be kept has its error in its place.

    Errors: RoomNotFound, DuplicateArticle, MessageTooLarge; nothing is numbered then. Articles of one room are numbered
    in the order of the items. Takes the same few round trips for one item as for hundreds. Announces FolderChanged.
    """
    wanted = {room for item in items for room in item.rooms}
    wanted.update(room for item in items for room, _ in item.superseded)
    growth, taken = take_identifiers(tx, items, wanted)
    messages: list[Message] = []
    entries: list[Entry] = []
    articles: list[tuple[int, int, int, str, str]] = []
    results = [_post(tx, growth, taken, item, messages, entries, articles) for item in items]
    if taken:
        give_back(tx, taken)
    if entries:
        counters = growth.grown()
        write(tx, messages, entries, counters)
        tx.execute_with_next(_INSERT_ARTICLES, _article_columns(articles))
        for folder_id, _uidnext, modseq, *_ in counters:
            tx.announce(FolderChanged(folder_id, modseq))
        for item, result in zip(items, results, strict=True):
            if item.superseded and isinstance(result, Posted):
                cancel_numbers(tx, item.superseded, item.account_id)
    return results


def _post(
    tx: Transaction,
    growth: Growth,
    taken: dict[bytes, Taken],
    item: Post,
    messages: list[Message],
    entries: list[Entry],
    articles: list[tuple[int, int, int, str, str]],
) -> Posted | DomainError:
    """Number one article, and note all rows that it will have."""
    refusal = _admit(growth, item)
    if refusal is not None:
        return refusal
    own = taken.pop(item.identifier, None)
    if own is None:
        return DuplicateArticle(item.identifier.decode("ascii", "replace"))
    message_id = own.message_id
    if own.by is not item:
        sign(tx, item)
    messages.append((message_id, item.message))
    places = [_number(growth, room, message_id, len(item.message.octets), entries) for room in item.rooms]
    identifier = item.identifier.hex()
    for place, line in zip(places, overview_lines(item, places), strict=True):
        articles.append((place.folder_id, place.uid, message_id, identifier, line.hex()))
    return Posted(item.identifier, message_id, places)


def overview_lines(item: Post, places: Sequence[Place]) -> Sequence[bytes]:
    """The lines of OVER for each place (RFC 3977 §8.3.2), which name all of them in Xref.

    In a room that everybody reads, Xref does not name those for members.
    """
    subject, author, date, identifier, references, octets, lines = item.overview
    rest = b"\t%b\t%b\t%b\t%b\t%b\t%d\t%d\tXref: %b" % (
        subject, author, date, identifier, references, octets, lines, item.hostname.encode(),
    )  # fmt: skip
    everywhere = rest + _numbers(item, places)
    if not item.for_members:
        return [b"%d%b" % (place.uid, everywhere) for place in places]
    to_strangers = rest + _numbers(item, [place for place in places if place.folder_id not in item.for_members])
    return [
        b"%d%b" % (place.uid, everywhere if place.folder_id in item.for_members else to_strangers) for place in places
    ]


def _numbers(item: Post, places: Sequence[Place]) -> bytes:
    """The end of Xref: room and number of each place."""
    return "".join([f" {item.rooms[place.folder_id]}:{place.uid}" for place in places]).encode() + b"\r\n"


def _admit(growth: Growth, item: Post) -> DomainError | None:
    """Why it cannot be kept, as far as folders and sizes go; nobody's room is bounded."""
    size_octets = len(item.message.octets)
    if size_octets > MOST_MESSAGE_OCTETS:
        return MessageTooLarge()
    for room, name in item.rooms.items():
        try:
            growth.admit(room, size_octets, ())
        except DomainError:
            return RoomNotFound(name)
    return None


def _number(growth: Growth, room: int, message_id: int, size_octets: int, entries: list[Entry]) -> Place:
    folder, uid, modseq = growth.add(room, size_octets, 0)
    entries.append((folder.id, message_id, 0, modseq, uid, size_octets))
    return Place(folder.id, folder.uidvalidity, uid)


def _article_columns(articles: Iterable[tuple[int, int, int, str, str]]) -> list[str]:
    """Array literals; hex needs no quoting, and is never empty."""
    return ["{" + ",".join(map(str, column)) + "}" for column in zip(*articles, strict=True)]
