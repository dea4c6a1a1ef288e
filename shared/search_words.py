"""The words of a text as they are searched: in every script, without a dictionary.

PostgreSQL's own parser knows no letters beyond ASCII where the database has the locale "C", and divides what looks like
a host or a path in ways of its own, so what it keeps (a tsvector) is written here. Scripts that put no space between
words (Chinese, Japanese, Thai, …), and Korean, which writes endings to its words, are searched by letters and pairs of
letters instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

# A tsvector holds at most 1 MiB of words and positions: so many characters never fill it.
MOST_SEARCHED_CHARACTERS = 100_000
MOST_GRAMS = 50_000
# Shorter words are not taken for the beginning of others: half of all words begin with one of ten letters.
SHORTEST_BEGINNING = 3
# Of a tsvector: a word has at most 2,046 octets, which these letters never have; 255 places, which PostgreSQL takes for
# the 16,383rd where they are behind that.
LONGEST_WORD, MOST_PLACES = 500, 255

_DENSE = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Burmese, Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_DENSE_RUN = re.compile(f"[{_DENSE}]+")
_ASCII_WORD = re.compile("[0-9a-z]+")  # finds what _WORD finds in ASCII, in a third of the time
# Letters and digits with the marks that are written on them; Python's \w leaves the marks out.
_WORD = re.compile(f"(?:[^\\W_{_DENSE}]+|[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06ed\u0900-\u0903\u093a-\u094f\u0981-\u0983\u09bc-\u09cd\u0a3c-\u0a4d\u0abc-\u0acd\u0b3c-\u0b4d"
    "\u0bbe-\u0bcd\u0c3e-\u0c4d\u0cbc-\u0ccd\u0d3b-\u0d4d\u0dca-\u0ddf]+)+")  # fmt: skip
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class SearchedWords(NamedTuple):
    """What is kept of a text to be searched."""

    words: Sequence[str]  # in lower case, in their order
    grams: Sequence[str]  # letters and pairs of letters of dense scripts, each once


def folded(text: str) -> str:
    """Letters that search takes for the same are the same: case, width, ligatures."""
    return unicodedata.normalize("NFKC", text).casefold()


def search_text(text: str) -> SearchedWords:
    """Of the first MOST_SEARCHED_CHARACTERS."""
    text = folded(text[:MOST_SEARCHED_CHARACTERS])[:MOST_SEARCHED_CHARACTERS]
    return SearchedWords(_words(text), () if text.isascii() else _grams(_DENSE_RUN.findall(text)))


def title_words(name: str) -> Sequence[str]:
    """The words of a page's name; those of a WikiWord one by one, too."""
    apart = _CAMEL.sub(" ", name)
    return search_text(name if apart == name else f"{name} {apart}").words


def words_vector(words: Sequence[str], title: Sequence[str] = ()) -> str:
    """The words with their places as a tsvector is written; those of the title have the weight A."""
    places: dict[str, list[int]] = {word: [] for word in title}
    for place, word in enumerate(words, 2):
        places.setdefault(word, []).append(place)
    first = dict.fromkeys(title, "1A,")
    return " ".join([f"'{word}':{_list_of(first.get(word, ''), known)}" for word, known in places.items()])


def _list_of(first: str, places: Sequence[int]) -> str:
    places = places[: MOST_PLACES - bool(first)]
    return (first + "%d," * len(places) % tuple(places))[:-1]  # in half of the time that str() of each takes


def words_of(query: str) -> tuple[Sequence[str], Sequence[str]]:
    """The words of what somebody looks for, and its runs of letters of dense scripts; each once."""
    text = folded(query[:MOST_SEARCHED_CHARACTERS])
    return list(dict.fromkeys(_words(text))), list(dict.fromkeys(_DENSE_RUN.findall(text)))


def _words(text: str) -> Sequence[str]:
    found = (_ASCII_WORD if text.isascii() else _WORD).findall(text)
    return [word[:LONGEST_WORD] for word in found]


def grams_of(runs: Sequence[str]) -> Sequence[str]:
    """The grams that a text with these runs has: pairs, and single letters where a run is one letter."""
    return sorted({gram for run in runs for gram in _pairs(run)})


def _pairs(run: str) -> Sequence[str]:
    return [run[place : place + 2] for place in range(len(run) - 1)] or [run]


def _grams(runs: Sequence[str]) -> Sequence[str]:
    found: dict[str, None] = {}
    for run in runs:
        found.update(dict.fromkeys(run))
        found.update(dict.fromkeys(_pairs(run)))
        if len(found) > MOST_GRAMS:
            break
    return list(found)[:MOST_GRAMS]
