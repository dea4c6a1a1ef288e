"""BODYSTRUCTURE and BODY: the tree of parts as IMAP describes it (RFC 3501 §7.4.2, body-* in §9)."""

from __future__ import annotations

from collections.abc import Mapping

from shared.bounded_cache import remembers
from shared.messages.address import AddressPatience
from shared.messages.envelope import render_envelope
from shared.messages.parameters import Parameters, read_disposition, read_token, read_tokens
from shared.messages.part import Kind, Part
from shared.messages.quote import nstring, string, strings

# A multipart must have a part (body-type-mpart = 1*body): where none was found, this empty one is shown.
_NO_PART = b'("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0'
MOST_BODYSTRUCTURE_OCTETS = 512 << 10  # a digest of six hundred ordinary messages, or two thousand attachments
_LEAF, _MULTIPART, _MESSAGE = Kind  # a member costs a look-up in its class, for each part
_EXTENSION_FIELDS = (b"content-md5", b"content-disposition", b"content-language", b"content-location")


class StructureTooLarge(Exception):
    """A message has more parts than BODYSTRUCTURE may show; `part` is the first that does not fit."""

    def __init__(self, part: Part) -> None:
        super().__init__(part)
        self.part = part


def render_bodystructure(part: Part, extended: bool = True, most_octets: int = MOST_BODYSTRUCTURE_OCTETS) -> bytes:
    """`part` and all below it: BODYSTRUCTURE, or without the extension data (`extended` false) BODY.

    Raises StructureTooLarge instead of giving more than about `most_octets`.
    """
    if part.media.kind is _LEAF:
        return _single(part, _extension(part) if extended else b"")
    structure = _Structure(extended, most_octets)
    structure.add(part)
    return b"".join(structure.pieces)


class _Structure:
    """One rendering: its pieces, and how many octets are left for those to come."""

    __slots__ = ("_extended", "_left", "_patience", "pieces")

    def __init__(self, extended: bool, most_octets: int) -> None:
        self.pieces: list[bytes] = []
        self._extended = extended
        self._left = most_octets
        self._patience: AddressPatience | None = None  # for the address lists of all messages inside

    def add(self, part: Part) -> None:
        """Add `part`; its own fields are counted before the parts below it."""
        kind = part.media.kind
        if kind is _MULTIPART:
            self._add_multipart(part)
            return
        extension = _extension(part) if self._extended else b""
        if kind is _MESSAGE:
            self._add_message(part, extension)
            return
        single = _single(part, extension)
        self._left -= len(single)
        if self._left < 0:
            raise StructureTooLarge(part)
        self.pieces.append(single)

    def _add_message(self, part: Part, extension: bytes) -> None:
        inner = part.children[0]
        self._patience = self._patience or AddressPatience()
        head = b"(%b %b " % (_basic(part), render_envelope(inner, self._patience))
        end = b" %d%b)" % (part.lines, extension)
        self._left -= len(head) + len(end)
        if self._left < 0:
            raise StructureTooLarge(part)
        self.pieces.append(head)
        self.add(inner)
        self.pieces.append(end)

    def _add_multipart(self, part: Part) -> None:
        end = b" %b%b)" % (string(part.media_subtype), _multipart_extension(part) if self._extended else b"")
        if not part.children:
            end = _NO_PART + (b" NIL NIL NIL NIL)" if self._extended else b")") + end
        self._left -= len(end)
        if self._left < 0:
            raise StructureTooLarge(part)
        self.pieces.append(b"(")
        for child in part.children:
            self.add(child)
        self.pieces.append(end)


def _single(part: Part, extension: bytes) -> bytes:
    if part.media.is_text:
        return b"(%b %d%b)" % (_basic(part), part.lines, extension)
    return b"(%b%b)" % (_basic(part), extension)


def _basic(part: Part) -> bytes:
    """The fields that every single part has: type, subtype, parameters, id, description, encoding, size in octets."""
    fields = part.fields
    encoding = fields.get(b"content-transfer-encoding")
    content_id, description = fields.get(b"content-id"), fields.get(b"content-description")
    return b"%b %b %b %b %d" % (
        part.media.rendered,
        b"NIL" if content_id is None else string(content_id),
        b"NIL" if description is None else string(description),
        b'"7bit"' if encoding is None else _encoding(encoding),
        part.end - part.body_start,
    )


@remembers(most=128)
def _encoding(value: bytes) -> bytes:
    return string(read_token(value) or b"7bit")


def _extension(part: Part) -> bytes:
    """MD5, disposition, language and location, which the header of a plain text has not."""
    fields = part.fields
    if fields.keys().isdisjoint(_EXTENSION_FIELDS):
        return b" NIL NIL NIL NIL"
    return b" %b%b" % (nstring(fields.get(b"content-md5")), _disposition_language_location(fields))


def _multipart_extension(part: Part) -> bytes:
    parameters = part.media.rendered[len(string(part.media_type)) + len(string(part.media_subtype)) + 2 :]
    return b" %b%b" % (parameters, _disposition_language_location(part.fields))


def _disposition_language_location(fields: Mapping[bytes, bytes]) -> bytes:
    disposition = read_disposition(fields.get(b"content-disposition", b""))
    return b" %b %b %b" % (
        b"(%b %b)" % (string(disposition[0]), _parameters(disposition[1])) if disposition else b"NIL",
        strings(read_tokens(fields.get(b"content-language", b""))),
        nstring(fields.get(b"content-location")),
    )


def _parameters(parameters: Parameters) -> bytes:
    return strings([text for pair in parameters for text in pair])
