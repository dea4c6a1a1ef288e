"""Merging two changes of one text by lines (three-way merge, as diff3 does it)."""

from __future__ import annotations

from collections.abc import Sequence

from shared.wiki.matching import BUDGET, matching_runs


def lines_of(text: str) -> list[str]:
    """The lines with their ends, which are LF, or CRLF; the last one may have none."""
    lines = text.split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def merge_lines(base: str, ours: str, theirs: str) -> str | None:
    """`theirs` with what `ours` changed in `base`; None where both changed the same place in different ways.

    A line that either side wrote, and that the other did not delete, is in the result. Lines that differ by their ends
    only (CRLF from a form, LF from a file) are the same; those of `theirs` are kept.
    """
    base_lines, our_lines, their_lines = lines_of(base), lines_of(ours), lines_of(theirs)
    base_keys, our_keys, their_keys = _keys(base_lines), _keys(our_lines), _keys(their_lines)
    if our_keys in (their_keys, base_keys):
        return theirs
    if their_keys == base_keys:
        return ours
    in_ours = _partners(base_keys, our_keys)
    in_theirs = _partners(base_keys, their_keys)
    merged: list[str] = []
    here = our = their = 0
    while True:
        # The lines that all three have from here on.
        while here < len(base_keys) and in_ours[here] == our and in_theirs[here] == their:
            merged.append(their_lines[their])
            here, our, their = here + 1, our + 1, their + 1
        # The next line that all three have, and what stands before it.
        after = here
        while after < len(base_keys) and (in_ours[after] < 0 or in_theirs[after] < 0):
            after += 1
        our_after = in_ours[after] if after < len(base_keys) else len(our_keys)
        their_after = in_theirs[after] if after < len(base_keys) else len(their_keys)
        was, is_ours, is_theirs = base_keys[here:after], our_keys[our:our_after], their_keys[their:their_after]
        if is_ours in (was, is_theirs):
            merged += their_lines[their:their_after]
        elif is_theirs == was:
            merged += our_lines[our:our_after]
        else:
            return None
        if after == len(base_keys):
            return _joined(merged)
        here, our, their = after, our_after, their_after


def _keys(lines: Sequence[str]) -> list[str]:
    return [line.removesuffix("\n").removesuffix("\r") for line in lines]


def _partners(base: Sequence[str], other: Sequence[str]) -> list[int]:
    """For each line of `base` its place in `other`, or -1."""
    partners = [-1] * len(base)
    for run in matching_runs(base, other, BUDGET // 2):
        partners[run.a : run.a + run.length] = range(run.b, run.b + run.length)
    return partners


def _joined(lines: Sequence[str]) -> str:
    """A last line without an end has one where it is the last no more."""
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines[:-1]) + "".join(lines[-1:])
