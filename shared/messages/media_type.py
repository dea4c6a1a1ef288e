"""The media type of a part: its Content-Type, or the default where there is none."""

from __future__ import annotations

from shared.bounded_cache import remembers
from shared.messages.parameters import Parameters, read_type
from shared.messages.part import Kind, MediaType
from shared.messages.quote import string, strings

_US_ASCII = ((b"charset", b"us-ascii"),)  # what text without a charset is (RFC 2046 §4.1.2)
_OFTEN_SEEN_OCTETS = 100  # longer values hold boundaries and file names: unlike each other, not worth remembering


def read_media_type(value: bytes | None, in_digest: bool = False) -> MediaType:
    """The media type that the Content-Type `value` names. One that cannot be read counts as text/plain (RFC 2045
    §5.2), as does none, save in a multipart/digest, whose parts are messages (RFC 2046 §5.1.5).

    A type without a subtype ("X-ZIP; name=a.zip") keeps its parameters. With a name it is a file, and counts as
    application/octet-stream; else as text/plain, or as multipart/mixed if that is what it says.
    """
    if value is None:
        return MESSAGE if in_digest else PLAIN_TEXT
    return _read(value)


@remembers(most=1024, longest_octets=_OFTEN_SEEN_OCTETS)
def _read(value: bytes) -> MediaType:
    read = read_type(value)
    if read is None:
        return PLAIN_TEXT
    name, subtype, parameters = read
    return _media_type(name, subtype, parameters) if subtype else _without_subtype(name.lower(), parameters)


def _without_subtype(name: bytes, parameters: Parameters) -> MediaType:
    if name == b"multipart":
        return _media_type(b"multipart", b"mixed", parameters)
    is_file = name != b"text" and any(parameter.lower() in (b"name", b"name*") for parameter, _ in parameters)
    return _media_type(*((b"application", b"octet-stream") if is_file else (b"text", b"plain")), parameters)


def _media_type(name: bytes, subtype: bytes, parameters: Parameters) -> MediaType:
    kind = Kind.LEAF
    lower = name.lower()
    if lower == b"text":
        if not any(parameter.lower() in (b"charset", b"charset*") for parameter, _ in parameters):
            parameters += _US_ASCII
    elif lower == b"multipart":
        kind = Kind.MULTIPART
    elif lower == b"message" and subtype.lower() == b"rfc822":
        name, subtype, kind = b"message", b"rfc822", Kind.MESSAGE
    rendered = b"%b %b %b" % (string(name), string(subtype), strings([text for pair in parameters for text in pair]))
    return MediaType(name, subtype, parameters, kind, lower == b"text", rendered)


PLAIN_TEXT = _media_type(b"text", b"plain", ())
MESSAGE = _media_type(b"message", b"rfc822", ())
# A part that is not opened is shown as an opaque type: in a multipart a client would look for parts.
OPAQUE = _media_type(b"application", b"octet-stream", ())
