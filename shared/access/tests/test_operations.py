"""Rules, limits and their revision in the store."""

from __future__ import annotations

from datetime import date

import pytest

from shared.access.errors import HostBlocked, HostNotListed, LimitNotFound, RuleListNotFound, RuleNotFound, RuleUnusable
from shared.access.limits.account_access import AccountAccess
from shared.access.limits.list_limits import LimitLine, list_limits
from shared.access.limits.set_limits import clear_limits, set_limits
from shared.access.read_rules import read_access, read_revision
from shared.access.rules.add_rule import add_rule
from shared.access.rules.import_rules import import_rules
from shared.access.rules.list_rules import RuleLine, RuleListLine, list_rule_lists, list_rules
from shared.access.rules.name_set import PIECE
from shared.access.rules.remove_rule import remove_rule, remove_rule_list
from shared.access.rules.rules import Mode, RuleKind
from shared.access.rules.set_mode import set_mode
from shared.access.summary import Summary, summarize
from shared.accounts.delete_account import delete_account
from shared.database.transaction import Transaction
from shared.testing.builders import an_account


def test_rules_are_those_of_the_store(transaction: Transaction) -> None:
    alice = an_account(transaction, "alice")
    add_rule(transaction, "Example.ORG", RuleKind.BLOCK)
    add_rule(transaction, "good.example.org", RuleKind.ALLOW)
    add_rule(transaction, "example.org", RuleKind.ALLOW, alice.id)
    add_rule(transaction, "192.0.2.0/24", RuleKind.BLOCK)
    rules = read_access(transaction).rules
    assert len(rules) == 4
    assert rules.mode is Mode.OPEN
    assert rules.refusal("www.example.org", None) is HostBlocked
    assert rules.refusal("good.example.org", None) is None
    assert rules.refusal("www.example.org", alice.id) is None
    assert rules.refusal("192.0.2.77", alice.id) is HostBlocked
    assert list_rules(transaction) == [
        RuleLine("192.0.2.0/24", RuleKind.BLOCK, None),
        RuleLine("example.org", RuleKind.BLOCK, None),
        RuleLine("good.example.org", RuleKind.ALLOW, None),
        RuleLine("example.org", RuleKind.ALLOW, "alice"),
    ]


def test_the_last_word_counts_among_rules_made_by_hand(transaction: Transaction) -> None:
    add_rule(transaction, "example.org", RuleKind.ALLOW)
    add_rule(transaction, "example.org", RuleKind.BLOCK)
    add_rule(transaction, "example.org", RuleKind.BLOCK)
    assert list_rules(transaction) == [RuleLine("example.org", RuleKind.BLOCK, None)]


def test_every_change_has_a_new_revision(transaction: Transaction) -> None:
    alice = an_account(transaction, "alice")
    before = read_revision(transaction)
    for change in (
        lambda: add_rule(transaction, "example.org", RuleKind.BLOCK, alice.id),
        lambda: remove_rule(transaction, "example.org", alice.id),
        lambda: import_rules(transaction, ["example.org"], RuleKind.BLOCK, "ads"),
        lambda: remove_rule_list(transaction, "ads"),
        lambda: set_mode(transaction, Mode.LISTED),
        lambda: set_limits(transaction, alice.id, {"burst": 3}),
        lambda: clear_limits(transaction, alice.id),
    ):
        transaction.commit()
        change()
        (event,) = transaction.commit()
        assert event.revision > before
        assert read_access(transaction).rules.revision == event.revision == read_revision(transaction)
        before = event.revision


def test_an_accounts_rules_and_limits_go_with_it_and_that_is_news(transaction: Transaction) -> None:
    alice = an_account(transaction, "alice")
    add_rule(transaction, "*", RuleKind.BLOCK, alice.id)
    set_limits(transaction, alice.id, {"burst": 3})
    before = read_revision(transaction)
    delete_account(transaction, alice.id)
    assert read_revision(transaction) > before
    access = read_access(transaction)
    assert (len(access.rules), access.accounts) == (0, {})


def test_only_what_is_listed_may_be_reached_where_the_mode_says_so(transaction: Transaction) -> None:
    add_rule(transaction, "example.org", RuleKind.ALLOW)
    set_mode(transaction, Mode.LISTED)
    rules = read_access(transaction).rules
    assert rules.refusal("www.example.org", None) is None
    assert rules.refusal("example.net", None) is HostNotListed


