r"""The messages that no session was told of yet: IMAP's \Recent (RFC 3501 §2.3.2).

If a crash loses what is written here, a message is \Recent for a second session, which does no harm: so these commits
do not wait for the disk.
"""

from __future__ import annotations

from shared.database.referred import referring
from shared.database.transaction import Transaction
from shared.folders.errors import FolderNotFound
from shared.folders.folder import COLUMNS, Folder, folder_and_rest

_CLAIM = """
    SET LOCAL synchronous_commit TO off;
    INSERT INTO recent (folder_id) VALUES (%(folder_id)s) ON CONFLICT DO NOTHING;
    UPDATE recent SET told_below = %(uidnext)s
    FROM (SELECT folder_id, told_below FROM recent WHERE folder_id = %(folder_id)s FOR UPDATE) AS before
    WHERE recent.folder_id = before.folder_id AND before.told_below < %(uidnext)s
    RETURNING before.told_below
"""
# One statement, so that there are never more messages recent than there are.
_WITH_RECENT = f"""
    SELECT {COLUMNS}, (
        SELECT count(*) FROM entry WHERE folder_id = folder.id
            AND uid >= coalesce((SELECT told_below FROM recent WHERE folder_id = folder.id), 1)
    ) FROM folder WHERE id = %s
"""


def told_below(tx: Transaction, folder_id: int) -> int:
    """The first UID that no session was told of as its own news."""
    found: int | None = tx.value("SELECT told_below FROM recent WHERE folder_id = %s", (folder_id,))
    return 1 if found is None else found


def claim_recent(tx: Transaction, folder_id: int, uidnext: int) -> int:
    """Claim all messages below `uidnext` that nobody has: they are the returned UID and those above it.

    Raises FolderNotFound.
    """
    with referring(FolderNotFound):
        first: int | None = tx.value(_CLAIM, {"folder_id": folder_id, "uidnext": uidnext})
    return uidnext if first is None else first


def with_recent(tx: Transaction, folder: Folder) -> tuple[Folder, int]:
    """The folder as it is now, and how many of its messages no session was told of; as it was, and 0, if it is gone."""
    row = tx.row(_WITH_RECENT, (folder.id,))
    if row is None:
        return folder, 0
    now, (recent,) = folder_and_rest(row)
    return now, recent
