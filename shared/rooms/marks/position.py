"""The position of a room as an account sees it: one in the folder's change log, one in that of the account's marks.

Both are numbers below 2^31, and are combined into one number: the folder's in the high bits, the marks' in the low
ones. A mark does not take the folder's lock, so that one position may be greater in its first part and another in its
second. So positions are compared part by part, not as numbers (docs/decisions/0022-positions-in-a-room.md).
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
    """The smallest position that is behind neither of the two."""
    return max(one >> _BITS, other >> _BITS) << _BITS | max(one & _LOW, other & _LOW)


def is_after(changed: int, known: int) -> bool:
    """Whether a change at the position `changed` may be unknown to a reader that knows everything up to `known`."""
    return changed >> _BITS > known >> _BITS or changed & _LOW > known & _LOW


def before(number: int) -> int:
    """The last position for which a change at `number` is news, and with it all later ones."""
    folder, mark = parts(number)
    return number - 1 if mark else position(max(folder - 1, 0), 0)
