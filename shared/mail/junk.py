"""Where junk goes: the folders that mail programs show as such (RFC 6154 §2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.database.transaction import Transaction


def junk_folders(tx: Transaction, account_ids: Sequence[int]) -> Mapping[int, int]:
    """The folder for junk of each of the accounts, by the accounts' numbers; who has deleted it has none."""
    rows = tx.rows(
        "SELECT account_id, id FROM folder WHERE account_id = ANY (%s) AND special_use = '\\Junk' AND selectable",
        (list(account_ids),),
    )
    return dict(rows)
