"""Changing the flags of entries."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.folders.channel import FolderChanged
from shared.folders.flags import SEEN, SYSTEM_MASK
from shared.folders.folder import Folder
from shared.folders.keywords import Keywords, ensure_keywords, keywords_of, mask_of
from shared.folders.lock import lock_folder
from shared.folders.packed import array_literal, signed_64, unsigned_32

Action = Literal["add", "remove", "replace"]

_READ = Prepared(
    """
    SELECT string_agg(int4send(uid), '' ORDER BY uid), string_agg(int8send(flags), '' ORDER BY uid),
           string_agg(int8send(modseq), '' ORDER BY uid)
    FROM entry WHERE folder_id = %s AND uid = ANY(%s::integer[])
    """
)
_WRITE = Prepared(
    """
    UPDATE entry SET flags = flags & %s::bigint | %s::bigint, modseq = %s
    WHERE folder_id = %s AND uid = ANY(%s::integer[])
    """
)
_COUNT = Prepared("UPDATE folder SET highest_modseq = %s, unseen = unseen + %s WHERE id = %s")


@dataclass(frozen=True, slots=True)
class Stored:
    """The result of store_flags(). `modseq` is the folder's position now, `previous_modseq` the one before.

    Entries whose flags were already as asked kept their modseq and are in neither array. `failed` are those that had
    changed after `unchanged_since` (RFC 7162 §3.1.3 MODIFIED). UIDs that are not there are in neither.
    """

    previous_modseq: int
    modseq: int
    uids: array[int]  # 'I', of the changed entries
    flags: array[int]  # 'q', as they are now
    failed: array[int]  # 'I'
    keywords: Keywords | None  # all of the folder's, where keywords were named


def store_flags(
    tx: Transaction,
    folder_id: int,
    uids: Iterable[int],
    action: Action,
    flags: int,
    keywords: Sequence[str] = (),
    unchanged_since: int | None = None,
) -> Stored:
    """Add, remove or replace the flags of the entries `uids`; "replace" leaves no keyword that is not named.

    `flags` has system flags only; keywords that are new to the folder are made, except for removing them. Raises
    FolderNotFound, FolderNotSelectable, BadKeyword, TooManyKeywords.
    """
    folder = lock_folder(tx, folder_id)
    known: dict[int, str] | None = None
    mask = flags & SYSTEM_MASK
    if keywords:
        known = keywords_of(tx, folder_id)
        mask |= mask_of(known, keywords) if action == "remove" else ensure_keywords(tx, folder_id, known, keywords)
    keep = {"add": -1, "remove": ~mask, "replace": 0}[action]
    put = 0 if action == "remove" else mask
    row = tx.row(_READ, (folder_id, array_literal(uids)))
    assert row is not None  # aggregates without GROUP BY give one row
    return _store(tx, folder, _Change(keep, put, unchanged_since), row, known)


@dataclass(frozen=True, slots=True)
class _Change:
    keep: int
    put: int
    unchanged_since: int | None


def _store(
    tx: Transaction, folder: Folder, change: _Change, row: Sequence[bytes | None], known: Keywords | None
) -> Stored:
    modseq = folder.highest_modseq + 1
    changed, now, failed = array("I"), array("q"), array("I")
    unseen = 0
    limit = modseq if change.unchanged_since is None else change.unchanged_since
    keep, put = change.keep, change.put
    for uid, before, last in zip(unsigned_32(row[0]), signed_64(row[1]), signed_64(row[2]), strict=True):
        if last > limit:
            failed.append(uid)
            continue
        after = before & keep | put
        if after != before:
            changed.append(uid)
            now.append(after)
            unseen += ((before & SEEN) - (after & SEEN)) // SEEN
    if not changed:
        return Stored(folder.highest_modseq, folder.highest_modseq, changed, now, failed, known)
    tx.execute_together(
        [
            (_WRITE, (keep, put, modseq, folder.id, array_literal(changed))),
            (_COUNT, (modseq, unseen, folder.id)),
        ]
    )
    tx.announce(FolderChanged(folder.id, modseq))
    return Stored(folder.highest_modseq, modseq, changed, now, failed, known)
