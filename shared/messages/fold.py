"""The folding of text before it is compared: runs of white space are one blank, and case does not matter."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby
from typing import AnyStr

# Normalising takes time by the square of the number of combining marks in a row. No language needs more than a few;
# Unicode's stream-safe format allows 30. Text with more of them is left as it is.
_MARKS_IN_A_ROW = 100
_LONG_RUN = re.compile(rf"[^\x00-\u02ff]{{{_MARKS_IN_A_ROW},}}+")


def one_blank(text: AnyStr) -> AnyStr:
    """`text` with each run of blanks and tabs as one blank.

    Folding a field puts a line end before white space that is there, and programs add some of their own: RFC 5322
    §2.2.3 takes the line end away and leaves a tab or several blanks where the writer had one. ENVELOPE shows its
    texts like this, as Dovecot does, and a search compares like this: put header text and needle through it alike.
    """
    tab, blank, two = (b"\t", b" ", b"  ") if isinstance(text, bytes) else ("\t", " ", "  ")
    text = text.replace(tab, blank)
    octets = -1
    while len(text) != octets:  # each time runs are half as long; ten times as fast as an expression
        octets = len(text)
        text = text.replace(two, blank)
    return text


def fold(text: str) -> str:
    """`text` with differences that a reader would not make removed; put text and needle through it alike.

    Full case folding and compatibility composition (Unicode's NFKC_Casefold but for ignorable characters, which stay):
    half-width katakana become full-width, Arabic presentation forms their letters, ligatures their parts. Composed,
    not decomposed (RFC 5051 would): か must not be found in が, nor a Hangul syllable in another.
    """
    if text.isascii():
        return text.lower()
    if any(_has_endless_marks(run[0]) for run in _LONG_RUN.finditer(text)):
        return text.casefold()
    return _compose(_compose(text).casefold())


def _compose(text: str) -> str:
    return text if unicodedata.is_normalized("NFKC", text) else unicodedata.normalize("NFKC", text)


def _has_endless_marks(run: str) -> bool:
    marks = groupby(run, key=lambda character: unicodedata.combining(character) != 0)
    return any(is_mark and sum(1 for _ in row) >= _MARKS_IN_A_ROW for is_mark, row in marks)
