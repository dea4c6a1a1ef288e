"""Runs of white space are one blank: in what ENVELOPE shows, and where text is compared."""

from __future__ import annotations

import pytest

from shared.messages.fold import one_blank
from shared.messages.render import render


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("zur Sitzung", "zur Sitzung"),
        ("zur\tSitzung", "zur Sitzung"),
        ("zur  \t Sitzung\tam  ", "zur Sitzung am "),
        ("one line\n\tand  another", "one line\n and another"),  # line ends are left alone: a line for each field
        ("no-break\u00a0 \u00a0blanks", "no-break\u00a0 \u00a0blanks"),
    ],
)
def test_run_of_white_space_is_one_blank(text: str, expected: str) -> None:
    assert one_blank(text) == expected
    assert one_blank(text.encode()) == expected.encode()


@pytest.mark.parametrize("fold", [b"\r\n\t", b"\r\n ", b"\r\n \t ", b"\n\t", b" \r\n ", b"\r\n \r\n\t"])
def test_envelope_shows_one_blank_where_the_subject_was_folded(fold: bytes) -> None:
    octets = b"Subject: Einladung zur" + fold + b"Sitzung\r\n\r\n"
    assert b'"Einladung zur Sitzung"' in render(octets).envelope
