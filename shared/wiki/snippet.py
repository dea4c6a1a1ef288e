"""The piece of a page's source that a search shows, with the words that were found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from shared.wiki.search_words import folded

BEFORE, LENGTH = 60, 240  # characters: two lines of a list
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*?)[ \t#]*$", re.MULTILINE)
_SPACE = re.compile(r"\s+")


class Snippet(NamedTuple):
    """One line of text; `marks` are the places where words begin and end in it."""

    text: str
    marks: Sequence[tuple[int, int]]


def title_of(source: str) -> str:
    """The first heading that is written with `#`; empty without one."""
    found = _HEADING.search(source, 0, 10_000)
    return found[1][:200] if found else ""


def snippet_of(source: str, words: Sequence[str]) -> Snippet:
    """The piece around the first of the words that is there; without any, the beginning."""
    plain = source.lower()
    places = [place for word in words if (place := _find(plain, word)) >= 0]
    first = min(places, default=0)
    begin = max(0, first - BEFORE)
    if begin:
        space = source.find(" ", begin, first)
        begin = space + 1 if space >= 0 else begin
    piece = _SPACE.sub(" ", source[begin : begin + LENGTH]).strip()
    return Snippet(piece, _marks(piece, words))


def _find(text: str, word: str) -> int:
    if word.isascii():
        found = re.search(rf"(?<![^\W_]){re.escape(word)}", text)
        if found is not None:
            return found.start()
    return text.find(word)


def _marks(text: str, words: Sequence[str]) -> Sequence[tuple[int, int]]:
    """Where the words are; where lower-case letters are more than capital ones, nothing is marked."""
    plain = folded(text)
    if len(plain) != len(text):
        plain = text.lower()
    if len(plain) != len(text):
        return ()
    choices = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return [found.span() for found in re.finditer(choices, plain)] if choices else []
