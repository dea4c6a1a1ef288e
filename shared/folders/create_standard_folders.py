"""The folders that every account gets when it is made."""

from __future__ import annotations

from shared.database.transaction import Transaction
from shared.folders.name import INBOX

STANDARD_FOLDERS: tuple[tuple[str, str | None], ...] = (  # name, special use (RFC 6154 §2)
    (INBOX, None),
    ("Sent", "\\Sent"),
    ("Drafts", "\\Drafts"),
    ("Junk", "\\Junk"),
    ("Trash", "\\Trash"),
    ("Archive", "\\Archive"),
)

_CREATE = """
    INSERT INTO folder (account_id, name, special_use)
    SELECT account_id, name, CASE WHEN NOT EXISTS (
        SELECT FROM folder WHERE folder.account_id = standard.account_id AND folder.special_use = standard.special_use
    ) THEN special_use END
    FROM (
        SELECT %s::bigint AS account_id, * FROM unnest(%s::text[], %s::text[]) AS each (name, special_use)
    ) AS standard
    ON CONFLICT (account_id, name) DO NOTHING
"""
_SUBSCRIBE = "INSERT INTO subscription (account_id, name) SELECT %s, unnest(%s::text[]) ON CONFLICT DO NOTHING"


def create_standard_folders(tx: Transaction, account_id: int) -> None:
    """Make those of the standard folders that are missing, and subscribe to all of them.

    A special use that another folder has stays with that one.
    """
    names = [name for name, _ in STANDARD_FOLDERS]
    uses = [use for _, use in STANDARD_FOLDERS]
    tx.execute(_CREATE, (account_id, names, uses))
    tx.execute(_SUBSCRIBE, (account_id, names))
