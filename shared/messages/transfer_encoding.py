"""Content transfer encodings undone, however broken (RFC 2045 §6.7, §6.8)."""

from __future__ import annotations

import binascii
import re

_PADDING = re.compile(rb"=+")
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))


def decode_transfer(octets: bytes, encoding: bytes) -> bytes:
    """`octets` without their content transfer encoding; as they are if that is the identity or unknown."""
    encoding = encoding.lower()
    if encoding == b"base64":
        return decode_base64(octets)
    if encoding == b"quoted-printable":
        return binascii.a2b_qp(octets)
    return octets


def decode_base64(octets: bytes) -> bytes:
    """Base64 with strange octets left out, padding missing or in the middle, and an incomplete end cut off."""
    clean = octets.translate(None, _NOT_BASE64)
    if b"=" not in clean.rstrip(b"="):
        return _decode_run(clean.rstrip(b"="))
    return b"".join(_decode_run(run) for run in _PADDING.split(clean))


def _decode_run(run: bytes) -> bytes:
    if len(run) % 4 == 1:  # six bits are less than an octet
        run = run[:-1]
    return binascii.a2b_base64(run + b"==")
