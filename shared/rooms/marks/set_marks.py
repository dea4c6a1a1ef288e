"""Marking articles of a room for one account.

Only the lock of the account's own marks is taken: a thousand readers who mark at once wait neither for each other nor
for those who post.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

from shared.accounts.errors import AccountNotFound
from shared.database.prepared import Prepared
from shared.database.referred import referring
from shared.database.transaction import Transaction
from shared.folders.packed import array_literal, unsigned_32
from shared.folders.store_flags import Action, Stored
from shared.rooms.channel import MarksChanged
from shared.rooms.errors import RoomNotFound
from shared.rooms.marks.mark import COLUMNS, MARKS_MASK, Marks, is_in, multirange_of, packed
from shared.rooms.marks.mark_changes import merge_old_changes
from shared.rooms.marks.position import parts, position

_LOCK = Prepared(
    """
    SELECT FROM mark WHERE account_id = %(account_id)s::bigint AND folder_id = %(folder_id)s::bigint FOR NO KEY UPDATE
"""
)
_CREATE = """
    INSERT INTO mark (account_id, folder_id) VALUES (%(account_id)s, %(folder_id)s) ON CONFLICT DO NOTHING
"""

_NOW = "".join(
    f""",
           CASE WHEN %(put)s::integer & {bit} <> 0 THEN {name} + uids
                WHEN %(clear)s::integer & {bit} <> 0 THEN {name} - uids ELSE {name} END AS {name}"""
    for name, bit in COLUMNS
)
_DIFFERENT = " + ".join(
    f"""
           CASE WHEN %(put)s::integer & {bit} <> 0 THEN uids - {name}
                WHEN %(clear)s::integer & {bit} <> 0 THEN uids * {name} ELSE '{{}}' END"""
    for name, bit in COLUMNS
)
_NAMES = ", ".join(name for name, _ in COLUMNS)

# A statement of its own, behind the lock: it sees what was committed before. The folder's modseq is read here, too, so
# that it is never older than that of the mark before.
_MARK = """
    WITH asked AS (
        SELECT mark.modseq, folder.highest_modseq AS folder_modseq, {names}, known.uids AS known,
               known.uids - {failed} AS uids
        FROM mark JOIN folder ON folder.id = mark.folder_id CROSS JOIN LATERAL (
            SELECT %(uids)s::int4multirange * int4multirange(int4range(1, folder.uidnext)) AS uids
        ) AS known
        WHERE mark.account_id = %(account_id)s::bigint AND mark.folder_id = %(folder_id)s::bigint
    ), changed AS (
        SELECT modseq, folder_modseq, known - uids AS failed, {different} AS uids{now}
        FROM asked
    ), logged AS (
        INSERT INTO mark_change (account_id, folder_id, folder_modseq, modseq, uids)
        SELECT %(account_id)s::bigint, %(folder_id)s::bigint, folder_modseq, modseq + 1, uids
        FROM changed WHERE NOT isempty(uids)
    ), marked AS (
        UPDATE mark SET modseq = changed.modseq + 1, {set}
        FROM changed
        WHERE account_id = %(account_id)s::bigint AND folder_id = %(folder_id)s::bigint AND NOT isempty(changed.uids)
    )
    SELECT folder_modseq, modseq, {packed_uids}, {packed_failed}, {packed_now} FROM changed
"""
_CHANGED_SINCE = """(
    SELECT coalesce(range_agg(uids), '{}') FROM (
        SELECT uids FROM mark_change
        WHERE account_id = %(account_id)s::bigint AND folder_id = %(folder_id)s::bigint AND modseq > %(marked)s::bigint
        UNION ALL
        SELECT int4multirange(int4range(uid, uid + 1)) FROM entry
        WHERE folder_id = %(folder_id)s::bigint AND modseq > %(since)s::bigint AND uid = ANY(%(listed)s::integer[])
    ) AS since
)"""


def _statement(failed: str) -> Prepared:
    return Prepared(
        _MARK.format(
            names=_NAMES,
            failed=failed,
            different=_DIFFERENT,
            now=_NOW,
            set=", ".join(f"{name} = changed.{name}" for name, _ in COLUMNS),
            packed_uids=packed("uids"),
            packed_failed=packed("failed"),
            packed_now=", ".join(packed(f"{name} * uids") for name, _ in COLUMNS),
        )
    )


_ALL = _statement("'{}'")
_UNCHANGED = _statement(_CHANGED_SINCE)


def set_marks(
    tx: Transaction,
    account_id: int,
    folder_id: int,
    uids: Iterable[int],
    action: Action,
    flags: int,
    unchanged_since: int | None = None,
) -> Stored:
    """Add, remove or replace the account's marks of the articles `uids`, as store_flags does with flags.

    `flags` are some of MARKS_MASK. All positions are those of shared/rooms/marks/position.py. Announces
    MarksChanged. Raises RoomNotFound, AccountNotFound.
    """
    named = sorted(set(uids))
    put = 0 if action == "remove" else flags
    clear = {"add": 0, "remove": flags, "replace": MARKS_MASK & ~flags}[action]
    parameters: dict[str, int | str] = {"account_id": account_id, "folder_id": folder_id, "put": put, "clear": clear}
    parameters["uids"] = multirange_of(named)
    statement = _ALL
    if unchanged_since is not None:
        statement = _UNCHANGED
        since, marked = parts(unchanged_since)
        parameters |= {"since": since, "marked": marked, "listed": array_literal(named)}
    _lock(tx, account_id, folder_id)
    row = tx.row(statement, parameters)
    if row is None:
        raise RoomNotFound
    folder_modseq, modseq, changed, failed, *now = row
    return _stored(tx, (account_id, folder_id), named, (folder_modseq, modseq), changed, failed, now)


def _lock(tx: Transaction, account_id: int, folder_id: int) -> None:
    key = {"account_id": account_id, "folder_id": folder_id}
    if tx.row(_LOCK, key) is None:
        with referring(AccountNotFound):
            if not tx.value("SELECT EXISTS (SELECT FROM room WHERE folder_id = %s)", (folder_id,)):
                raise RoomNotFound
            tx.execute(_CREATE, key)
        tx.execute(_LOCK, key)


def _stored(
    tx: Transaction,
    key: tuple[int, int],
    named: Sequence[int],
    before: tuple[int, int],
    changed: bytes | None,
    failed: bytes | None,
    now: Sequence[bytes | None],
) -> Stored:
    """What was done, in the words of store_flags."""
    folder_modseq, modseq = before
    ranges, failed_ranges = unsigned_32(changed), unsigned_32(failed)
    uids = array("I", [uid for uid in named if is_in(ranges, uid)])
    not_done = array("I", [uid for uid in named if is_in(failed_ranges, uid)])
    previous = reached = position(folder_modseq, modseq)
    if uids:
        reached = position(folder_modseq, modseq + 1)
        merge_old_changes(tx, *key, modseq + 1)
        tx.announce(MarksChanged(*key, modseq + 1))
    return Stored(previous, reached, uids, Marks.read(now).flags_of(uids), not_done, None)
