"""An address has one spelling, and says what is connected to and asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reach.fetch_errors import AddressUnusable
from shared.reach.web_address import LONGEST_ADDRESS, parse_web_address


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://Example.ORG", "http://example.org/"),
        (" HTTPS://example.org:443/a ", "https://example.org/a"),
        ("http://example.org:8080/a?b=c&d#e", "http://example.org:8080/a?b=c&d"),
        ("http://bücher.example/ä ö?q=ü|%C3%A4", "http://xn--bcher-kva.example/%C3%A4%20%C3%B6?q=%C3%BC%7C%C3%A4"),
        ("http://[2001:DB8::1]:81/", "http://[2001:db8::1]:81/"),
        ("http://example.org?a", "http://example.org/?a"),
        ("http://ex\r\nample.org/a\tb", "http://example.org/ab"),
    ],
)
def test_it_is_put_in_its_one_spelling(text: str, url: str) -> None:
    address = parse_web_address(text)
    assert address.url == url
    assert parse_web_address(url) == address


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "/",
            "example.org",
            "ftp://example.org/",
            "javascript:alert(1)",
            "http://",
            "http:///a",
            "http:example.org",
        ),
        *("http://:80/", "http://a:b/", "http://a:0/", "http://a:65536/", "http://[::1", "http://u:p@example.org/"),
        *("http://a b/", "http://127.1/", "http://1.1.1.1 &@2.2.2.2/", "http://a\\@b/", "http://a/\ud800"),
        "http://example.org/" + "x" * LONGEST_ADDRESS,
        "http://example.org/" + "ä" * (LONGEST_ADDRESS // 2),
    ],
)
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(AddressUnusable):
        parse_web_address(text)


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("b", "http://example.org:81/x/b"),
        ("/b?c", "http://example.org:81/b?c"),
        ("?c", "http://example.org:81/x/a?c"),
        ("//other.example/b", "http://other.example/b"),
        ("https://other.example", "https://other.example/"),
        ("../../b", "http://example.org:81/b"),
    ],
)
def test_it_may_be_seen_from_another_document(location: str, url: str) -> None:
    assert parse_web_address(location, parse_web_address("http://example.org:81/x/a?q")).url == url


@given(st.text())
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for whole in (text, "http://" + text, "http://a.example/" + text):
        try:
            address = parse_web_address(whole)
        except AddressUnusable:
            continue
        assert address.url.isascii()
        assert not any(each.isspace() or not each.isprintable() for each in address.url)
        assert parse_web_address(address.url) == address
