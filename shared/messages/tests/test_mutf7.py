"""Modified UTF-7 (RFC 3501 §5.1.3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.messages.mutf7 import decode_mutf7, encode_mutf7


@pytest.mark.parametrize(
    ("encoded", "name"),
    [
        (b"INBOX", "INBOX"),
        (b"Tom &- Jerry", "Tom & Jerry"),
        (b"Entw&APw-rfe", "Entwürfe"),
        (b"~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語"),
        (b"&2D3eAA-", "😀"),
    ],
)
def test_examples(encoded: bytes, name: str) -> None:
    assert decode_mutf7(encoded) == name
    assert encode_mutf7(name) == encoded


@pytest.mark.parametrize("encoded", [b"&", b"&AA", b"&AAA-", b"&!!-", b"\xc3\xbc", b"a\x00b", b"&2D0-", b"&AAo-"])
def test_what_means_no_text_is_refused(encoded: bytes) -> None:
    with pytest.raises(ValueError, match=r"mailbox name|& "):
        decode_mutf7(encoded)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_every_name_comes_back(name: str) -> None:
    assert decode_mutf7(encode_mutf7(name)) == name
