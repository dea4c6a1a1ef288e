"""SASLprep (RFC 4013): one form for every way of typing the same name or password."""

from __future__ import annotations

import stringprep
from unicodedata import ucd_3_2_0

# RFC 4013 §2.3, the tables of RFC 3454 that must not occur in the result.
_PROHIBITED = (
    stringprep.in_table_c12,  # non-ASCII spaces
    stringprep.in_table_c21_c22,  # control characters
    stringprep.in_table_c3,  # private use
    stringprep.in_table_c4,  # not characters
    stringprep.in_table_c5,  # surrogates
    stringprep.in_table_c6,  # unfit for plain text
    stringprep.in_table_c7,  # unfit for canonical representation
    stringprep.in_table_c8,  # display controls
    stringprep.in_table_c9,  # tags
)


class Prohibited(ValueError):
    """The text has no SASLprep form."""


def saslprep(text: str, *, stored: bool) -> str:
    """`text` as RFC 4013 prepares it; raises Prohibited.

    `stored`: it is about to be kept, so code points unknown to Unicode 3.2 are refused (RFC 3454 §7: their
    normalization might change); in what somebody types to be compared ("query") they may occur.
    """
    if text.isascii() and text.isprintable():
        return text
    mapped = "".join(
        " " if stringprep.in_table_c12(character) else character
        for character in text
        if not stringprep.in_table_b1(character)  # commonly mapped to nothing, the soft hyphen for one
    )
    prepared = ucd_3_2_0.normalize("NFKC", mapped)
    for character in prepared:
        if any(prohibited(character) for prohibited in _PROHIBITED):
            raise Prohibited(f"U+{ord(character):04X} is not allowed")
        if stored and stringprep.in_table_a1(character):
            raise Prohibited(f"U+{ord(character):04X} is newer than Unicode 3.2")
    _check_direction(prepared)
    return prepared


def _check_direction(text: str) -> None:
    """RFC 3454 §6: right-to-left text starts and ends so, and has nothing left-to-right in it."""
    if not any(map(stringprep.in_table_d1, text)):
        return
    if any(map(stringprep.in_table_d2, text)):
        raise Prohibited("left-to-right and right-to-left letters are mixed")
    if not (stringprep.in_table_d1(text[0]) and stringprep.in_table_d1(text[-1])):
        raise Prohibited("right-to-left text must start and end with a right-to-left letter")
