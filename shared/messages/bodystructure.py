"""BODYSTRUCTURE and BODY: the tree of parts as IMAP describes it (RFC 3501 §7.4.2, body-* in §9)."""

from __future__ import annotations

from collections.abc import Mapping

from shared.bounded_cache import remembers
from shared.messages.envelope import render_envelope
from shared.messages.parameters import Parameters, read_disposition, read_token, read_tokens
from shared.messages.part import Kind, Part
from shared.messages.quote import nstring, string, strings

# A multipart must have a part (body-type-mpart = 1*body): where none was found, this empty one is shown.
_NO_PART = b'("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0'
# Short garbage in an address field makes a long envelope, three times over for From; a hostile digest could hold
# millions. The headers of messages inside are read for their envelopes up to this sum.
_ENVELOPES_OCTETS = 512 << 10
_EMPTY_ENVELOPE = b"(" + b" ".join([b"NIL"] * 10) + b")"
_EXTENSION_FIELDS = (b"content-md5", b"content-disposition", b"content-language", b"content-location")


def render_bodystructure(part: Part, extended: bool = True) -> bytes:
    """`part` and all below it: BODYSTRUCTURE, or without the extension data (`extended` false) BODY."""
    return _Structure(extended).render(part)


class _Structure:
    """One rendering: which of the two it is, and how many octets of inner headers may still be shown as envelopes."""

    def __init__(self, extended: bool) -> None:
        self._extended = extended
        self._room = _ENVELOPES_OCTETS

    def render(self, part: Part) -> bytes:
        media = part.media
        if media.kind is Kind.MULTIPART:
            return self._multipart(part)
        nested = b""
        if media.is_text:
            nested = b" %d" % part.lines
        elif media.kind is Kind.MESSAGE:
            inner = part.children[0]
            nested = b" %b %b %d" % (self._envelope(inner), self.render(inner), part.lines)
        return b"(%b%b%b)" % (_basic(part), nested, _extension(part) if self._extended else b"")

    def _envelope(self, inner: Part) -> bytes:
        self._room -= inner.body_start - inner.header_start
        return render_envelope(inner) if self._room >= 0 else _EMPTY_ENVELOPE

    def _multipart(self, part: Part) -> bytes:
        parts = b"".join([self.render(child) for child in part.children])
        if not parts:
            parts = _NO_PART + (b" NIL NIL NIL NIL)" if self._extended else b")")
        subtype = string(part.media_subtype)
        if not self._extended:
            return b"(%b %b)" % (parts, subtype)
        parameters = part.media.rendered[len(string(part.media_type)) + len(subtype) + 2 :]
        return b"(%b %b %b%b)" % (parts, subtype, parameters, _disposition_language_location(part.fields))


def _basic(part: Part) -> bytes:
    """What every single part has: type, subtype, parameters, id, description, encoding, size in octets."""
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


def _disposition_language_location(fields: Mapping[bytes, bytes]) -> bytes:
    disposition = read_disposition(fields.get(b"content-disposition", b""))
    return b" %b %b %b" % (
        b"(%b %b)" % (string(disposition[0]), _parameters(disposition[1])) if disposition else b"NIL",
        strings(read_tokens(fields.get(b"content-language", b""))),
        nstring(fields.get(b"content-location")),
    )


def _parameters(parameters: Parameters) -> bytes:
    return strings([text for pair in parameters for text in pair])
