"""Wildmats: lists of patterns of names (RFC 3977 §4), and patterns of texts as XPAT has them (RFC 2980 §2.9).

A match takes time in proportion to text times pattern at most, whatever they are: the elements between two stars match
a fixed number of characters, and are looked for once, as far to the left as possible.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

MOST_CHARACTERS = 512  # of one pattern: as many as that command line has octets
MOST_PATTERNS = 128  # a command line of 512 octets (RFC 3977 §3.1) has room for no more names than that
# `?` is any character, [a-c] one of these, [^a-c] one of the others, \ makes the next character an ordinary one.
_SPECIAL_IN_SETS = re.compile(r"[^-\w]")
_ELEMENT = re.compile(r"\\(?P<escaped>.)|(?P<any>\?)|\[(?P<set>\^?\]?[^\]]*)\]|(?P<plain>[^\\*\[])", re.DOTALL)


class BadWildmat(ValueError):
    """Not a wildmat, or one of more than MOST_PATTERNS patterns, or more than MOST_CHARACTERS in one of them."""


class _Run(NamedTuple):
    """The elements between two stars: each matches one character."""

    expression: re.Pattern[str]
    length: int


class Pattern:
    """One pattern of stars, question marks, sets and ordinary characters."""

    __slots__ = ("_between", "_first", "_last", "_shortest")

    def __init__(self, text: str) -> None:
        """Raises BadWildmat."""
        if len(text) > MOST_CHARACTERS:
            raise BadWildmat
        runs = _runs(text)
        self._first = runs[0]
        self._last = runs[-1] if len(runs) > 1 else None  # None: no star, the text is like the first run as a whole
        self._between = [run.expression for run in runs[1:-1] if run.length]
        self._shortest = sum(run.length for run in runs)

    def matches(self, text: str) -> bool:
        """Whether the pattern matches the whole of `text`."""
        last = self._last
        if last is None:
            return self._first.expression.fullmatch(text) is not None
        end = len(text) - last.length
        if len(text) < self._shortest or not (self._first.expression.match(text) and last.expression.match(text, end)):
            return False
        at = self._first.length
        for expression in self._between:
            found = expression.search(text, at, end)
            if found is None:
                return False
            at = found.end()
        return True


def _runs(text: str) -> Sequence[_Run]:
    runs, at = [], 0
    while True:
        elements = []
        while at < len(text) and text[at] != "*":
            element = _ELEMENT.match(text, at)
            if element is None:
                raise BadWildmat(text)
            elements.append(_expression(element))
            at = element.end()
        runs.append(_Run(_compiled("".join(elements)), len(elements)))
        if at == len(text):
            return runs
        while text[at : at + 1] == "*":
            at += 1


def _expression(element: re.Match[str]) -> str:
    if element["any"] is not None:
        return "."
    members = element["set"]
    if members is None:
        return re.escape(element["escaped"] or element["plain"])
    other = "^" if members.startswith("^") else ""
    inside = members[len(other) :]
    if not inside:
        raise BadWildmat
    ordinary = _SPECIAL_IN_SETS.sub(lambda found: "\\" + found[0], inside)
    return f"[{other}{ordinary}]"


def _compiled(expression: str) -> re.Pattern[str]:
    try:
        return re.compile(expression, re.DOTALL)
    except re.error as error:  # such as [z-a]
        raise BadWildmat from error


def read_wildmat(text: str) -> Callable[[str], bool]:
    """A test whether a name matches the wildmat `text`: the last of its patterns that matches decides.

    Raises BadWildmat.
    """
    patterns: list[tuple[Pattern, bool]] = []
    for each in text.split(","):
        forbids = each.startswith("!")
        if each in ("", "!") or len(patterns) == MOST_PATTERNS:
            raise BadWildmat(text)
        patterns.append((Pattern(each[1:] if forbids else each), not forbids))
    patterns.reverse()

    def matches(name: str) -> bool:
        for pattern, allows in patterns:
            if pattern.matches(name):
                return allows
        return False

    return matches
