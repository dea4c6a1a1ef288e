"""The write path of rooms: how every article gets its numbers, whatever door it came through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.folders.append import MOST_MESSAGE_OCTETS, Place
from shared.folders.channel import FolderChanged
from shared.folders.errors import MessageTooLarge
from shared.folders.growth import Growth, lock_for_growth
from shared.folders.message import NewMessage
from shared.folders.packed import array_literal
from shared.folders.write import Entry, write
from shared.messages.overview import OverviewFields
from shared.rooms.cancel import Number, cancel_numbers
from shared.rooms.errors import DuplicateArticle, RoomNotFound

# In the order of the identifiers: of two transactions with the same ones, one waits for the other.
_TAKE_IDENTIFIERS = Prepared(
    """
    INSERT INTO identifier (identifier, message_id, account_id, network, door, came_at)
    SELECT decode(identifier, 'hex'), message_id, account_id, network, door, statement_timestamp()
    FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::text[])
         AS new (identifier, message_id, account_id, network, door)
    ORDER BY new.identifier
    ON CONFLICT DO NOTHING RETURNING message_id
"""
)
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
    growth, message_ids = lock_for_growth(tx, wanted, len(items))
    refused = _admit(growth, items)
    _take_identifiers(tx, items, message_ids, refused)
    entries: list[Entry] = []
    articles: list[tuple[int, int, int, str, str]] = []
    results: list[Posted | DomainError] = []
    for item, message_id, refusal in zip(items, message_ids, refused, strict=True):
        if refusal is not None:
            results.append(refusal)
            continue
        places = [_number(growth, room, message_id, len(item.message.octets), entries) for room in item.rooms]
        lines = overview_lines(item, places)
        identifier = item.identifier.hex()
        for place, line in zip(places, lines, strict=True):
            articles.append((place.folder_id, place.uid, message_id, identifier, line.hex()))
        results.append(Posted(item.identifier, message_id, places))
    if entries:
        counters = growth.grown()
        kept = zip(message_ids, items, refused, strict=True)
        write(tx, [(number, item.message) for number, item, refusal in kept if refusal is None], entries, counters)
        tx.execute_with_next(_INSERT_ARTICLES, _article_columns(articles))
        for folder_id, _uidnext, modseq, *_ in counters:
            tx.announce(FolderChanged(folder_id, modseq))
        for item, refusal in zip(items, refused, strict=True):
            if item.superseded and refusal is None:
                cancel_numbers(tx, item.superseded, item.account_id)
    return results


def overview_lines(item: Post, places: Sequence[Place]) -> Sequence[bytes]:
    """The lines of OVER for each place (RFC 3977 §8.3.2), which name all of them in Xref."""
    subject, author, date, identifier, references, octets, lines = item.overview
    names = item.rooms.values()
    xref = " ".join([f"{name}:{place.uid}" for name, place in zip(names, places, strict=True)]).encode()
    rest = b"\t%b\t%b\t%b\t%b\t%b\t%d\t%d\tXref: %b %b\r\n" % (
        subject, author, date, identifier, references, octets, lines, item.hostname.encode(), xref,
    )  # fmt: skip
    return [b"%d%b" % (place.uid, rest) for place in places]


def _admit(growth: Growth, items: Sequence[Post]) -> list[DomainError | None]:
    """For each item why it cannot be kept, as far as folders and sizes go; nobody's room is bounded."""
    refused: list[DomainError | None] = []
    for item in items:
        size_octets = len(item.message.octets)
        refusal: DomainError | None = MessageTooLarge() if size_octets > MOST_MESSAGE_OCTETS else None
        for room, name in item.rooms.items():
            try:
                growth.admit(room, size_octets, ())
            except DomainError:
                refusal = RoomNotFound(name)
        refused.append(refusal)
    return refused


def _take_identifiers(
    tx: Transaction, items: Sequence[Post], message_ids: Sequence[int], refused: list[DomainError | None]
) -> None:
    """Refuse the items whose identifiers are taken, by an earlier one or since long ago; the others have theirs now."""
    first: dict[bytes, int] = {}
    for number, item in enumerate(items):
        if refused[number] is None:
            first.setdefault(item.identifier, number)
    chosen = [(items[number], message_ids[number]) for number in first.values()]
    if not chosen:
        return
    taken = tx.rows(
        _TAKE_IDENTIFIERS,
        (
            [item.identifier.hex() for item, _ in chosen],
            array_literal(message_id for _, message_id in chosen),
            [item.account_id for item, _ in chosen],
            [item.network for item, _ in chosen],
            [item.door for item, _ in chosen],
        ),
    )
    new = {message_id for (message_id,) in taken}
    for number, item in enumerate(items):
        if refused[number] is None and message_ids[number] not in new:
            refused[number] = DuplicateArticle(item.identifier.decode("ascii", "replace"))


def _number(growth: Growth, room: int, message_id: int, size_octets: int, entries: list[Entry]) -> Place:
    folder, uid, modseq = growth.add(room, size_octets, 0)
    entries.append((folder.id, message_id, 0, modseq, uid, size_octets))
    return Place(folder.id, folder.uidvalidity, uid)


def _article_columns(articles: Iterable[tuple[int, int, int, str, str]]) -> list[str]:
    """Array literals; hex needs no quoting, and is never empty."""
    return ["{" + ",".join(map(str, column)) + "}" for column in zip(*articles, strict=True)]
