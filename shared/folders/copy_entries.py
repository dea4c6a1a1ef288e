"""Copying entries into a folder: the same messages under new numbers."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.folders.channel import FolderChanged
from shared.folders.errors import FolderNotFound, QuotaExceeded
from shared.folders.flags import SYSTEM_MASK
from shared.folders.folder import Folder, FolderId
from shared.folders.keywords import keywords_of_each, moved_bits
from shared.folders.lock import lock_folders, selectable
from shared.folders.packed import array_literal, unsigned_32
from shared.folders.quota import octets_left

_COPY = """
    WITH chosen AS MATERIALIZED (
        SELECT uid, message_id, flags, size_octets, row_number() OVER (ORDER BY uid)::integer - 1 AS place
        FROM entry WHERE folder_id = %(source)s::bigint {which}
    ), copied AS (
        INSERT INTO entry (folder_id, message_id, flags, modseq, uid, size_octets)
        SELECT %(target)s::bigint, message_id, {flags}, %(modseq)s::bigint, %(uidnext)s::integer + place, size_octets
        FROM chosen
    )
    SELECT string_agg(int4send(uid), '' ORDER BY uid), count(*)::integer,
           (count(*) FILTER (WHERE flags & 8 = 0))::integer, coalesce(sum(size_octets), 0)::bigint
    FROM chosen
"""
_NAMED = "AND uid = ANY(%(uids)s::integer[])"
_COPY_AS_THEY_ARE = Prepared(_COPY.format(which=_NAMED, flags="flags"))  # nearly always
_GROW = Prepared(
    "UPDATE folder SET uidnext = %s, highest_modseq = %s, messages = %s, unseen = %s, octets = %s WHERE id = %s"
)
_USED_FLAGS = "SELECT coalesce(bit_or(flags), 0) FROM entry WHERE folder_id = %(source)s {which}"


@dataclass(frozen=True, slots=True)
class Copied:
    """The entries that were copied (RFC 4315 §3 COPYUID): `uids[n]` of the source is `new_uids[n]` of the target."""

    uidvalidity: int
    uids: array[int]  # 'I', ascending
    new_uids: array[int]  # 'I', ascending


def copy_entries(tx: Transaction, source_id: int, target_id: int, uids: Iterable[int]) -> Copied:
    """Copy the entries `uids` with their flags and keywords, in the order of their UIDs, all or none.

    UIDs that are not there are passed over. Raises FolderNotFound, FolderNotSelectable, QuotaExceeded, and
    TooManyKeywords when the target cannot hold theirs.
    """
    source, target = lock_both(tx, source_id, target_id)
    copied, grown = add_from(tx, source, target, array_literal(uids))
    check_quota(tx, grown, copied)
    return copied


def lock_both(tx: Transaction, source_id: int, target_id: int) -> tuple[Folder, Folder]:
    """Lock two folders that take messages. Raises FolderNotFound, FolderNotSelectable."""
    folders = lock_folders(tx, {source_id, target_id})
    for folder_id in (source_id, target_id):
        if folder_id not in folders:
            raise FolderNotFound
        selectable(folders[FolderId(folder_id)])
    return folders[FolderId(source_id)], folders[FolderId(target_id)]


def check_quota(tx: Transaction, target: Folder, copied: Copied) -> None:
    """Raises QuotaExceeded when the target's owner has more than it may; what was written is then rolled back."""
    if copied.uids and target.account_id is not None:
        left = octets_left(tx, [target.account_id])
        if left.get(target.account_id, 0) < 0:
            raise QuotaExceeded


def add_from(tx: Transaction, source: Folder, target: Folder, uids: str | None) -> tuple[Copied, Folder]:
    """Copy entries (all for None) between two locked folders; returns the target as it is then, too."""
    modseq = target.highest_modseq + 1
    which = "" if uids is None else _NAMED
    parameters: dict[str, Any] = {"source": source.id, "target": target.id, "uids": uids}
    parameters |= {"modseq": modseq, "uidnext": target.uidnext}
    moved = _moved_bits(tx, source, target, which, parameters)
    statement: str | Prepared = _COPY_AS_THEY_ARE
    if moved is not None or uids is None:
        flags, bits = ("flags", {}) if moved is None else _remapped(moved)
        statement = _COPY.format(which=which, flags=flags)
        parameters |= bits
    row = tx.row(statement, parameters)
    assert row is not None  # aggregates without GROUP BY give one row
    packed, messages, unseen, octets = row
    if not messages:
        return Copied(target.uidvalidity, array("I"), array("I")), target
    grown = target._replace(
        uidnext=target.uidnext + messages,
        highest_modseq=modseq,
        messages=target.messages + messages,
        unseen=target.unseen + unseen,
        octets=target.octets + octets,
    )
    tx.execute(_GROW, (grown.uidnext, modseq, grown.messages, grown.unseen, grown.octets, grown.id))
    new_uids = array("I", range(target.uidnext, grown.uidnext))
    tx.announce(FolderChanged(target.id, modseq))
    return Copied(target.uidvalidity, unsigned_32(packed), new_uids), grown


def _moved_bits(
    tx: Transaction, source: Folder, target: Folder, which: str, parameters: Mapping[str, Any]
) -> Mapping[int, int] | None:
    """Which keyword bits of the entries are others in the target; None where flags may be copied as they are."""
    if source.id == target.id:
        return None
    known = keywords_of_each(tx, (source.id, target.id))
    names, target_names = known[source.id], known[target.id]
    if names.items() <= target_names.items():
        return None
    used: int = tx.value(_USED_FLAGS.format(which=which), parameters)
    return moved_bits(tx, target.id, names, target_names, used)


def _remapped(moved: Mapping[int, int]) -> tuple[str, Mapping[str, int]]:
    """An SQL expression for the flags in the target, and its parameters."""
    terms = [f"flags & {SYSTEM_MASK}"]
    parameters: dict[str, int] = {}
    for bit, new_bit in moved.items():
        parameters |= {f"from{bit}": bit, f"to{bit}": new_bit}
        terms.append(f"((flags >> %(from{bit})s) & 1) << %(to{bit})s")
    return " | ".join(f"({term})" for term in terms), parameters
