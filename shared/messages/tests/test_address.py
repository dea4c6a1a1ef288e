"""Address lists, as RFC 5322 has them and as people send them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.messages.address import (
    MISSING_DOMAIN,
    MISSING_MAILBOX,
    Address,
    AddressPatience,
    read_addresses,
    render_addresses,
)

END: Address = (None, None, None, None)


def rendered(value: bytes | None, most_octets: int = 65_536) -> bytes:
    return render_addresses(value, most_octets, AddressPatience())


def one(mailbox: bytes, host: bytes, name: bytes | None = None, route: bytes | None = None) -> Address:
    return name, route, mailbox, host


def group(name: bytes) -> Address:
    return None, None, name, None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"a@b", [one(b"a", b"b")]),
        (b"<a@b>", [one(b"a", b"b")]),
        (b"A B <a@b>", [one(b"a", b"b", b"A B")]),
        (b"A  B\t C <a@b>", [one(b"a", b"b", b"A B C")]),
        (b'"A, B" <a@b>, c@d', [one(b"a", b"b", b"A, B"), one(b"c", b"d")]),
        (b'"A \\"B\\" \\\\C" <a@b>', [one(b"a", b"b", b'A "B" \\C')]),
        (b"John Q. Public <a@b>", [one(b"a", b"b", b"John Q. Public")]),
        (b"a@b (A Person)", [one(b"a", b"b", b"A Person")]),
        (b"a@b (A (nested) \\( one)", [one(b"a", b"b", b"A (nested) ( one")]),
        (b"N <a@b> (not the name)", [one(b"a", b"b", b"N")]),
        (b"<a@b> (not the name)", [one(b"a", b"b")]),
        (b"(before) a@b", [one(b"a", b"b")]),
        (b"a (x) b <c@d>", [one(b"c", b"d", b"a b")]),
        (b"a . b @ c . d", [one(b"a.b", b"c.d")]),
        (b'"a b"@c', [one(b"a b", b"c")]),
        (b'a."b".c@d', [one(b"a.b.c", b"d")]),
        (b"<@r1,@r2:a@b>", [one(b"a", b"b", None, b"@r1,@r2")]),
        (b"x@[192.0.2.1], y@[IPv6:::1]", [one(b"x", b"[192.0.2.1]"), one(b"y", b"[IPv6:::1]")]),
        (b"=?utf-8?q?=C3=A9?= <a@b>", [one(b"a", b"b", b"=?utf-8?q?=C3=A9?=")]),
        (b"\xc3\xa9 <\xc3\xa9@b>", [one(b"\xc3\xa9", b"b", b"\xc3\xa9")]),
        (b"G: a@b, N <c@d>;", [group(b"G"), one(b"a", b"b"), one(b"c", b"d", b"N"), END]),
        (b"G:;, a@b", [group(b"G"), END, one(b"a", b"b")]),
        (b"undisclosed-recipients:", [group(b"undisclosed-recipients"), END]),
        (b"A B: a@b; C: c@d;", [group(b"A B"), one(b"a", b"b"), END, group(b"C"), one(b"c", b"d"), END]),
        # Broken ones: what can be read is read.
        (b"", []),
        (b" , ,, ", []),
        (b"(only a comment)", []),
        (b";", []),
        (b"local", [one(b"local", MISSING_DOMAIN)]),
        (b"two words", [one(MISSING_MAILBOX, MISSING_DOMAIN, b"two words")]),
        (b"<>", [one(MISSING_MAILBOX, MISSING_DOMAIN)]),
        (b"@b", [one(MISSING_MAILBOX, b"b")]),
        (b"a@", [one(b"a", MISSING_DOMAIN)]),
        (b"<a@b", [one(b"a", b"b")]),
        (b"<a@b, c@d", [one(b"a", b"b"), one(b"c", b"d")]),
        (b"<a@b> trailing, c@d", [one(b"a", b"b"), one(b"c", b"d")]),
        (b"a@b <a@b>", [one(b"a", b"b", b"a@b")]),
        (b"a b@c", [one(b"b", b"c", b"a")]),
        (b"a@b c@d", [one(b"a", b"b")]),
        (b'"unclosed <a@b>', [one(b"a", b"b", b"unclosed")]),
        (b"(unclosed a@b", []),
        (b"a@b; c@d", [one(b"a", b"b"), one(b"c", b"d")]),
    ],
)
def test_addresses_are_read(value: bytes, expected: list[Address]) -> None:
    assert read_addresses(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, b"NIL"),
        (b"", b"NIL"),
        (b",", b"NIL"),
        (b"a@b", b'((NIL NIL "a" "b"))'),
        (b'"A" <a@b>,B <c@d>', b'(("A" NIL "a" "b")("B" NIL "c" "d"))'),
        (b"a@b\n c@d", b'((NIL NIL "a" "b")(NIL NIL "c" "d"))'),
        (b"a@b, G:;", b'((NIL NIL "a" "b")(NIL NIL "G" NIL)(NIL NIL NIL NIL))'),
        (b'"a\\"b" <c@d>', b'(("a\\"b" NIL "c" "d"))'),
        (b"\xe9 <a@b>", b'(({1}\r\n\xe9 NIL "a" "b"))'),
    ],
)
def test_addresses_are_rendered(value: bytes | None, expected: bytes) -> None:
    assert rendered(value) == expected


NAMES = st.sampled_from([b"", b"A", b"A B", b"J. Q.", b'"A, B"', b'"a;b:c" ', b"(c) ", b"=?utf-8?q?x?= "])
ADDRESSES = st.sampled_from([b"a@b", b"<a@b>", b"<a.b+c@d-e.f>", b"a-b@c.d", b" <x_y@z>", b"x"])


@settings(deadline=None)
@given(st.lists(st.builds(bytes.__add__, NAMES, ADDRESSES), max_size=5))
def test_short_cut_for_ordinary_addresses_reads_them_alike(addresses: list[bytes]) -> None:
    ordinary = rendered(b", ".join(addresses))
    assert ordinary == rendered(b"()" + b", ".join(addresses))  # a comment takes the long way


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_octets_are_read(value: bytes) -> None:
    for name, route, mailbox, host in read_addresses(value):
        assert (mailbox is None) <= (host is None and name is None and route is None)


@settings(deadline=None)
@given(st.text(alphabet='ab@<>,:;()[]"\\. ', max_size=25))
def test_any_mixture_of_signs_is_read(value: str) -> None:
    depth = 0
    for address in read_addresses(value.encode()):
        depth += (address[2] is not None and address[3] is None) - (address == END)
        assert depth in (0, 1)
    assert depth == 0


def test_list_is_cut_where_it_becomes_an_attack() -> None:
    assert rendered(b"a@b," * 100_000).count(b"(NIL") == (65_536 - 19) // len(b'(NIL NIL "a" "b")')
    assert len(rendered(b"@," * 100_000)) < 65_536


def test_list_ends_with_a_whole_address() -> None:
    assert rendered(b"alice@example.org, bob@example.org" + b" " * 200, 75) == b'((NIL NIL "alice" "example.org"))'


def test_group_that_is_cut_is_closed() -> None:
    cut = rendered(b"friends: " + b"someone@example.org, " * 100 + b";", 1000)
    assert cut.startswith(b'((NIL NIL "friends" NIL)(NIL NIL "someone" "example.org")')
    assert cut.endswith(b'(NIL NIL "someone" "example.org")(NIL NIL NIL NIL))')
    assert len(cut) <= 1000


@pytest.mark.parametrize("unusual", [b",", b"(", b"(a)", b"<[", b"@", b'"\\"', b"a. ", b"\xe9 <a@b>,"])
def test_unusual_lists_are_read_as_long_as_there_is_patience(unusual: bytes) -> None:
    """A token takes a microsecond: of 64 KiB of commas that would be as many milliseconds on the reactor."""
    patience = AddressPatience()
    patience.tokens = 100
    read_addresses(b"first@example.org, \xe9" + unusual * 1000, patience)
    assert patience.tokens == 0
    assert read_addresses(b"a@b", patience) == []
