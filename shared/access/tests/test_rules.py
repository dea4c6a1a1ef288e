"""The longest rule that covers a host decides."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.access.errors import HostBlocked, HostNotListed
from shared.access.rules.name_set import name_set
from shared.access.rules.rules import REMEMBERED_VERDICTS, Mode, RuleKind, RuleRow, UnknownRules
from shared.database.errors import StoreUnavailable
from shared.errors import DomainError
from shared.reach.errors import HostUnusable
from shared.reach.host_names import canonical_host
from shared.testing.builders import rules_of

ALICE, BOB = 1, 2
ROWS = [
    RuleRow(None, RuleKind.BLOCK, "example.org"),
    RuleRow(None, RuleKind.ALLOW, "good.example.org"),
    RuleRow(None, RuleKind.BLOCK, "bad.good.example.org"),
    RuleRow(None, RuleKind.BLOCK, "both.example"),
    RuleRow(None, RuleKind.ALLOW, "both.example"),
    RuleRow(None, RuleKind.ALLOW, "for-most.example"),
    RuleRow(ALICE, RuleKind.BLOCK, "for-most.example"),
    RuleRow(ALICE, RuleKind.ALLOW, "example.org"),
    RuleRow(None, RuleKind.BLOCK, "xn--mnchen-3ya.example"),
    RuleRow(None, RuleKind.BLOCK, "tld"),
    RuleRow(None, RuleKind.BLOCK, "192.0.2.0/24"),
    RuleRow(None, RuleKind.ALLOW, "192.0.2.7/32"),
    RuleRow(None, RuleKind.BLOCK, "2001:db8::/32"),
    RuleRow(BOB, RuleKind.BLOCK, "*"),
    RuleRow(BOB, RuleKind.ALLOW, "wiki.example"),
]


@pytest.mark.parametrize(
    ("host", "account_id", "expected"),
    [
        ("example.org", None, HostBlocked),
        ("www.example.org", None, HostBlocked),
        ("WWW.Example.ORG.", None, HostBlocked),
        ("notexample.org", None, None),
        ("example.org.uk", None, None),
        ("org", None, None),
        ("good.example.org", None, None),
        ("a.good.example.org", None, None),
        ("bad.good.example.org", None, HostBlocked),
        ("both.example", None, None),
        ("for-most.example", None, None),
        ("for-most.example", ALICE, HostBlocked),
        ("www.example.org", ALICE, None),
        ("bad.good.example.org", ALICE, HostBlocked),
        ("www.example.org", 99, HostBlocked),
        ("münchen.example", None, HostBlocked),
        ("www.MÜNCHEN.example", None, HostBlocked),
        ("www.münchen。example", None, HostBlocked),
        ("any.tld", None, HostBlocked),
        ("192.0.2.1", None, HostBlocked),
        ("192.0.2.7", None, None),
        ("192.0.3.1", None, None),
        ("[::ffff:192.0.2.1]", None, HostBlocked),
        ("[2001:DB8:0::1]", None, HostBlocked),
        ("2001:db9::1", None, None),
        ("anything.example", BOB, HostBlocked),
        ("198.51.100.1", BOB, HostBlocked),
        ("en.wiki.example", BOB, None),
        ("both.example", BOB, None),
        ("with_underscore.example.net", None, None),
        ("", None, HostUnusable),
        (".", None, HostUnusable),
        ("a..b", None, HostUnusable),
        ("a b", None, HostUnusable),
        ("a\nb", None, HostUnusable),
        ("a/b", None, HostUnusable),
        ("*", None, HostUnusable),
        ("x" * 64 + ".example", None, HostUnusable),
        ("x." * 126 + "x", None, None),
        ("x." * 126 + "xx", None, HostUnusable),
        ("0177.0.0.1", None, HostUnusable),
        ("2130706433", None, HostUnusable),
        ("0x7f000001", None, HostUnusable),
        ("127.1", None, HostUnusable),
        ("example.0x7f", None, HostUnusable),
        ("example.org.1", None, HostUnusable),
        ("fe80::1%eth0", None, HostUnusable),
        ("[::1", None, HostUnusable),
        ("[example.org]", None, HostUnusable),
        ("☃" * 300, None, HostUnusable),
    ],
)
def test_who_may_reach_what(host: str, account_id: int | None, expected: type[DomainError] | None) -> None:
    rules = rules_of(ROWS)
    assert rules.refusal(host, account_id) is expected
    assert rules.refusal(host, account_id) is expected  # and as it is remembered


@pytest.mark.parametrize(
    ("host", "expected"),
    [("example.org", HostBlocked), ("good.example.org", None), ("other.example", HostNotListed), ("", HostUnusable)],
)
def test_what_is_not_listed_is_refused_where_only_that_may_be_reached(host: str, expected: object) -> None:
    assert rules_of(ROWS, Mode.LISTED).refusal(host, None) is expected


def test_a_network_is_refused_behind_a_name_as_well() -> None:
    rules = rules_of(ROWS)
    assert rules.refusal("innocent.example", None) is None
    assert rules.address_refusal("192.0.2.1", None) is HostBlocked
    assert rules.address_refusal("::ffff:192.0.2.1", None) is HostBlocked
    assert rules.address_refusal("192.0.2.7", None) is None
    assert rules.address_refusal("198.51.100.1", BOB) is None  # the name was judged already
    assert rules_of([]).address_refusal("192.0.2.1", None) is None


def test_nobody_is_let_through_before_rules_are_known() -> None:
    assert UnknownRules().refusal("example.org", None) is StoreUnavailable
    assert UnknownRules().address_refusal("192.0.2.1", None) is StoreUnavailable


labels = st.sampled_from(["a", "b", "c", "xn--bcher-kva", "a-b"])
names = st.lists(labels, min_size=1, max_size=4).map(".".join)
networks = st.tuples(st.integers(0, 31), st.integers(27, 32)).map(
    lambda pair: str(ip_network(f"192.0.2.{pair[0]}/{pair[1]}", strict=False))
)
scopes = st.sampled_from([None, ALICE])
rows = st.lists(st.builds(RuleRow, scopes, st.sampled_from(RuleKind), names | networks | st.just("*")), max_size=12)


@given(rows, names | st.integers(0, 31).map(lambda number: f"192.0.2.{number}"), scopes, st.sampled_from(Mode))
def test_the_longest_rule_decides_as_in_a_plain_model(
    rows: Sequence[RuleRow], host: str, account_id: int | None, mode: Mode
) -> None:
    def length(name: str) -> int:
        """How much of the host the rule covers, -1 for nothing."""
        if name == "*":
            return 0
        if "/" in name:
            network = ip_network(name)
            return network.prefixlen + 1 if host[0].isdigit() and ip_address(host) in network else -1
        return len(name) if host == name or host.endswith("." + name) else -1

    fitting = [row for row in rows if length(row.name) >= 0 and row.account_id in (None, account_id)]
    expected: type[DomainError] | None = HostNotListed if mode is Mode.LISTED else None
    if fitting:
        best = max(fitting, key=lambda row: (length(row.name), row.account_id is not None, row.kind is RuleKind.ALLOW))
        expected = HostBlocked if best.kind is RuleKind.BLOCK else None
    assert rules_of(rows, mode).refusal(host, account_id) is expected


@given(st.sets(names, max_size=300), names)
def test_a_set_of_names_has_what_is_in_it_and_nothing_else(members: set[str], other: str) -> None:
    made = name_set(members)
    assert len(made) == len(members)
    assert all(name in made for name in members)
    assert (other in made) == (other in members)


@given(st.text())
def test_any_host_gets_an_answer(host: str) -> None:
    rules_of(ROWS).refusal(host, ALICE)
    try:
        once = canonical_host(host)
    except HostUnusable:
        return
    assert canonical_host(once) == once


def test_a_hundred_thousand_rules_take_little_memory() -> None:
    rows = [RuleRow(None, RuleKind.BLOCK, f"tracker-{number}.example.net") for number in range(100_000)]
    tracemalloc.start()
    try:
        rules = rules_of(rows)
        kept_octets, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept_octets < 5_000_000
    assert rules.refusal("www.tracker-77777.example.net", None) is HostBlocked
    assert rules.refusal("tracker-100000.example.net", None) is None
    for number in range(REMEMBERED_VERDICTS + 10):
        rules.refusal(f"{number}.example.org", None)
    assert len(rules._verdicts) <= REMEMBERED_VERDICTS
