"""A few small articles for one room, kept by one statement: what one client, or a handful of them, posts at a time.

Numbers, lines of OVER and all rows are made by PostgreSQL, which takes three quarters of the time that the statements
of post.py take for the same, and half of the time of this process; with more articles the difference is small.
"""

from __future__ import annotations

from collections.abc import Sequence
from mmap import mmap

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.folders.append import Place
from shared.folders.channel import FolderChanged
from shared.folders.folder import FolderId
from shared.folders.write import (
    BODY_COLUMNS,
    ENTRY_COLUMNS,
    MESSAGE_COLUMNS,
    received_at_of,
    sent_at_of,
    zone_of,
)
from shared.rooms.errors import DuplicateArticle
from shared.rooms.posts.post_values import Post, Posted, overview_before_places
from shared.rooms.posts.take_identifiers import give_back

# As many as are worth a commit (shared/database/gathering.py). Each number of articles is a statement of its own, which
# a connection plans once.
MOST_FEW = 8
MOST_FEW_OCTETS = 32 * 1024  # hex doubles them, and PostgreSQL reads the statement twice

_ITEM = (
    "(%s::integer, %s::bytea, %s::bigint, %s::text, %s::text, %s::integer, %s::timestamptz, %s::timestamp,"
    " %s::bytea, %s::bytea, %s::bytea, %s::smallint, %s::bytea, %s::bytea)"
)


def _statement(count: int) -> Prepared:
    """The parts wait for each other: identifiers are taken in their order, then the room is locked, as everywhere.

    An article's time is that behind the lock: an earlier one might be older than what NEWNEWS has told already.
    """
    return Prepared(
        f"""
    WITH new (number, identifier, account_id, network, door, size_octets, received_at, sent_at,
              envelope, bodystructure, sections, received_zone, octets, overview) AS MATERIALIZED (
        VALUES {", ".join([_ITEM] * count)}
    ), taken AS (
        INSERT INTO identifier (identifier, message_id, account_id, network, door, came_at)
        SELECT identifier, nextval('message_id_seq'), account_id, network, door, statement_timestamp()
        FROM new ORDER BY identifier
        ON CONFLICT DO NOTHING RETURNING identifier, message_id
    ), own AS MATERIALIZED (
        SELECT new.*, message_id, row_number() OVER (ORDER BY number)::integer AS place
        FROM new JOIN taken USING (identifier)
    ), grown AS (
        UPDATE folder
        SET uidnext = uidnext + articles, highest_modseq = highest_modseq + 1, messages = messages + articles,
            unseen = unseen + articles, octets = folder.octets + size_octets
        FROM (SELECT count(*)::integer AS articles, sum(size_octets) AS size_octets FROM own) AS all_own
        WHERE folder.id = %s AND selectable AND articles > 0
        RETURNING folder.id AS folder_id, uidvalidity, uidnext - articles - 1 AS before, highest_modseq AS modseq
    ), placed AS MATERIALIZED (
        SELECT own.*, folder_id, uidvalidity, before + place AS uid, modseq FROM own CROSS JOIN grown
    ), in_message AS (
        INSERT INTO {MESSAGE_COLUMNS}
        SELECT message_id, size_octets, received_at, sent_at, envelope, bodystructure, sections, received_zone
        FROM placed
    ), in_body AS (
        INSERT INTO {BODY_COLUMNS} SELECT message_id, 0, octets FROM placed
    ), in_entry AS (
        INSERT INTO {ENTRY_COLUMNS} SELECT folder_id, message_id, 0, modseq, uid, size_octets FROM placed
    ), in_article AS (
        INSERT INTO article (folder_id, uid, message_id, identifier, overview, came_at)
        SELECT folder_id, uid, message_id, identifier,
               uid::text::bytea || overview || (uid::text || E'\\r\\n')::bytea, clock_timestamp()
        FROM placed
    )
    SELECT number, message_id, uidvalidity, uid, modseq FROM placed
"""
    )


_STATEMENTS = [_statement(count) for count in range(1, MOST_FEW + 1)]


def are_few(items: Sequence[Post]) -> bool:
    """Whether post_few() keeps these: a few small ones, all of them for the same room, with nothing to be cancelled."""
    if len(items) > MOST_FEW:
        return False
    rooms = items[0].rooms
    return (
        len(rooms) == 1
        and all(item.rooms.keys() == rooms.keys() and not item.superseded for item in items)
        and sum([len(item.message.octets) for item in items]) <= MOST_FEW_OCTETS
        and len({item.identifier for item in items}) == len(items)
    )


def post_few(tx: Transaction, items: Sequence[Post]) -> Sequence[Posted | DomainError] | None:
    """Give every item the next number in the room; one whose Message-ID was taken has DuplicateArticle in its place.

    None, and nothing was done, if not one was kept: the room is gone, or all are duplicates. One round trip. Announces
    FolderChanged.
    """
    (folder_id,) = items[0].rooms
    parameters = [value for number, item in enumerate(items) for value in _values(number, item)]
    rows = tx.rows_of_literals(_STATEMENTS[len(items) - 1], [*parameters, str(folder_id)])
    if not rows:
        give_back(tx, [item.identifier for item in items])
        return None
    results: list[Posted | DomainError] = [
        DuplicateArticle(item.identifier.decode("ascii", "replace")) for item in items
    ]
    for number, message_id, uidvalidity, uid, _ in rows:
        place = Place(FolderId(folder_id), uidvalidity, uid)
        results[number] = Posted(items[number].identifier, message_id, [place])
    tx.announce(FolderChanged(folder_id, rows[0][-1]))
    return results


def _values(number: int, item: Post) -> Sequence[str]:
    """Literals of SQL; texts have no NUL."""
    message, (room,) = item.message, item.rooms.values()
    rendered = message.rendered
    return (
        str(number),
        _bytea(item.identifier),
        "NULL" if item.account_id is None else str(item.account_id),
        _text(item.network),
        _text(item.door),
        str(len(message.octets)),
        _text(received_at_of(message)),
        _text(sent_at_of(message)),
        _bytea(rendered.envelope),
        _bytea(rendered.bodystructure),
        _bytea(rendered.sections),
        str(zone_of(message.received_at)),
        _bytea(message.octets),
        _bytea(b"%b %b:" % (overview_before_places(item), room.encode())),
    )


def _bytea(octets: bytes | mmap) -> str:
    return f"'\\x{octets[:].hex()}'"


def _text(text: str | None) -> str:
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"
