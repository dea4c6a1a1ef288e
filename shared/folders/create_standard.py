"""The folders that every account is born with."""

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
    SELECT %s, name, special_use FROM unnest(%s::text[], %s::text[]) AS standard (name, special_use)
    ON CONFLICT (account_id, name) DO NOTHING
"""
_SUBSCRIBE = "INSERT INTO subscription (account_id, name) SELECT %s, unnest(%s::text[]) ON CONFLICT DO NOTHING"


def create_standard_folders(tx: Transaction, account_id: int) -> None:
    """Make those of the standard folders that are missing, and subscribe to all of them."""
    names = [name for name, _ in STANDARD_FOLDERS]
    uses = [use for _, use in STANDARD_FOLDERS]
    tx.execute(_CREATE, (account_id, names, uses))
    tx.execute(_SUBSCRIBE, (account_id, names))
