"""Removing rules."""

from __future__ import annotations

from shared.access.channel import AccessChanged
from shared.access.errors import RuleListNotFound, RuleNotFound
from shared.access.read_rules import read_revision
from shared.access.rules.rule_name import rule_name
from shared.database.transaction import Transaction


def remove_rule(tx: Transaction, text: str, account_id: int | None = None) -> None:
    """The rules about this, of one account or of everybody; a list's come back when it is imported again.

    Raises RuleUnusable, RuleNotFound.
    """
    removed = tx.execute(
        "DELETE FROM access_rule WHERE name = %s AND account_id IS NOT DISTINCT FROM %s", (rule_name(text), account_id)
    )
    if not removed:
        raise RuleNotFound(text)
    tx.announce(AccessChanged(read_revision(tx)))


def remove_rule_list(tx: Transaction, name: str) -> None:
    """All that was imported as `name`. Raises RuleListNotFound."""
    if not name or not tx.execute("DELETE FROM access_rule WHERE list = %s", (name,)):
        raise RuleListNotFound(name)
    tx.announce(AccessChanged(read_revision(tx)))
