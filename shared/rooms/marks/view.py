"""A room as one account sees it: the room's articles with the account's marks as their flags.

The same shapes as shared/folders/open_folder.py, changes.py and modseqs.py give of a folder, so that who shows one can
show the other. All modseqs are positions of shared/rooms/marks/position.py, `folder.highest_modseq` included.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import replace

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.folders.changes import Changes
from shared.folders.errors import ChangesForgotten, FolderNotFound
from shared.folders.folder import NAMES, Folder, FolderId, folder_and_rest
from shared.folders.lock import selectable
from shared.folders.modseqs import Modseqs
from shared.folders.open_folder import Snapshot
from shared.folders.packed import array_literal, signed_64, unsigned_32
from shared.rooms.marks.mark import Marks
from shared.rooms.marks.mark_changes import PACKED_LOG, MarkLog
from shared.rooms.marks.marks_of import PACKED_MARKS
from shared.rooms.marks.position import parts, position

_FOLDER = ", ".join(f"folder.{name}" for name in NAMES)
_WITH_MARK = "FROM folder LEFT JOIN mark ON mark.folder_id = folder.id AND mark.account_id = %(account_id)s::bigint"

# Each of these is one statement, so that all of it is of one moment.
_OPEN = f"""
    SELECT {_FOLDER}, coalesce(mark.modseq, 0), {PACKED_MARKS}, uids, message_ids, sizes
    {_WITH_MARK} LEFT JOIN LATERAL (
        SELECT string_agg(int4send(uid), '') AS uids, string_agg(int8send(message_id), '') AS message_ids,
               CASE WHEN %(sizes)s THEN string_agg(int4send(size_octets), '') END AS sizes
        FROM (SELECT * FROM entry WHERE folder_id = %(folder_id)s ORDER BY uid) AS ordered
    ) AS entries ON true
    WHERE folder.id = %(folder_id)s
"""
# As in shared/folders/changes.py: what the rows of folder and mark say is not new, is not looked for.
_CHANGES = Prepared(
    f"""
    SELECT {_FOLDER}, coalesce(mark.modseq, 0), {PACKED_MARKS},
           CASE WHEN folder.highest_modseq > %(since)s::bigint OR mark.modseq > %(marked)s::bigint
                THEN ({PACKED_LOG}) END,
           uids, message_ids, modseqs, vanished_uids, forgotten_modseq
    {_WITH_MARK} LEFT JOIN LATERAL (
        WITH changed AS MATERIALIZED (
            SELECT uid, message_id, modseq FROM entry
            WHERE folder_id = %(folder_id)s::bigint AND modseq > %(since)s::bigint
              AND folder.highest_modseq > %(since)s::bigint
            UNION
            SELECT entry.uid, entry.message_id, entry.modseq
            FROM mark_change CROSS JOIN unnest(mark_change.uids) AS span
                JOIN entry ON entry.folder_id = %(folder_id)s::bigint
                          AND entry.uid >= lower(span) AND entry.uid < upper(span)
            WHERE mark_change.account_id = %(account_id)s::bigint AND mark_change.folder_id = %(folder_id)s::bigint
              AND mark_change.modseq > %(marked)s::bigint AND mark.modseq > %(marked)s::bigint
        )
        SELECT string_agg(int4send(uid), '' ORDER BY uid) AS uids,
               string_agg(int8send(message_id), '' ORDER BY uid) AS message_ids,
               string_agg(int8send(modseq), '' ORDER BY uid) AS modseqs
        FROM changed
    ) AS new ON true LEFT JOIN LATERAL (
        WITH gone AS MATERIALIZED (
            SELECT uid FROM vanished
            WHERE folder_id = %(folder_id)s::bigint AND modseq > %(since)s::bigint
              AND folder.highest_modseq > %(since)s::bigint
        )
        SELECT string_agg(int4send(uid), '' ORDER BY uid) AS vanished_uids FROM gone
    ) AS old ON true
    WHERE folder.id = %(folder_id)s::bigint
"""
)
_MODSEQS = f"""
    SELECT string_agg(int4send(uid), ''), string_agg(int8send(modseq), ''), ({PACKED_LOG})
    FROM (
        SELECT uid, modseq FROM entry
        WHERE folder_id = %(folder_id)s AND uid BETWEEN %(first)s AND %(last)s ORDER BY uid
    ) AS ordered
"""
# Entries are counted among what is seen or among what is not, whichever spans fewer numbers.
_COUNT = """
    (SELECT coalesce(sum(count), 0)::integer FROM unnest({ranges}) AS span CROSS JOIN LATERAL (
        SELECT count(*) FROM entry WHERE folder_id = folder.id AND uid >= lower(span) AND uid < upper(span)
    ) AS counted)
