"""The rules about senders: from whom no mail is taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shared.access.rules.rules import RuleKind
from shared.database.transaction import Transaction
from shared.senders.add_rule import add_sender_rule
from shared.senders.list_rules import SenderRuleLine, kind_of, list_sender_rules
from shared.senders.remove_rule import remove_sender_rule
from shared.senders.rule_name import sender_rule_name


class SenderRuleChange(NamedTuple):
    """What a rule is about, as it is kept, and what the rule about the same said before; None: there was none."""

    name: str
    before: RuleKind | None


def list_all(tx: Transaction) -> Sequence[SenderRuleLine]:
    """All rules, by name."""
    return list_sender_rules(tx)


def add(tx: Transaction, what: str, kind: RuleKind) -> SenderRuleChange:
    """Block or allow an address, `@` and a domain, or a network. Raises SenderRuleUnusable."""
    change = SenderRuleChange(sender_rule_name(what), kind_of(tx, what))
    add_sender_rule(tx, what, kind)
    return change


def remove(tx: Transaction, what: str) -> SenderRuleChange:
    """Raises SenderRuleUnusable, SenderRuleNotFound."""
    change = SenderRuleChange(sender_rule_name(what), kind_of(tx, what))
    remove_sender_rule(tx, what)
    return change
