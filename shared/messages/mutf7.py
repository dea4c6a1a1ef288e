"""Modified UTF-7, in which mailbox names travel (RFC 3501 §5.1.3)."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as BadBase64

_SHIFTED = re.compile(rb"&([A-Za-z0-9+,]*)-|&")
_NEEDS_SHIFT = re.compile("[^\x20-\x25\x27-\x7e]+|&")


def decode_mutf7(name: bytes) -> str:
    """The name in Unicode. Raises ValueError for 8-bit octets, controls, and shifts that decode to no text."""
    text = name.decode("latin-1")
    if not (text.isascii() and text.isprintable()):
        raise ValueError("mailbox names are printable ASCII")
    if "&" not in text:
        return text
    pieces: list[str] = []
    at = 0
    for shift in _SHIFTED.finditer(name):
        pieces.append(name[at : shift.start()].decode("ascii"))
        pieces.append(_unshift(shift.group(1)))
        at = shift.end()
    pieces.append(name[at:].decode("ascii"))
    return "".join(pieces)


def _unshift(encoded: bytes | None) -> str:
    if encoded is None:
        raise ValueError("& without an end")
    if encoded == b"":
        return "&"
    try:
        octets = b64decode(encoded.replace(b",", b"/") + b"=" * (-len(encoded) % 4), validate=True)
        text = octets.decode("utf-16-be")
    except (BadBase64, UnicodeDecodeError):
        raise ValueError("& is followed by no modified base64") from None
    if any(character < " " or character == "\x7f" for character in text):
        raise ValueError("control characters in a mailbox name")
    return text


def encode_mutf7(name: str) -> bytes:
    """The name as it travels."""
    return _NEEDS_SHIFT.sub(_shift, name).encode("ascii")


def _shift(match: re.Match[str]) -> str:
    run = match.group()
    if run == "&":
        return "&-"
    encoded = b64encode(run.encode("utf-16-be", "surrogatepass")).rstrip(b"=").replace(b"/", b",")
    return f"&{encoded.decode('ascii')}-"
