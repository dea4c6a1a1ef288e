"""The write path of rooms: how every article gets its numbers, whatever door it came through."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.folders.append import MOST_MESSAGE_OCTETS, Place
from shared.folders.channel import FolderChanged
from shared.folders.errors import MessageTooLarge
from shared.folders.growth import Growth
from shared.folders.write import Entry, Message, write
from shared.rooms.cancels.cancel import cancel_numbers
from shared.rooms.errors import DuplicateArticle, RoomNotFound
from shared.rooms.posts.post_few import are_few, post_few
from shared.rooms.posts.post_values import Post, Posted, overview_lines
from shared.rooms.posts.take_identifiers import Taken, give_back, sign, take_identifiers

__all__ = ["Post", "Posted", "post_articles"]

_INSERT_ARTICLES = Prepared(
    """
    INSERT INTO article (folder_id, uid, message_id, identifier, overview, came_at)
    SELECT folder_id, uid, message_id, decode(identifier, 'hex'), decode(overview, 'hex'), statement_timestamp()
    FROM unnest(%s::bigint[], %s::integer[], %s::bigint[], %s::text[], %s::text[])
         AS new (folder_id, uid, message_id, identifier, overview)
"""
)


def post_articles(tx: Transaction, items: Sequence[Post]) -> Sequence[Posted | DomainError]:
    """Give every item the next number in each of its rooms; one that cannot be kept has its error in its place.

    Errors: RoomNotFound, DuplicateArticle, MessageTooLarge; nothing is numbered then. Articles of one room are numbered
    in the order of the items. Takes the same few round trips for one item as for hundreds. Announces FolderChanged.
    """
    if are_few(items) and (kept := post_few(tx, items)) is not None:
        return kept
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
