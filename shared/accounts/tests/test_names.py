"""Account names and what people type to sign in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.accounts.errors import UnusableName
from shared.accounts.names import SignInName, check_account_name, parse_sign_in_name


@pytest.mark.parametrize("name", ["alice", "Alice", "a", "7", "a.b-c_d", "x" * 64])
def test_usable(name: str) -> None:
    assert check_account_name(name) == name.lower()


@pytest.mark.parametrize(
    "name", ["", ".a", "a.", "a..b", "a+b", "a b", "a@b", "älice", "a/b", "a\n", "x" * 65, "-a", "\u212a"]
)
def test_unusable(name: str) -> None:
    with pytest.raises(UnusableName):
        check_account_name(name)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("alice", SignInName("alice")),
        (" Alice ", SignInName("alice")),
        ("ALICE@Example.ORG", SignInName("alice", "example.org")),
        ("alice@", None),
        ("@example.org", None),
        ("", None),
        ("al\0ice", None),
        ("x" * 321, None),
        ("alice@bücher.example", SignInName("alice", "xn--bcher-kva.example")),
    ],
)
def test_typed(typed: str, meant: SignInName | None) -> None:
    assert parse_sign_in_name(typed) == meant


@given(st.text())
def test_any_text_is_a_name_or_none(typed: str) -> None:
    meant = parse_sign_in_name(typed)
    assert meant is None or (meant.account and "\0" not in meant.account)
