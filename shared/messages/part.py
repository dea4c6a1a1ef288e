"""One MIME part as the scanner knows it: where it lies in the message's octets, what its header says about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from urllib.parse import unquote_to_bytes

from shared.messages.parameters import Parameters, read_token

# A part deeper than this is not opened: it is shown as one opaque leaf. Real mail stays below 20; clients recurse.
MAX_DEPTH = 50
# A longer boundary makes no multipart: the part stays unopened. RFC 2046 §5.1.1 allows 70; some programs take more.
MAX_BOUNDARY_OCTETS = 256
# After this many parts no further boundary line counts; whatever follows belongs to the last one. As in Dovecot.
MAX_PARTS = 10_000


class Kind(IntEnum):
    """How a part's body is to be read. The numbers are stored: shared/messages/sections.py."""

    LEAF = 0
    MULTIPART = 1
    MESSAGE = 2  # message/rfc822: its only child is the message inside


@dataclass(frozen=True, slots=True)
class MediaType:
    """What a part is, from its Content-Type; names in the header's own spelling."""

    name: bytes
    subtype: bytes
    parameters: Parameters
    kind: Kind
    is_text: bool
    rendered: bytes  # "type" "subtype" ("name" "value" …), as BODYSTRUCTURE has it

    def parameter(self, name: bytes) -> bytes | None:
        """The value of the first parameter called `name` (lower case), or else, decoded, of `name*` (RFC 2231 §4)."""
        encoded = None
        for its_name, value in self.parameters:
            lower = its_name.lower()
            if lower == name:
                return value
            if lower[-1:] == b"*" and lower[:-1] == name and encoded is None:
                encoded = value
        return None if encoded is None else unquote_to_bytes(encoded.split(b"'", 2)[-1])


class Part:
    """One part of a message, or the whole message; offsets count octets from the start of the outermost message.

    The header is `header_start:body_start`, the blank line included; the body is `body_start:end`, without the line
    end that belongs to the boundary after it (RFC 2046 §5.1.1). `lines` is the number of line ends in the body, kept
    only where BODYSTRUCTURE asks for it: text and message/rfc822. `fields` holds the values of the header fields that
    ENVELOPE and BODYSTRUCTURE speak of, by lower-case name, unfolded.
    """

    __slots__ = ("body_start", "children", "end", "fields", "header_start", "lines", "media")

    def __init__(
        self, header_start: int, body_start: int, end: int, fields: Mapping[bytes, bytes], media: MediaType
    ) -> None:
        self.header_start = header_start
        self.body_start = body_start
        self.end = end
        self.lines = 0
        self.fields = fields
        self.media = media
        self.children: list[Part] = []

    @property
    def kind(self) -> Kind:
        return self.media.kind

    @property
    def media_type(self) -> bytes:
        return self.media.name

    @property
    def media_subtype(self) -> bytes:
        return self.media.subtype

    @property
    def parameters(self) -> Parameters:
        return self.media.parameters

    @property
    def encoding(self) -> bytes:
        """The content transfer encoding as the header spells it; "7bit" where it says none (RFC 2045 §6.1)."""
        return read_token(self.fields.get(b"content-transfer-encoding", b"")) or b"7bit"