"""
_SPANNED = "(SELECT coalesce(sum(upper(span) - lower(span)), 0) FROM unnest({ranges}) AS span)"
_UNSEEN = "int4multirange(int4range(1, folder.uidnext)) - mark.seen"
_FOLDERS = f"""
    SELECT {_FOLDER}, coalesce(mark.modseq, 0),
           CASE WHEN mark.seen IS NULL OR isempty(mark.seen) THEN folder.messages
                WHEN {_SPANNED.format(ranges="mark.seen")} * 2 < folder.uidnext
                THEN folder.messages - {_COUNT.format(ranges="mark.seen")}
                ELSE {_COUNT.format(ranges=_UNSEEN)} END
    {_WITH_MARK} WHERE folder.id = ANY(%(folder_ids)s::bigint[])
"""


class RoomModseqs(Modseqs):
    """Modseqs that are positions: `greatest` is one that is behind none of them."""

    @property
    def greatest(self) -> int:
        folder = max((parts(modseq)[0] for modseq in self.modseqs), default=0)
        return position(folder, max((parts(modseq)[1] for modseq in self.modseqs), default=0))


def open_room(tx: Transaction, account_id: int, folder_id: int, *, sizes: bool = False) -> Snapshot:
    """Read the room and all its articles. Raises FolderNotFound."""
    row = tx.row(_OPEN, {"account_id": account_id, "folder_id": folder_id, "sizes": sizes})
    if row is None:
        raise FolderNotFound
    folder, (modseq, *marks, packed_uids, message_ids, size_octets) = folder_and_rest(row)
    uids = unsigned_32(packed_uids)
    read = Marks.read(marks)
    return Snapshot(
        folder=_as_seen(selectable(folder), modseq, len(uids) - read.count_seen(uids)),
        uids=uids,
        message_ids=signed_64(message_ids),
        flags=read.flags_of(uids),
        sizes=unsigned_32(size_octets) if sizes else None,
        keywords={},
    )


def changes_in_room(tx: Transaction, account_id: int, folder_id: int, known: int) -> Changes:
    """Everything after the position `known`: articles that came or went, and those that the account has marked.

    Of what was marked long ago more may be said than has changed. `folder.unseen` counts all articles. Raises
    FolderNotFound, ChangesForgotten.
    """
    since, marked = parts(known)
    row = tx.row(_CHANGES, {"account_id": account_id, "folder_id": folder_id, "since": since, "marked": marked})
    if row is None:
        raise FolderNotFound
    folder, rest = folder_and_rest(row)
    modseq, *marks, log, packed_uids, message_ids, modseqs, vanished, forgotten_modseq = rest
    if since < forgotten_modseq:
        raise ChangesForgotten
    uids = unsigned_32(packed_uids)
    return Changes(
        folder=_as_seen(selectable(folder), modseq, folder.unseen),
        uids=uids,
        message_ids=signed_64(message_ids),
        flags=Marks.read(marks).flags_of(uids),
        modseqs=MarkLog(log).positions_of(uids, signed_64(modseqs)),
        vanished=unsigned_32(vanished),
        keywords=None,
    )


def unmarked(posts: Changes, mark_modseq: int) -> Changes:
    """Changes of the folder as they are for an account that has marked none of the articles; its marks' own modseq is
    `mark_modseq`."""
    return replace(
        posts,
        folder=_as_seen(posts.folder, mark_modseq, posts.folder.unseen),
        flags=array("q", bytes(8 * len(posts.uids))),
        modseqs=array("q", [position(modseq, 0) for modseq in posts.modseqs]),
        keywords=None,
    )


def modseqs_in_room(tx: Transaction, account_id: int, folder_id: int, first_uid: int, last_uid: int) -> Modseqs:
    """The positions at which the articles from `first_uid` to `last_uid` last changed for the account."""
    parameters = {"account_id": account_id, "folder_id": folder_id, "first": first_uid, "last": last_uid}
    row = tx.row(_MODSEQS, parameters)
    assert row is not None  # aggregates without GROUP BY give one row
    uids = unsigned_32(row[0])
    return RoomModseqs(uids, MarkLog(row[2]).positions_of(uids, signed_64(row[1])))


def folders_as_seen(tx: Transaction, account_id: int, folder_ids: Iterable[int]) -> Mapping[int, Folder]:
    """The folders of rooms, by id, with how many articles the account has not seen; left out is what is gone."""
    parameters = {"account_id": account_id, "folder_ids": array_literal(folder_ids)}
    found: dict[int, Folder] = {}
    for row in tx.rows(_FOLDERS, parameters):
        folder, (modseq, unseen) = folder_and_rest(row)
        found[folder.id] = _as_seen(folder, modseq, unseen)
    return found


def folder_as_seen(tx: Transaction, account_id: int, folder_id: int) -> Folder:
    """One of them. Raises FolderNotFound."""
    folder = folders_as_seen(tx, account_id, [folder_id]).get(FolderId(folder_id))
    if folder is None:
        raise FolderNotFound
    return folder


def _as_seen(folder: Folder, mark_modseq: int, unseen: int) -> Folder:
    return folder._replace(highest_modseq=position(folder.highest_modseq, mark_modseq), unseen=unseen)
