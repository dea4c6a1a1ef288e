"""The difference between two texts: by lines and words for people to read, and as a unified diff."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from shared.wiki.matching import Run, matching_runs
from shared.wiki.merge import lines_of

CONTEXT_LINES = 3
MOST_DIFF_LINES = 2_000  # the rest is counted only: a page of them takes 0.2 s to show
WORD_BUDGET = 20_000  # steps for the words of one pair of lines
LONGEST_LINE = 2_000  # characters; in longer ones no words are compared
_WORD = re.compile(r"\w+|\s+|[^\w\s]")

Sign = Literal[" ", "-", "+", "…"]


class DiffPiece(NamedTuple):
    """A piece of a line; `changed`: it is not in the other one."""

    text: str
    changed: bool


class DiffLine(NamedTuple):
    """A line of a diff. `…` stands for `skipped` lines that are not shown; numbers count from 1."""

    sign: Sign
    old_number: int | None
    new_number: int | None
    pieces: Sequence[DiffPiece]
    skipped: int = 0

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


class _Hunk(NamedTuple):
    """Lines that changed, from and to in both texts."""

    old: int
    old_end: int
    new: int
    new_end: int


def diff_sources(old: str, new: str, context: int = CONTEXT_LINES) -> Sequence[DiffLine]:
    """What changed, with `context` lines around it; at most MOST_DIFF_LINES. Empty if nothing changed."""
    old_lines, new_lines = lines_of(old), lines_of(new)
    shown: list[DiffLine] = []
    at = 0  # the line of the old text that comes next
    hunks = _hunks(old_lines, new_lines)
    for number, hunk in enumerate(hunks):
        first = max(at, hunk.old - context)
        if first > at:
            shown.append(DiffLine("…", None, None, (), first - at))
        shift = hunk.new - hunk.old
        shown += [_same(line, line + shift, old_lines) for line in range(first, hunk.old)]
        shown += _changed(old_lines, new_lines, hunk)
        at = hunk.old_end
        following = hunks[number + 1].old if number + 1 < len(hunks) else len(old_lines)
        until = min(following, at + context)
        shown += [_same(line, line + hunk.new_end - hunk.old_end, old_lines) for line in range(at, until)]
        at = until
        if len(shown) >= MOST_DIFF_LINES:
            break
    if hunks and (len(old_lines) > at or len(shown) > MOST_DIFF_LINES):
        left = len(old_lines) - at + max(0, len(shown) - MOST_DIFF_LINES)
        shown[MOST_DIFF_LINES:] = []
        shown.append(DiffLine("…", None, None, (), left))
    return shown


def unified_diff(old: str, new: str, old_name: str = "current", new_name: str = "sent") -> str:
    """A diff that `patch` reads, at most MOST_DIFF_LINES; empty if nothing changed."""
    old_lines, new_lines = lines_of(old), lines_of(new)
    hunks = _hunks(old_lines, new_lines)
    if not hunks:
        return ""
    written = [f"--- {old_name}\n", f"+++ {new_name}\n"]
    for group in _groups(hunks):
        begin = max(0, group[0].old - CONTEXT_LINES)
        end = min(len(old_lines), group[-1].old_end + CONTEXT_LINES)
        new_begin = group[0].new - (group[0].old - begin)
        new_end = group[-1].new_end + end - group[-1].old_end
        written.append(f"@@ -{_range(begin, end)} +{_range(new_begin, new_end)} @@\n")
        for hunk in group:
            written += [_with_sign(" ", line) for line in old_lines[begin : hunk.old]]
            written += [_with_sign("-", line) for line in old_lines[hunk.old : hunk.old_end]]
            written += [_with_sign("+", line) for line in new_lines[hunk.new : hunk.new_end]]
            begin = hunk.old_end
        written += [_with_sign(" ", line) for line in old_lines[begin:end]]
        if len(written) > MOST_DIFF_LINES:
            return "".join(written[:MOST_DIFF_LINES]) + "\\ the difference goes on\n"
    return "".join(written)


def _hunks(old: Sequence[str], new: Sequence[str]) -> Sequence[_Hunk]:
    hunks: list[_Hunk] = []
    at_old = at_new = 0
    for run in [*matching_runs(old, new), Run(len(old), len(new), 0)]:
        if run.a > at_old or run.b > at_new:
            hunks.append(_Hunk(at_old, run.a, at_new, run.b))
        at_old, at_new = run.a + run.length, run.b + run.length
    return hunks


def _groups(hunks: Sequence[_Hunk]) -> Iterator[Sequence[_Hunk]]:
    """Those whose lines of context touch stand under one heading."""
    group = [hunks[0]]
    for hunk in hunks[1:]:
        if hunk.old - group[-1].old_end > 2 * CONTEXT_LINES:
            yield group
            group = []
        group.append(hunk)
    yield group


def _range(begin: int, end: int) -> str:
    length = end - begin
    return f"{begin + 1 if length else begin}" + ("" if length == 1 else f",{length}")


def _with_sign(sign: str, line: str) -> str:
    return sign + line if line.endswith("\n") else f"{sign}{line}\n\\ No newline at end of file\n"


def _same(old: int, new: int, lines: Sequence[str]) -> DiffLine:
    return DiffLine(" ", old + 1, new + 1, (DiffPiece(_without_end(lines[old]), False),))


def _changed(old: Sequence[str], new: Sequence[str], hunk: _Hunk) -> Iterator[DiffLine]:
    """What went, then what came; a line beside its successor shows the words that changed."""
    removed = [_without_end(line) for line in old[hunk.old : hunk.old_end]]
    added = [_without_end(line) for line in new[hunk.new : hunk.new_end]]
    pairs = [_words(*pair) for pair in zip(removed[:MOST_DIFF_LINES], added, strict=False)]
    for place, line in enumerate(removed):
        pieces = pairs[place][0] if place < len(pairs) else (DiffPiece(line, True),)
        yield DiffLine("-", hunk.old + place + 1, None, pieces)
    for place, line in enumerate(added):
        pieces = pairs[place][1] if place < len(pairs) else (DiffPiece(line, True),)
        yield DiffLine("+", None, hunk.new + place + 1, pieces)


def _words(old: str, new: str) -> tuple[Sequence[DiffPiece], Sequence[DiffPiece]]:
    if len(old) > LONGEST_LINE or len(new) > LONGEST_LINE:
        return (DiffPiece(old, True),), (DiffPiece(new, True),)
    old_words, new_words = _WORD.findall(old), _WORD.findall(new)
    runs = matching_runs(old_words, new_words, WORD_BUDGET)
    if not any(word.strip() for run in runs for word in old_words[run.a : run.a + run.length]):
        return (DiffPiece(old, True),), (DiffPiece(new, True),)
    return _pieces(old_words, [(run.a, run.length) for run in runs]), _pieces(
        new_words, [(run.b, run.length) for run in runs]
    )


def _pieces(words: Sequence[str], same: Sequence[tuple[int, int]]) -> Sequence[DiffPiece]:
    pieces: list[DiffPiece] = []
    at = 0
    for begin, length in [*same, (len(words), 0)]:
        if begin > at:
            pieces.append(DiffPiece("".join(words[at:begin]), True))
        if length:
            pieces.append(DiffPiece("".join(words[begin : begin + length]), False))
        at = begin + length
    return pieces


def _without_end(line: str) -> str:
    return line.removesuffix("\n").removesuffix("\r")
