"""Keeping those messages of a folder that are not in it yet, so that an import may be run again.

A message is the same when its octets are: it is looked for by size, then by SHA-256. Of a message that the source has
twice, the folder gets two.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.folders.append import Append, AppendTarget, append_entries
from shared.folders.errors import BadKeyword
from shared.folders.flags import check_keyword
from shared.folders.lock import lock_folder
from shared.folders.message import NewMessage
from shared.folders.packed import array_literal

_NEW = "SELECT uid, size_octets, message_id FROM entry WHERE folder_id = %s AND uid >= %s ORDER BY uid"
_DIGESTS = """
    SELECT sha256(coalesce((SELECT string_agg(octets, ''::bytea ORDER BY chunk) FROM body WHERE message_id = wanted.id),
                           ''::bytea))
    FROM unnest(%s::bigint[]) AS wanted (id)
"""


class NewItem(NamedTuple):
    """A message that shall be in the folder, with the SHA-256 of its octets."""

    message: NewMessage
    digest: bytes
    flags: int
    keywords: Sequence[str]


class KnownMessages:
    """What a run of an import knows of one folder."""

    def __init__(self, folder_id: int) -> None:
        self.folder_id = folder_id
        self.next_uid = 1  # from here on entries have not been looked at
        self.by_size: dict[int, list[int]] = {}  # messages whose digests nobody needed yet
        self.copies: Counter[bytes] = Counter()  # in the folder
        self.met: Counter[bytes] = Counter()  # in the source, up to now


def keep_missing(tx: Transaction, known: KnownMessages, items: Sequence[NewItem]) -> Sequence[DomainError | bool]:
    """For each item, in order, whether it is new and was kept, or why it could not be kept.

    Entries that others add meanwhile count, too. Raises FolderNotFound, FolderNotSelectable.
    """
    lock_folder(tx, known.folder_id)
    _look_at_new_entries(tx, known, {len(item.message.octets) for item in items})
    missing: list[int] = []
    for place, item in enumerate(items):
        known.met[item.digest] += 1
        if known.copies[item.digest] < known.met[item.digest]:
            known.copies[item.digest] += 1
            missing.append(place)
    results: list[DomainError | bool] = [False] * len(items)
    appends = [_append(known.folder_id, items[place]) for place in missing]
    for place, outcome in zip(missing, append_entries(tx, appends) if appends else (), strict=True):
        if isinstance(outcome, DomainError):
            known.copies[items[place].digest] -= 1
            results[place] = outcome
            continue
        results[place] = True
        for kept in outcome.places:
            if not isinstance(kept, DomainError):
                known.next_uid = max(known.next_uid, kept.uid + 1)
    return results


def _look_at_new_entries(tx: Transaction, known: KnownMessages, sizes: set[int]) -> None:
    for uid, size_octets, message_id in tx.rows(_NEW, (known.folder_id, known.next_uid)):
        known.by_size.setdefault(size_octets, []).append(message_id)
        known.next_uid = uid + 1
    wanted = [message_id for size in sizes for message_id in known.by_size.pop(size, ())]
    if wanted:
        known.copies.update(bytes(digest) for (digest,) in tx.rows(_DIGESTS, (array_literal(wanted),)))


def _append(folder_id: int, item: NewItem) -> Append:
    return Append(item.message, [AppendTarget(folder_id, item.flags, [*filter(_is_keyword, item.keywords)])])


def _is_keyword(name: str) -> bool:
    try:
        check_keyword(name)
    except BadKeyword:
        return False
    return True


def digest_of(octets: bytes) -> bytes:
    """By which messages are compared."""
    return hashlib.sha256(octets).digest()
