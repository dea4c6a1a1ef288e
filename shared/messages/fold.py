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

    Programs that fold a field often put a tab or several blanks where its writer had one blank, and unfolding (RFC 5322
    §2.2.3) leaves them there. ENVELOPE shows its texts with one blank, as Dovecot does. A search compares texts with
    one blank: call this for the header's text and for the text that is looked for.
    """
    tab, blank, two = (b"\t", b" ", b"  ") if isinstance(text, bytes) else ("\t", " ", "  ")
    text = text.replace(tab, blank)
    octets = -1
    while len(text) != octets:  # each time runs are half as long; ten times as fast as an expression
        octets = len(text)
        text = text.replace(two, blank)
    return text


def fold(text: str) -> str:
    """`text` without differences that a reader does not see; call this for the text and for what is looked for in it.

    Full case folding and compatibility composition: Unicode's NFKC_Casefold, except that ignorable characters stay.
    Half-width katakana become full-width, Arabic presentation forms their letters, ligatures their parts. The result is
    composed, where RFC 5051 decomposes: か must not be found in が, nor a Hangul syllable in another.
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
