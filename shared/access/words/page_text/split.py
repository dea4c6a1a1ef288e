"""Text to words, and how often each occurs.

A word is 2 to 40 letters, digits and combining marks in a row, at least one of them a letter; apostrophes inside belong
to it, hyphens divide. Case and presentation forms do not matter (shared/messages/fold.py). An English `'s` and the
elided article of French and Italian (`l'`, `d'`, `dell'`) do not count. Chinese and Japanese set no spaces: a run of
Han and hiragana counts as its overlapping pairs, as in search engines, but for pairs of hiragana alone, which are
grammar; a run of katakana is one word. Thai, Lao and Khmer count phrase by phrase, as they are spaced.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from shared.access.words.page_text.stop_words import CJK_STOP_CHARACTERS, CJK_STOP_PAIRS
from shared.messages.fold import fold

SHORTEST, LONGEST = 2, 40  # characters; what is longer is an address or a key
MOST_WORDS = 3000  # different ones of one page; a book's chapter has about 2,500
_LONGEST_RUN = 512  # characters without a space; what is longer is cut, wherever pieces end

_HIRAGANA = "\u3041-\u309f"
_KATAKANA = "\u30a0-\u30fa\u30fc-\u30ff"
_HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_IGNORED = re.compile("[\u00ad\u200b\u2060\ufeff]")  # soft hyphen, zero-width space, word joiner, byte order mark
_RUN_ENDS = (" ", "\n", "\t", "\r", "\u3000", "\u3001", "\u3002", "\uff0c")  # ideographic space, comma, full stop
_ASCII_WORD = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)*")
_PAIRED = re.compile(f"[{_HAN}{_HIRAGANA}]")
_ELIDED = frozenset(
    ("c", "d", "j", "l", "m", "n", "s", "t", "qu", "jusqu", "all", "dall", "dell", "nell", "sull", "un", "quest")
)


def _letters_and_marks() -> str:
    """The class of characters that words of spaced scripts are made of, as ranges.

    `re` knows letters and digits but not combining marks, without which no word of Hindi holds together. Of the basic
    plane only: the others have historic scripts, and symbols.
    """
    ranges: list[list[int]] = []
    unspaced = re.compile(f"[{_HAN}{_HIRAGANA}{_KATAKANA}]")
    for number in range(0x10000):
        character = chr(number)
        if not (character.isalnum() or unicodedata.category(character)[0] == "M" or character in "\u200c\u200d"):
            continue
        if unspaced.match(character):
            continue
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return "".join(f"\\u{first:04x}-\\u{last:04x}" for first, last in ranges)


_LETTERS = _letters_and_marks()
_WORD = re.compile(f"[{_LETTERS}]+(?:'[{_LETTERS}]+)*|[{_HAN}{_HIRAGANA}]+|[{_KATAKANA}]+")


class WordCount:
    """The words of one page's text, which comes in pieces; a word may be spread over them."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self._kept = ""

    def feed(self, text: str, final: bool = False) -> None:
        """Count the words of the next piece; with `final`, no more will come."""
        text = self._kept + text
        end = len(text) if final else _end_of_runs(text)
        self._kept = text[end:]
        if end:
            self._count(text[:end])

    def _count(self, text: str) -> None:
        counts = self.counts
        for found, times in Counter(_words_in(text)).items():
            if (word := found) in counts or (word := _bare(found)) in counts:
                counts[word] += times
            elif len(counts) < MOST_WORDS and _is_word(word):
                counts[word] = times


def _end_of_runs(text: str) -> int:
    """Up to where `text` can be counted: to the last space, or so that runs are cut every _LONGEST_RUN."""
    begun = 1 + max(text.rfind(end) for end in _RUN_ENDS)
    return begun + (len(text) - begun) // _LONGEST_RUN * _LONGEST_RUN


def _words_in(text: str) -> Iterator[str]:
    if text.isascii():
        yield from _ASCII_WORD.findall(text.lower())
        return
    folded = fold(_IGNORED.sub("", text)).replace("\u2019", "'")
    for found in _WORD.findall(folded):
        if _PAIRED.match(found):
            yield from _pairs(found)
        else:
            yield found


def _pairs(run: str) -> Iterator[str]:
    for first, second in pairwise(run):
        pair = first + second
        if pair in CJK_STOP_PAIRS or first in CJK_STOP_CHARACTERS or second in CJK_STOP_CHARACTERS:
            continue
        if not ("\u3041" <= first <= "\u309f" and "\u3041" <= second <= "\u309f"):
            yield pair


def _bare(word: str) -> str:
    """`word` without elided article or possessive."""
    if "'" not in word:
        return word
    word = word.removesuffix("'s")
    article, _, rest = word.partition("'")
    return rest if rest and article in _ELIDED else word


def _is_word(word: str) -> bool:
    return SHORTEST <= len(word) <= LONGEST and (word.isalpha() or any(map(str.isalpha, word)))
