"""Choosing between a block list and an allow list."""

from __future__ import annotations

from shared.access.channel import AccessChanged
from shared.access.read_rules import read_revision
from shared.access.rules.rules import Mode
from shared.database.transaction import Transaction


def read_mode(tx: Transaction) -> Mode:
    """The mode that is chosen now."""
    return Mode(tx.value("SELECT mode FROM access_policy"))


def set_mode(tx: Transaction, mode: Mode) -> None:
    """What may be reached without a rule, by everybody. For one account there is `add_rule(tx, "*", …)`."""
    tx.execute("UPDATE access_policy SET mode = %s, revision = revision + 1", (mode.value,))
    tx.announce(AccessChanged(read_revision(tx)))
