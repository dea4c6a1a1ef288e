"""Blocking or allowing one domain, network, or everything."""

from __future__ import annotations

from shared.access.channel import AccessChanged
from shared.access.read_rules import read_revision
from shared.access.rules.rule_name import rule_name
from shared.access.rules.rules import RuleKind
from shared.database.transaction import Transaction


def add_rule(tx: Transaction, text: str, kind: RuleKind, account_id: int | None = None) -> None:
    """For one account, or everybody. A rule made by hand that says the opposite goes; those of lists stay.

    Raises RuleUnusable.
    """
    name = rule_name(text)
    tx.execute(
        "DELETE FROM access_rule WHERE name = %s AND list = '' AND kind <> %s AND account_id IS NOT DISTINCT FROM %s",
        (name, kind.value, account_id),
    )
    tx.execute(
        "INSERT INTO access_rule (name, kind, account_id) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        (name, kind.value, account_id),
    )
    tx.announce(AccessChanged(read_revision(tx)))
