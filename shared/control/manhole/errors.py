"""The error of the manhole."""

from __future__ import annotations


class ManholeAway(Exception):
    """There is no such process, or it has ended; the message is a sentence for the administrator."""
