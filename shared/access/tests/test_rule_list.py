"""Lists of domains are read in the formats they are published in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.access.errors import RuleUnusable
from shared.access.rules.rule_list import read_rule_list
from shared.access.rules.rule_name import rule_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("example.org", "example.org"),
        ("Example.ORG.", "example.org"),
        ("*.example.org", "example.org"),
        (".example.org", "example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("org", "org"),
        ("*", "*"),
        ("192.0.2.7", "192.0.2.7/32"),
        ("192.0.2.7/24", "192.0.2.0/24"),
        ("2001:DB8::", "2001:db8::/128"),
        ("[2001:db8::1]", "2001:db8::1/128"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("0.0.0.0/0", "0.0.0.0/0"),
    ],
)
def test_a_rules_name_has_one_spelling(text: str, name: str) -> None:
    assert rule_name(text) == name
    assert rule_name(name) == name


@pytest.mark.parametrize(
    "text", ["", ".", "**", "a b", "*.*.example", "ex*mple.org", "192.0.2.0/33", "0177.1", "a/b", "http://x"]
)
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(RuleUnusable):
        rule_name(text)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("", []),
        ("  \n", []),
        ("# comment", []),
        ("! comment", []),
        ("[Adblock Plus 2.0]", []),
        ("ads.example.org\r\n", ["ads.example.org"]),
        ("\ufeffads.example.org", ["ads.example.org"]),
        ("ads.example.org # why", ["ads.example.org"]),
        ("0.0.0.0 ads.example.org", ["ads.example.org"]),
        ("127.0.0.1\tads.example.org  tracker.example.org # both", ["ads.example.org", "tracker.example.org"]),
        ("::1 localhost", []),
        ("fe80::1%lo0 localhost", []),
        ("255.255.255.255 broadcasthost", []),
        ("0.0.0.0 0.0.0.0", []),
        ("192.0.2.0/24", ["192.0.2.0/24"]),
        ("192.0.2.9", ["192.0.2.9/32"]),
        ("2001:db8::/32", ["2001:db8::/32"]),
        ("address=/ads.example.org/0.0.0.0", ["ads.example.org"]),
        ("local=/ads.example.org/", ["ads.example.org"]),
        ("||ads.example.org^", ["ads.example.org"]),
        ("||ads.example.org^$third-party", [None]),
        ("@@||good.example.org^", [None]),
        ("example.org##.banner", [None]),
        ("what is this", [None]),
    ],
)
def test_a_line_is_about_these(line: str, names: list[str | None]) -> None:
    assert [name for _, _, name in read_rule_list([line])] == names


def test_lines_are_numbered_so_that_they_can_be_found() -> None:
    read = list(read_rule_list(["# list", "a.example", "?", "0.0.0.0 b.example c_.example é.example"]))
    assert read == [
        (2, "a.example", "a.example"),
        (3, "?", None),
        (4, "b.example", "b.example"),
        (4, "c_.example", "c_.example"),
        (4, "é.example", "xn--9ca.example"),
    ]


@given(st.lists(st.text()))
def test_anything_can_be_read(lines: list[str]) -> None:
    for _, _, name in read_rule_list(lines):
        assert name is None or rule_name(name) == name
