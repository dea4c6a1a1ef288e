"""Text of others as it may be shown on a terminal: without control characters."""

from __future__ import annotations


def printable(text: str, *, besides: str = "") -> str:
    """`text`, with all that a terminal might obey written as an escape (`\\x1b`), but for the characters of `besides`.

    That is C0, DEL and C1 controls, marks of direction, and whatever else has no shape of its own.
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() or each in besides else _escaped(each) for each in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
