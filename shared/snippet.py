"""The piece of a text that a search shows, with the words that were found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from shared.search_words import folded

BEFORE, LENGTH = 60, 240  # characters: two lines of a list
MOST_PLACES = 1_000  # of letters inside other words that are looked at for one that begins a word: 0.2 ms
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*?)[ \t#]*$", re.MULTILINE)
_SPACE = re.compile(r"\s+")
# Signs of Markdown, which are left out: those of lines and tables, and those within a line.
_OF_LINES = re.compile(
    r"^ {0,12}(?:#{1,6} +|>[> ]*|[-*+] +(?:\[[ xX]\] +)?|(?:`{3,}|~{3,}).*$|[|: -]*-{3}[|: -]*$)|(?: *\|)+",
    re.MULTILINE,
)
_WITHIN_LINES = re.compile(
    r"\[\[(?:[^\[\]|\n]{1,200}\|)?|\]\]"  # of [[Page|words]], the words
    r"|!?\[(?=[^\[\]\n]{0,200}\]\()|\]\((?:<[^<>\n]{0,500}>?|[^()\s]{0,500})\)?"  # of [words](address)
    r"|(?<!\w)\*{1,3}(?=[\w`\[])|(?<=[\w.,!?)`\]])\*{1,3}(?!\w)|~~|(?<!`)`{1,2}(?!`)"
)


class Snippet(NamedTuple):
    """One line of text; `marks` are the places where words begin and end in it."""

    text: str
    marks: Sequence[tuple[int, int]]


def title_of(source: str) -> str:
    """The first heading that is written with `#`; empty without one."""
    found = _HEADING.search(source, 0, 10_000)
    return found[1][:200] if found else ""


def snippet_of(source: str, words: Sequence[str], is_markdown: bool = False) -> Snippet:
    """The piece around the first of the words that is there; without any, the beginning.

    Of Markdown, the signs are left out.
    """
    plain = source.lower()
    places = [place for word in words if (place := _find(plain, word)) >= 0]
    first = min(places, default=0)
    begin = max(0, first - BEFORE)
    if begin:
        gap = source.find("\n", begin, first) if is_markdown else -1
        gap = gap if gap >= 0 else source.find(" ", begin, first)
        begin = gap + 1 if gap >= 0 else begin
    piece = source[begin : begin + LENGTH]
    if is_markdown:
        piece = _OF_LINES.sub(" ", _WITHIN_LINES.sub("", source[begin : begin + 2 * LENGTH]))
    piece = _SPACE.sub(" ", piece).strip()[:LENGTH]
    return Snippet(piece, _marks(piece, words))


def _find(text: str, word: str) -> int:
    """Where the word begins, where it stands at all, or -1."""
    first = place = text.find(word)
    if word.isascii():
        for _ in range(MOST_PLACES):
            if place <= 0 or not text[place - 1].isalnum():
                return place if place >= 0 else first
            place = text.find(word, place + 1)
    return first


def _marks(text: str, words: Sequence[str]) -> Sequence[tuple[int, int]]:
    """Where the words are; where lower-case letters are more than capital ones, nothing is marked."""
    plain = folded(text)
    if len(plain) != len(text):
        plain = text.lower()
    if len(plain) != len(text):
        return ()
    choices = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return [found.span() for found in re.finditer(choices, plain)] if choices else []
