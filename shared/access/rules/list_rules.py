"""The rules, as an operator looks at them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shared.access.rules.rules import RuleKind
from shared.database.transaction import Transaction


class RuleLine(NamedTuple):
    """One rule; `account` None: for everybody."""

    name: str
    kind: RuleKind
    account: str | None


class RuleAbout(NamedTuple):
    """What one rule says; `list` is empty for a rule made by hand."""

    kind: RuleKind
    list: str


class RuleListLine(NamedTuple):
    """One imported list."""

    list: str
    kind: RuleKind
    account: str | None
    rules: int


def list_rules(tx: Transaction, name_of_list: str = "") -> Sequence[RuleLine]:
    """The rules of a list, or those made by hand: everybody's first, then by name."""
    rows = tx.rows(
        "SELECT rule.name, kind, account.name FROM access_rule AS rule LEFT JOIN account ON account.id = account_id"
        ' WHERE list = %s ORDER BY account.name COLLATE "C" NULLS FIRST, rule.name, kind',
        (name_of_list,),
    )
    return [RuleLine(name, RuleKind(kind), account) for name, kind, account in rows]


def rules_about(tx: Transaction, name: str, account_id: int | None) -> Sequence[RuleAbout]:
    """All rules of exactly this name, as `rule_name()` spells it, of one account or of everybody; by hand first."""
    rows = tx.rows(
        "SELECT kind, list FROM access_rule WHERE name = %s AND account_id IS NOT DISTINCT FROM %s"
        ' ORDER BY list COLLATE "C", kind',
        (name, account_id),
    )
    return [RuleAbout(RuleKind(kind), name_of_list) for kind, name_of_list in rows]


def list_rule_lists(tx: Transaction) -> Sequence[RuleListLine]:
    """The imported lists, by name."""
    rows = tx.rows(
        "SELECT list, kind, account.name, count(*) FROM access_rule LEFT JOIN account ON account.id = account_id"
        " WHERE list <> '' GROUP BY list, kind, account.name ORDER BY list COLLATE \"C\", kind, account.name"
    )
    return [RuleListLine(name, RuleKind(kind), account, count) for name, kind, account, count in rows]
