"""The domains that mail is kept for."""

from __future__ import annotations

from collections.abc import Sequence

from shared.database.transaction import Transaction


def list_domains(tx: Transaction) -> Sequence[str]:
    """All domains that mail is kept for, by name."""
    return [name for (name,) in tx.rows('SELECT name FROM domain ORDER BY name COLLATE "C"')]
