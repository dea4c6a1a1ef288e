"""A message whose signatures are verified: its fields as they were signed, and the hashes of its body."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from mmap import mmap

from shared.messages.header_fields import Field, HeaderFields
from shared.outbound.dkim.canonical import BodyHash, relaxed_field
from shared.trust.dkim.signature import Signature, unsigned

MOST_HEADER_OCTETS = 256 << 10  # with more nothing is verified; Postfix takes 100 KiB in all
# A name, and a value with the lines that continue it (RFC 5322 §2.2).
_FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:([^\n]*\n(?:[ \t][^\n]*\n)*)", re.MULTILINE)
# The signatures of a message so small are read in less than a millisecond: no thread is needed.
SMALL_OCTETS = 16 << 10
PIECE_OCTETS = 64 << 10  # of a body: others of this process wait no longer than a millisecond for one


class Abandoned(Exception):
    """The time limit is over: nobody waits for the result."""


class SignedMessage:
    """One message; used by one thread at a time."""

    def __init__(self, header: HeaderFields, octets: bytes | mmap) -> None:
        self.header = header
        self.is_abandoned = False  # set by the reactor's thread
        self._octets = octets
        self._fields: dict[bytes, list[Field]] | None = None
        self._hashes: dict[bool, tuple[bytes, int]] = {}

    @property
    def is_too_large(self) -> bool:
        """Whether the header is."""
        return len(self.header) > MOST_HEADER_OCTETS

    @property
    def is_small(self) -> bool:
        """Whether all of it is."""
        return len(self._octets) <= SMALL_OCTETS

    def body_hash(self, *, relaxed: bool) -> tuple[bytes, int]:
        """SHA-256 of the body's canonical form, and how many octets that has. Raises Abandoned."""
        if relaxed not in self._hashes:
            made = BodyHash(relaxed=relaxed)
            for start in range(len(self.header) + 2, len(self._octets), PIECE_OCTETS):
                if self.is_abandoned:
                    raise Abandoned
                made.feed(self._octets[start : start + PIECE_OCTETS])
            digest = made.digest()  # the size is that of all only then
            self._hashes[relaxed] = digest, made.size_octets
        return self._hashes[relaxed]

    def signed_text(self, signature: Signature, name: bytes) -> bytes:
        """What `signature`, which is in a field called `name`, was made over (RFC 6376 §3.7).

        Of fields of the same name the last is the first (§5.4.2).
        """
        used: Counter[bytes] = Counter()
        pieces = []
        for each in signature.names:
            fields = self.fields(each)
            used[each] += 1
            if used[each] <= len(fields):
                pieces.append(self._form(each, fields[-used[each]], signature.relaxes_header))
        own = self._form(name, signature.field, signature.relaxes_header, is_own=True)
        return b"".join(pieces) + own.removesuffix(b"\r\n")

    def fields(self, name: bytes) -> Sequence[Field]:
        """Those of that name, in order. All are found in one pass: a signature may name a hundred."""
        if self._fields is None:
            self._fields = {}
            for match in _FIELD.finditer(self._octets[: len(self.header)]):
                found = self._fields.setdefault(match[1].lower(), [])
                found.append(Field(match.start(), match.start(2), match.end()))
        return self._fields.get(name, ())

    def _form(self, name: bytes, field: Field, relaxed: bool, *, is_own: bool = False) -> bytes:
        value = self.header.value(field)
        if is_own:
            value = unsigned(value)
        if relaxed:
            return relaxed_field(name, value)
        raw = self.header.raw(field)
        return raw[: field.value - field.start] + value
