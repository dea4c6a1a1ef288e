"""Which rule decides about a sender and the address that it came from."""

from __future__ import annotations

import pytest

from shared.access.rules.rules import RuleKind
from shared.mail.mailbox import Mailbox, parse_mailbox
from shared.senders.errors import SenderRuleUnusable
from shared.senders.rule_name import names_domain, sender_rule_name
from shared.senders.rules import SenderRules

NULL = Mailbox("", "")
HOST = "192.0.2.7"


def rules_of(text: str) -> SenderRules:
    """Of names, with a `+` before those that are allowed."""
    kinds = {
        sender_rule_name(name.removeprefix("+")): RuleKind.ALLOW if name.startswith("+") else RuleKind.BLOCK
        for name in text.split()
    }
    made = SenderRules(kinds)
    assert len(made) == len(kinds)
    return made


def blocking(rules: str, sender: str, host: str = HOST) -> str:
    made = rules_of(rules)
    mailbox = parse_mailbox(sender) if sender else NULL
    first = made.blocking(mailbox, host)
    assert made.blocking(mailbox, host) == first  # from the cache
    return first


@pytest.mark.parametrize(
    ("rules", "sender", "rule"),
    [
        ("", "a@x.test", ""),
        ("spam@x.test", "spam@x.test", "spam@x.test"),
        ("spam@x.test", "Spam@X.TEST", "spam@x.test"),
        ("spam@x.test", "spam+1=2@x.test", "spam@x.test"),
        ("spam@x.test", "ham@x.test", ""),
        ("@x.test", "ham@x.test", "@x.test"),
        ("@x.test", "ham@mail.x.test", "@x.test"),
        ("@x.test", "ham@max.test", ""),
        ("@bücher.test", "ham@xn--bcher-kva.test", "@xn--bcher-kva.test"),
        ("@x.test +ham@x.test", "ham@x.test", ""),
        ("+@x.test spam@x.test", "spam@x.test", "spam@x.test"),
        ("+@x.test @mail.x.test", "ham@mail.x.test", "@mail.x.test"),
        ("@x.test +@mail.x.test", "ham@mail.x.test", ""),
        ("@[192.0.2.9]", "ham@[192.0.2.9]", "@[192.0.2.9]"),
        ("192.0.2.0/24", "ham@x.test", "192.0.2.0/24"),
        ("192.0.2.7", "ham@x.test", "192.0.2.7/32"),
        ("192.0.2.0/24 +192.0.2.7", "ham@x.test", ""),
        ("+192.0.2.0/24 192.0.2.7", "ham@x.test", "192.0.2.7/32"),
        ("192.0.2.8", "ham@x.test", ""),
        ("192.0.2.0/24 +@x.test", "ham@x.test", ""),
        ("+192.0.2.0/24 @x.test", "ham@x.test", ""),
        ("192.0.2.0/24 @x.test", "ham@x.test", "@x.test"),
        ("192.0.2.0/24", "", "192.0.2.0/24"),
        ("@x.test", "", ""),
    ],
)
def test_the_longest_rule_decides_and_what_is_allowed_goes_before_what_is_blocked(
    rules: str, sender: str, rule: str
) -> None:
    assert blocking(rules, sender) == rule


@pytest.mark.parametrize(
    ("rules", "sender", "allowed"),
    [
        ("", "a@x.test", []),
        ("@x.test", "a@x.test", []),
        ("+@x.test", "a@mail.x.test", ["@x.test"]),
        ("+@x.test a@x.test", "a@x.test", []),
        ("+192.0.2.0/24", "", ["192.0.2.0/24"]),
        ("+192.0.2.0/24 192.0.2.7", "a@x.test", []),
        ("+192.0.2.7 +@x.test", "a@x.test", ["@x.test", "192.0.2.7/32"]),
        ("192.0.2.7 +@x.test", "a@x.test", ["@x.test"]),
    ],
)
def test_the_longest_rule_allows_the_sender_and_the_network_apart(rules: str, sender: str, allowed: list[str]) -> None:
    assert rules_of(rules).allowing(parse_mailbox(sender) if sender else NULL, HOST) == allowed


@pytest.mark.parametrize(
    ("name", "domain", "named"),
    [
        ("@x.test", "x.test", True),
        ("@x.test", "mail.x.test", True),
        ("@x.test", "max.test", False),
        ("a@x.test", "x.test", True),
        ("a@x.test", "mail.x.test", False),
        ("@x.test", "", False),
    ],
)
def test_a_rule_is_about_its_domain_and_those_below(name: str, domain: str, named: bool) -> None:
    assert names_domain(name, domain) is named


@pytest.mark.parametrize("host", ["2001:db8::7", "2001:db8::7%eth0"])
def test_a_network_of_ipv6_is_blocked(host: str) -> None:
    assert blocking("2001:db8::/32", "a@x.test", host) == "2001:db8::/32"


def test_an_ipv4_address_that_came_as_ipv6_is_that_address() -> None:
    assert blocking("192.0.2.0/24", "a@x.test", "::ffff:192.0.2.7") == "192.0.2.0/24"


def test_a_client_at_a_socket_is_in_no_network() -> None:
    assert blocking("0.0.0.0/0 ::/0", "a@x.test", "/run/agora/lmtp.socket") == ""


@pytest.mark.parametrize("text", ["", "@", "x.test", "*", "a b@x.test", "192.0.2.0/33", "@x..test", "a@"])
def test_what_is_neither_address_nor_domain_nor_network_is_no_rule(text: str) -> None:
    with pytest.raises(SenderRuleUnusable):
        sender_rule_name(text)
