"""The fields of a message's header that matter to a server that takes it in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

_COLON, _BLANK, _TAB = b": \t"


class Field(NamedTuple):
    """Where a field is in the header: its name, its value behind the colon, its end behind the last CR LF."""

    start: int
    value: int
    end: int


class HeaderFields:
    """A header whose lines end with CR LF; its fields are looked for when they are asked for.

    In time linear in its length. Most of the names are in few headers: looking for the letters is ten times as fast as
    an expression.
    """

    __slots__ = ("_header", "_lower")

    def __init__(self, header: bytes) -> None:
        self._header = header
        self._lower = b"\n" + header.lower()  # every line begins behind an LF, the first one too

    @property
    def lines(self) -> int:
        """How many lines there are: no fewer than fields."""
        return self._lower.count(b"\n")

    def count(self, name: bytes) -> int:
        """How many fields are called `name` (in lower case)."""
        plain = self._lower.count(b"\n" + name + b":")
        if self._lower.count(b"\n" + name) == plain:
            return plain
        return sum(1 for _ in self._colons(name))

    def find(self, name: bytes) -> Sequence[Field]:
        """Those fields, in order."""
        if self._lower.find(b"\n" + name) < 0:
            return ()
        return [Field(start, colon, self._end(colon)) for start, colon in self._colons(name)]

    def first(self, name: bytes) -> Field | None:
        """The first of them."""
        for start, colon in self._colons(name):
            return Field(start, colon, self._end(colon))
        return None

    def _colons(self, name: bytes) -> Iterator[tuple[int, int]]:
        """Where each of those fields starts in the header, and where what stands behind its colon does."""
        lower, start = self._lower, b"\n" + name
        at = lower.find(start)
        while at >= 0:
            behind = at + len(start)
            while behind < len(lower) and lower[behind] in (_BLANK, _TAB):
                behind += 1
            if behind < len(lower) and lower[behind] == _COLON:
                yield at, behind  # one further than in the header, which has no LF in front
            at = lower.find(start, behind)

    def value(self, field: Field) -> bytes:
        """What stands behind the colon, folded as it is."""
        return self._header[field.value : field.end]

    def raw(self, field: Field) -> bytes:
        """All of it: name, colon and value, with its last line's end."""
        return self._header[field.start : field.end]

    def without(self, fields: Sequence[Field]) -> bytes:
        """The header without these fields."""
        kept, at = [], 0
        for field in sorted(fields):
            kept.append(self._header[at : field.start])
            at = field.end
        return b"".join([*kept, self._header[at:]])

    def __len__(self) -> int:
        return len(self._header)

    def _end(self, at: int) -> int:
        """Behind the field's last line: those that begin blank belong to it (RFC 5322 §2.2.3)."""
        header = self._header
        while True:
            at = header.find(b"\r\n", at)
            if at < 0:
                return len(header)
            at += 2
            if header[at : at + 1] not in (b" ", b"\t"):
                return at
