"""Errors in what a client sends, and a lack of room for it."""

from __future__ import annotations

from shared.errors import DomainError

KEPT_OCTETS = 64  # of each end of a line that is too long: a tag, and the mark of a literal


class LineTooLong(DomainError):
    """A line was longer than `Limits.line_octets`; it was read and thrown away, the next read begins behind it.

    Its first and last octets, at most KEPT_OCTETS of each, tell what it was: which command, and whether a literal
    follows.
    """

    def __init__(self, first: bytes = b"", last: bytes = b"", octets: int = 0) -> None:
        super().__init__()
        self.first = first[:KEPT_OCTETS]
        self.last = last[-KEPT_OCTETS:]
        self.octets = octets  # in all, without the line's end


class BlockTooLarge(DomainError):
    """A dot block was larger than the reader's limit; it was read and thrown away."""


class BareLineFeed(DomainError):
    """A dot block held an LF without CR or a CR without LF; the block was read and thrown away.

    Servers that disagree on whether those end a line let one message be smuggled inside another, so RFC 5321 §2.3.8
    forbids them and we never guess.
    """


class SpoolFull(DomainError):
    """There is no room on this machine for what the client sends; it was read and thrown away."""

    temporary = True
