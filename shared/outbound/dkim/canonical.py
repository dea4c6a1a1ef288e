"""The canonical forms of headers and bodies that DKIM signs: simple and relaxed (RFC 6376 §3.4)."""

from __future__ import annotations

import hashlib
import re

_SPACES = re.compile(rb"  +")
_END = b"\r\n"
_ENDS_AT_ONCE = 4096  # line ends that are hashed in one piece


def relaxed_field(name: bytes, value: bytes) -> bytes:
    """A field as it is signed; `value` is what stands behind its colon, folded as it is. With its line's end."""
    unfolded = value.replace(b"\r\n", b"")
    return name.lower().strip(b" \t") + b":" + _with_single_blanks(unfolded).strip(b" ") + _END


def _with_single_blanks(text: bytes) -> bytes:
    """A space in place of each run of blanks. Most are one space, which an expression would look at one by one."""
    text = text.replace(b"\t", b" ")
    return _SPACES.sub(b" ", text) if b"  " in text else text


class BodyHash:
    """SHA-256 of a body that comes in pieces, whose lines end with CR LF; in time linear in its length."""

    def __init__(self, *, relaxed: bool = True) -> None:
        self._sha = hashlib.sha256()
        self._relaxed = relaxed
        self._tail = b""  # blanks and a CR that count only if something follows in their line
        self._ends = 0  # line ends that count only if another line follows
        self._is_empty = True
        self.size_octets = 0  # of the canonical form; all of it once `digest` was called

    def feed(self, octets: bytes) -> None:
        text = self._tail + octets
        if self._relaxed:
            text = _with_single_blanks(text).replace(b" \r\n", _END)
        written = text.rstrip(b" \r\n" if self._relaxed else b"\r\n")
        if written:
            while self._ends:
                ends = min(self._ends, _ENDS_AT_ONCE)
                self._add(_END * ends)
                self._ends -= ends
            self._add(written)
            self._is_empty = False
        rest = text[len(written) :]
        self._ends += rest.count(_END)
        self._tail = rest[rest.rfind(_END) + len(_END) :] if _END in rest else rest

    def digest(self) -> bytes:
        """Of all that came; a last line without an end has one. Call it once."""
        if not (self._is_empty and self._relaxed):
            self._add(_END)
        return self._sha.digest()

    def _add(self, octets: bytes) -> None:
        self._sha.update(octets)
        self.size_octets += len(octets)
