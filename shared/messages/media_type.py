"""What a part is: its Content-Type, or what counts where there is none."""

from __future__ import annotations

from shared.bounded_cache import remembers
from shared.messages.parameters import Parameters, read_type
from shared.messages.part import Kind, MediaType
from shared.messages.quote import string, strings

_US_ASCII = ((b"charset", b"us-ascii"),)  # what text without a charset is (RFC 2046 §4.1.2)
_OFTEN_SEEN_OCTETS = 100  # longer values hold boundaries and file names: unlike each other, not worth remembering


def read_media_type(value: bytes | None, in_digest: bool = False) -> MediaType:
    """The media type that the Content-Type `value` names. One that cannot be read counts as text/plain (RFC 2045
    §5.2), as does none, save in a multipart/digest, whose parts are messages (RFC 2046 §5.1.5)."""
    if value is None:
        return MESSAGE if in_digest else PLAIN_TEXT
    return _read(value)


@remembers(most=1024, longest_octets=_OFTEN_SEEN_OCTETS)
def _read(value: bytes) -> MediaType:
    read = read_type(value)
    return PLAIN_TEXT if read is None else _media_type(*read)


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
# What may not be opened is shown as what nobody can look into: a client would miss a multipart's parts.
OPAQUE = _media_type(b"application", b"octet-stream", ())