def test_a_large_list_is_taken_over_whole_and_in_place_of_the_one_before(transaction: Transaction) -> None:
    count = 100_000
    add_rule(transaction, "7.example.org", RuleKind.ALLOW)
    names = [f"{number}.example.org" for number in range(count)]
    import_rules(transaction, [*names, names[0]], RuleKind.BLOCK, "ads")
    rules = read_access(transaction).rules
    assert len(rules) == count + 1
    for number in (0, 1, 9, PIECE, 4_711, count - 1):
        assert rules.refusal(f"www.{number}.example.org", None) is HostBlocked
    assert rules.refusal("7.example.org", None) is None
    assert rules.refusal(f"{count}.example.org", None) is None
    assert list_rule_lists(transaction) == [RuleListLine("ads", RuleKind.BLOCK, None, count)]
    import_rules(transaction, ["example.net"], RuleKind.BLOCK, "ads")
    assert list_rules(transaction, "ads") == [RuleLine("example.net", RuleKind.BLOCK, None)]
    remove_rule_list(transaction, "ads")
    assert list_rules(transaction) == [RuleLine("7.example.org", RuleKind.ALLOW, None)]


def test_a_list_may_be_one_accounts_and_lists_may_overlap(transaction: Transaction) -> None:
    alice = an_account(transaction, "alice")
    import_rules(transaction, ["a.example", "b.example", "192.0.2.0/24"], RuleKind.BLOCK, "one")
    import_rules(transaction, ["b.example"], RuleKind.BLOCK, "two")
    import_rules(transaction, ["b.example"], RuleKind.ALLOW, "hers", alice.id)
    rules = read_access(transaction).rules
    assert len(rules) == 4
    assert rules.refusal("b.example", None) is HostBlocked
    assert rules.refusal("b.example", alice.id) is None
    assert [line.list for line in list_rule_lists(transaction)] == ["hers", "one", "two"]


def test_what_is_not_there_cannot_be_removed(transaction: Transaction) -> None:
    add_rule(transaction, "example.org", RuleKind.BLOCK)
    with pytest.raises(RuleNotFound):
        remove_rule(transaction, "www.example.org")
    with pytest.raises(RuleUnusable):
        remove_rule(transaction, "?")
    with pytest.raises(RuleListNotFound):
        remove_rule_list(transaction, "")
    with pytest.raises(RuleListNotFound):
        import_rules(transaction, [], RuleKind.BLOCK, "")
    with pytest.raises(LimitNotFound):
        clear_limits(transaction, None)
    assert len(list_rules(transaction)) == 1


def test_an_account_has_everybodys_limits_where_it_has_none_of_its_own(transaction: Transaction) -> None:
    alice = an_account(transaction, "alice")
    set_limits(transaction, None, {"requests_per_second": 2.5, "octets_per_day": 1000, "connections": 10})
    set_limits(transaction, alice.id, {"octets_per_day": None, "requests_per_second": None, "burst": None})
    set_limits(transaction, alice.id, {"counts_words": False, "connections": 3})
    everybody = AccountAccess(requests_per_second=2.5, octets_per_day=1000, connections=10)
    hers = AccountAccess(connections=3, counts_words=False)
    access = read_access(transaction)
    assert access.everybody == everybody
    assert access.accounts == {alice.id: hers}
    assert list_limits(transaction) == [LimitLine(None, everybody), LimitLine("alice", hers)]
    clear_limits(transaction, alice.id)
    assert read_access(transaction).accounts == {}


def test_the_summary_counts_what_there_is(transaction: Transaction) -> None:
    alice = an_account(transaction, "alice")
    today = date(2026, 3, 1)
    assert summarize(transaction, today) == Summary(Mode.OPEN, 1, 0, 0, 0, 0, 0, 0, 0, 0)
    add_rule(transaction, "example.org", RuleKind.BLOCK)
    import_rules(transaction, ["a.example", "b.example"], RuleKind.BLOCK, "ads")
    set_limits(transaction, None, {"burst": 1})
    set_limits(transaction, alice.id, {"burst": 1})
    for account_id in (0, alice.id):
        transaction.execute("INSERT INTO usage_of_account VALUES (%s, %s, 2, 3, 4)", (today, account_id))
    summary = summarize(transaction, today)
    assert (summary.rules, summary.listed_rules, summary.lists) == (1, 2, 1)
    assert (summary.limited_accounts, summary.accounts) == (1, 1)
    assert (summary.requests, summary.octets_in, summary.octets_out) == (4, 6, 8)
