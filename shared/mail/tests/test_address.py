"""Reading addresses: what is the same, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.mail.address import Address, domain_name, parse_address
from shared.mail.errors import BadAddress


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("alice@example.org", Address("alice", "example.org", "alice", "")),
        ("Alice@EXAMPLE.org.", Address("alice", "example.org", "alice", "")),
        ('"alice"@example.org', Address("alice", "example.org", "alice", "")),
        (r'"al\ice x"@example.org', Address("alice x", "example.org", "alice x", "")),
        ('"a@b"@example.org', Address("a@b", "example.org", "a@b", "")),
        ("alice+Lists/Tea@example.org", Address("alice+lists/tea", "example.org", "alice", "Lists/Tea")),
        ("alice+a+b@example.org", Address("alice+a+b", "example.org", "alice", "a+b")),
        ("alice+@example.org", Address("alice+", "example.org", "alice", "")),
        ("+x@example.org", Address("+x", "example.org", "+x", "")),
        ("alice@bücher.example", Address("alice", "xn--bcher-kva.example", "alice", "")),
        ("用户@例子.测试", Address("用户", "xn--fsqu00a.xn--0zwm56d", "用户", "")),
        ("alice@[127.0.0.1]", Address("alice", "[127.0.0.1]", "alice", "")),
        ("alice@[ipv6:2001:DB8:0::1]", Address("alice", "[IPv6:2001:db8::1]", "alice", "")),
        ("alice.@example.org", Address("alice.", "example.org", "alice.", "")),
        ("a" * 512 + "@example.org", Address("a" * 512, "example.org", "a" * 512, "")),
        ("Postmaster", Address("postmaster", "here.example", "postmaster", "")),
    ],
)
def test_addresses(text: str, address: Address) -> None:
    assert parse_address(text, "here.example") == address


@pytest.mark.parametrize(
    "text",
    ["", "@", "alice", "@example.org", "alice@", "alice@.", "a" * 513 + "@example.org", "a b@example.org",
     "alice@" + "a." * 128 + "org",
     "alice@exa mple.org", "alice@-x.org", "alice@[300.1.1.1]", "alice@[", "al\0ice@example.org", "alice@x..y",
     "alice@\ud800.org", "\ud800@example.org"],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(BadAddress):
        parse_address(text, "here.example")


def test_only_postmaster_needs_no_domain() -> None:
    with pytest.raises(BadAddress):
        parse_address("postmaster")
    with pytest.raises(BadAddress):
        parse_address("abuse", "here.example")


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        address = parse_address(text, "here.example")
    except BadAddress:
        return
    assert address.local_part == address.local_part.lower()
    assert domain_name(address.domain) == address.domain
