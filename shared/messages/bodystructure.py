"""BODYSTRUCTURE and BODY: the tree of parts as IMAP describes it (RFC 3501 §7.4.2, body-* in §9)."""

from __future__ import annotations

from collections.abc import Sequence

from shared.messages.envelope import render_envelope
from shared.messages.parameters import read_disposition, read_token, read_tokens
from shared.messages.part import Kind, Parameters, Part
from shared.messages.quote import nstring, string

# A multipart must have a part (body-type-mpart = 1*body): where none was found, this empty one is shown.
_NO_PART = b'("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0'


def render_bodystructure(part: Part, extended: bool = True) -> bytes:
    """`part` and all below it: BODYSTRUCTURE, or without the extension data (`extended` false) BODY."""
    if part.kind is Kind.MULTIPART:
        return _multipart(part, extended)
    if part.kind is Kind.MESSAGE:
        inner = part.children[0]
        nested = b" %b %b %d" % (render_envelope(inner), render_bodystructure(inner, extended), part.lines)
    else:
        nested = b" %d" % part.lines if part.is_text else b""
    return b"(%b%b%b)" % (_basic(part), nested, _extension(part) if extended else b"")


def _multipart(part: Part, extended: bool) -> bytes:
    if part.children:
        parts = b"".join([render_bodystructure(child, extended) for child in part.children])
    else:
        parts = _NO_PART + (b" NIL NIL NIL NIL)" if extended else b")")
    if not extended:
        return b"(%b %b)" % (parts, string(part.media_subtype))
    shared = _disposition_language_location(part)
    return b"(%b %b %b%b)" % (parts, string(part.media_subtype), _parameters(part.parameters), shared)


def _basic(part: Part) -> bytes:
    """What every single part has: type, subtype, parameters, id, description, encoding, size in octets."""
    get = part.fields.get
    return b"%b %b %b %b %b %b %d" % (
        string(part.media_type),
        string(part.media_subtype),
        _parameters(part.parameters),
        nstring(get(b"content-id")),
        nstring(get(b"content-description")),
        string(read_token(part.encoding) or b"7bit"),
        part.end - part.body_start,
    )


def _extension(part: Part) -> bytes:
    return b" %b%b" % (nstring(part.fields.get(b"content-md5")), _disposition_language_location(part))


def _disposition_language_location(part: Part) -> bytes:
    get = part.fields.get
    if b"content-disposition" not in part.fields and b"content-language" not in part.fields:
        return b" NIL NIL %b" % nstring(get(b"content-location"))
    disposition = read_disposition(get(b"content-disposition", b""))
    languages = read_tokens(get(b"content-language", b""))
    return b" %b %b %b" % (
        b"(%b %b)" % (string(disposition[0]), _parameters(disposition[1])) if disposition else b"NIL",
        _strings(languages),
        nstring(get(b"content-location")),
    )


def _parameters(parameters: Parameters) -> bytes:
    return _strings([text for pair in parameters for text in pair])


def _strings(texts: Sequence[bytes]) -> bytes:
    return b"(%b)" % b" ".join([string(text) for text in texts]) if texts else b"NIL"
