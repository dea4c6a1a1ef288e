"""Lists of mailboxes that every reader understands alike, and others."""

from __future__ import annotations

import pytest

from shared.messages.address import AddressPatience
from shared.messages.mailbox_list import is_mailbox_list
from shared.testing.fastest import processor_seconds

LISTS = [
    b"",
    b"ann@example.org",
    b"<ann@example.org>",
    b"Ann Example <ann@example.org>",
    b'"Example, Ann" <ann@example.org>',
    b"Ann (at (my) home) E. <ann (x) @ example.org> (\\))",
    b"Ann [work] <ann@[192.0.2.1]>",
    b"=?utf-8?q?=C3=A4?= \xc3\xa4 <ann@example.org>",
    b'"two@example.org" <ann@example.org>',
    b'"a b"@example.org',
    b"ann@example.org, bob@example.org,",
    b"<@example.net,@example.com:ann@example.org>",
    b"friends: ann@example.org, Bob <bob@example.org>;",
    b"nobody:;, ann@example.org",
]
NO_LISTS = [
    b"<ann@example.org> <bob@example.org>",
    b"ann@example.org <bob@example.org>",
    b"<bob@example.org> ann@example.org",
    b"ann@example.org bob@example.org",
    b"ann@example.org; bob@example.org",
    b"ann@example.org>bob@example.org",
    b"<ann@example.org> Ann",
    b"<ann@example.org",
    b"<<ann@example.org>>",
    b"ann@example.org@example.net",
    b"ann@example.org (<bob@example.org>",
    b'ann@example.org "<bob@example.org>',
    b'ann@example.org"bob@example.org"',
    b"ann@example.org <>",
    b"ann",
    b"Ann Example",
    b"group: ann@example.org",
    b"ann@example.org\\,bob@example.org",
    b"ann@example.org\x00",
    b"Ann: a friend <ann@example.org>",
]


@pytest.mark.parametrize("value", LISTS)
def test_the_grammar_is_taken(value: bytes) -> None:
    assert is_mailbox_list(value, AddressPatience())


@pytest.mark.parametrize("value", NO_LISTS)
def test_what_can_be_read_in_two_ways_is_no_list(value: bytes) -> None:
    assert not is_mailbox_list(value, AddressPatience())


@pytest.mark.parametrize(
    "unit", [b"a ", b"a,", b"a@b,", b"(", b"()", b"(()", b"<", b"a:", b'"', b"a:;,", b"[", b"\\", b"@a,", b"a<b@c>,"]
)
def test_time_is_bounded_whatever_comes(unit: bytes) -> None:
    for value in (unit * 500_000, b"<" + unit * 500_000):
        assert processor_seconds(lambda value=value: is_mailbox_list(value, AddressPatience())) < 0.5  # type: ignore[misc]
