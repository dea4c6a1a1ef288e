"""Removing a rule about senders."""

from __future__ import annotations

from shared.database.transaction import Transaction
from shared.senders.channel import SenderRulesChanged
from shared.senders.errors import SenderRuleNotFound
from shared.senders.rule_name import sender_rule_name


def remove_sender_rule(tx: Transaction, text: str) -> None:
    """Raises SenderRuleUnusable, SenderRuleNotFound."""
    name = sender_rule_name(text)
    if not tx.execute("DELETE FROM sender_rule WHERE name = %s", (name,)):
        raise SenderRuleNotFound(name)
    tx.announce(SenderRulesChanged())
