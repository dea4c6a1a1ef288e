"""The position of a room as an account sees it: one in the folder's change log, one in that of the account's marks.

Both are numbers below 2^31, and are told as one: the folder's above, the marks' below. Since a mark does not take the
folder's lock, positions are a pair and no line: a change may be newer than a position that is the greater number. So
two of them are compared part by part (docs/decisions/0022-positions-in-a-room.md).
"""

from __future__ import annotations

_BITS = 32
_LOW = (1 << _BITS) - 1


def position(folder_modseq: int, mark_modseq: int) -> int:
    """Both parts as one number; greater when either part is."""
    return folder_modseq << _BITS | mark_modseq


def parts(number: int) -> tuple[int, int]:
    """The folder's modseq and the marks'."""
    return number >> _BITS, number & _LOW


def joined(one: int, other: int) -> int:
    """The position that is behind neither."""
    return max(one >> _BITS, other >> _BITS) << _BITS | max(one & _LOW, other & _LOW)


def is_after(changed: int, known: int) -> bool:
    """Whether who knows everything up to `known` may not know a change at the position `changed`."""
    return changed >> _BITS > known >> _BITS or changed & _LOW > known & _LOW
