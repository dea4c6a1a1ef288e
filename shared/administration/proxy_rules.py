"""The proxy's rules: what may be reached through it, by everybody or by one account."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from shared.access.rules import add_rule, import_rules, remove_rule, set_mode
from shared.access.rules.list_rules import RuleAbout, RuleLine, RuleListLine, list_rule_lists, list_rules, rules_about
from shared.access.rules.rule_list import read_rule_list
from shared.access.rules.rule_name import rule_name
from shared.access.rules.rules import Mode, RuleKind
from shared.accounts.find_account import find_account
from shared.database.transaction import Transaction


class RulesShown(NamedTuple):
    """Single rules, and imported lists."""

    rules: Sequence[RuleLine]
    lists: Sequence[RuleListLine]


class RuleChange(NamedTuple):
    """What a rule is about, as it is kept, and the rules about the same that there were before."""

    name: str
    before: Sequence[RuleAbout]


class RuleFile(NamedTuple):
    """What a published list has: the names of its rules, and lines that are none, with their numbers."""

    names: Collection[str]
    unread: Sequence[tuple[int, str]]


def list_all(tx: Transaction, name_of_list: str | None = None) -> RulesShown:
    """The rules made by hand, and the imported lists; or the rules of one list."""
    if name_of_list:
        return RulesShown(list_rules(tx, name_of_list), ())
    return RulesShown(list_rules(tx), list_rule_lists(tx))


def add(tx: Transaction, what: str, kind: RuleKind, account: str | None = None) -> RuleChange:
    """For the account of that name, or everybody. Raises RuleUnusable, AccountNotFound."""
    account_id, change = _before(tx, what, account)
    add_rule.add_rule(tx, what, kind, account_id)
    return change


def remove(tx: Transaction, what: str, account: str | None = None) -> RuleChange:
    """Raises RuleUnusable, AccountNotFound, RuleNotFound."""
    account_id, change = _before(tx, what, account)
    remove_rule.remove_rule(tx, what, account_id)
    return change


def remove_list(tx: Transaction, name_of_list: str) -> Sequence[RuleListLine]:
    """What the list had. Raises RuleListNotFound."""
    before = _lists_called(tx, name_of_list)
    remove_rule.remove_rule_list(tx, name_of_list)
    return before


def read_file(lines: Iterable[str]) -> RuleFile:
    """Read a list in one of the formats that lists are published in, before it is imported."""
    names: set[str] = set()
    unread: list[tuple[int, str]] = []
    for number, text, name in read_rule_list(lines):
        if name is None:
            unread.append((number, text))
        else:
            names.add(name)
    return RuleFile(names, unread)


def import_list(
    tx: Transaction, names: Collection[str], kind: RuleKind, name_of_list: str, account: str | None = None
) -> Sequence[RuleListLine]:
    """Have the list consist of exactly `names`; returns what it had. Raises AccountNotFound, RuleListNotFound."""
    before = _lists_called(tx, name_of_list)
    account_id = None if account is None else find_account(tx, account).id
    import_rules.import_rules(tx, names, kind, name_of_list, account_id)
    return before


def choose_mode(tx: Transaction, mode: Mode) -> Mode:
    """What may be reached without a rule, by everybody; returns the mode that was chosen before."""
    before = set_mode.read_mode(tx)
    set_mode.set_mode(tx, mode)
    return before


def _before(tx: Transaction, what: str, account: str | None) -> tuple[int | None, RuleChange]:
    name = rule_name(what)
    account_id = None if account is None else find_account(tx, account).id
    return account_id, RuleChange(name, rules_about(tx, name, account_id))


def _lists_called(tx: Transaction, name_of_list: str) -> Sequence[RuleListLine]:
    return [line for line in list_rule_lists(tx) if line.list == name_of_list]
