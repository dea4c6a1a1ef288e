"""The rules about senders, as an operator looks at them and as a process reads them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from shared.access.rules.rules import RuleKind
from shared.database.transaction import Transaction
from shared.senders.rule_name import sender_rule_name
from shared.senders.rules import SenderRules


class SenderRuleLine(NamedTuple):
    """One rule."""

    name: str
    kind: RuleKind
    made_at: datetime


def list_sender_rules(tx: Transaction, beginning: str = "", most: int | None = None) -> Sequence[SenderRuleLine]:
    """Those whose names begin so, by name; `most` None: all."""
    rows = tx.rows(
        "SELECT name, kind, made_at FROM sender_rule WHERE starts_with(name, %s) ORDER BY name LIMIT %s",
        (beginning, most),
    )
    return [SenderRuleLine(name, RuleKind(kind), made_at) for name, kind, made_at in rows]


def kind_of(tx: Transaction, text: str) -> RuleKind | None:
    """What the rule about exactly this says; None if there is none. Raises SenderRuleUnusable."""
    kind = tx.value("SELECT kind FROM sender_rule WHERE name = %s", (sender_rule_name(text),))
    return None if kind is None else RuleKind(kind)


def read_sender_revision(tx: Transaction) -> int:
    """The number that grows with every change of a rule."""
    revision: int = tx.value("SELECT revision FROM sender_rule_revision")
    return revision


def read_sender_rules(tx: Transaction) -> SenderRules:
    """All of them; they belong to the revision only in a snapshot (Database.read_snapshot)."""
    revision = read_sender_revision(tx)
    return SenderRules({name: RuleKind(kind) for name, kind in tx.rows("SELECT name, kind FROM sender_rule")}, revision)
