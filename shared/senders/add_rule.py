"""Blocking or allowing a sender, a domain or a network."""

from __future__ import annotations

from shared.access.rules.rules import RuleKind
from shared.database.transaction import Transaction
from shared.senders.channel import SenderRulesChanged
from shared.senders.rule_name import sender_rule_name


def add_sender_rule(tx: Transaction, text: str, kind: RuleKind) -> None:
    """A rule about the same that says the opposite is replaced. Raises SenderRuleUnusable."""
    tx.execute(
        "INSERT INTO sender_rule (name, kind) VALUES (%s, %s)"
        " ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, made_at = now()"
        " WHERE sender_rule.kind <> excluded.kind",
        (sender_rule_name(text), kind.value),
    )
    tx.announce(SenderRulesChanged())
