"""SASLprep's table of examples (RFC 4013 §3), and what it must never let through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.accounts.saslprep import Prohibited, saslprep


@pytest.mark.parametrize(
    ("typed", "prepared"),
    [
        ("I\u00adX", "IX"),  # SOFT HYPHEN mapped to nothing
        ("user", "user"),  # no transformation
        ("USER", "USER"),  # case preserved, will not match the line before
        ("\u00aa", "a"),  # output is NFKC, input in ISO 8859-1
        ("\u2168", "IX"),  # output is NFKC, will match the first line
        ("p\u00e4ss\u3000word", "p\u00e4ss word"),  # a non-ASCII space becomes a space
        ("\u0627\u0628", "\u0627\u0628"),
        ("", ""),
    ],
)
def test_prepared(typed: str, prepared: str) -> None:
    assert saslprep(typed, stored=True) == prepared


@pytest.mark.parametrize(
    "typed", ["\u0007", "\u06271", "a\u0627", "\0", "\ue000", "\ufffd", "a\u202eb", "\n", "\u0340\u2028"]
)
def test_prohibited(typed: str) -> None:
    with pytest.raises(Prohibited):
        saslprep(typed, stored=False)


def test_newer_letters_may_be_typed_but_not_stored() -> None:
    assert saslprep("\U0001f375", stored=False) == "\U0001f375"
    with pytest.raises(Prohibited):
        saslprep("\U0001f375", stored=True)


@given(st.text())
def test_preparing_twice_changes_nothing(text: str) -> None:
    try:
        once = saslprep(text, stored=True)
    except Prohibited:
        return
    assert saslprep(once, stored=True) == once
