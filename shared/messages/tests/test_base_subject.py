"""Base subjects (RFC 5256 §2.1)."""

from __future__ import annotations

import pytest

from shared.messages.base_subject import base_subject
from shared.testing.fastest import processor_seconds


@pytest.mark.parametrize(
    ("subject", "base", "is_reply"),
    [
        ("wool", "wool", False),
        ("Re: wool", "wool", True),
        ("RE: re:Re : wool", "wool", True),
        ("Fwd: wool", "wool", True),
        ("fw: wool", "wool", True),
        ("wool (fwd)", "wool", True),
        ("Re: wool (fwd) (FWD) ", "wool", True),
        ("[Fwd: wool]", "wool", True),
        ("Re: [fwd: Re: wool]", "wool", True),
        ("[knitting] wool", "wool", False),
        ("Re: [knitting] wool", "wool", True),
        ("[knitting] Re: wool", "wool", True),
        ("[a] [b] Re[2]: wool", "wool", True),
        ("[only a name]", "[only a name]", False),
        ("Re:", "", True),
        ("", "", False),
        ("  two   words\t here ", "two words here", False),
        ("Report: wool", "Report: wool", False),
        ("Re wool", "Re wool", False),
        ("[unclosed wool", "[unclosed wool", False),
    ],
)
def test_prefixes_and_trailers_are_left_out(subject: str, base: str, is_reply: bool) -> None:
    assert base_subject(subject) == (base, is_reply)


@pytest.mark.parametrize("piece", ["[a]", "Re:", "(fwd)", "[fwd:", "[", "re ", "Re[", "[a] Re:"])
def test_a_subject_made_to_be_slow_is_not(piece: str) -> None:
    for subject in (piece * 100_000, piece * 100_000 + "]" * 1_000):
        assert processor_seconds(lambda subject=subject: base_subject(subject)) < 0.2  # type: ignore[misc]
