"""Loads the sample messages of this folder, and makes those that are too large to be kept in it."""

from __future__ import annotations

import base64
from pathlib import Path

_FOLDER = Path(__file__).parent
_HEADER = (
    b"Date: Mon, 15 Jan 2024 09:30:00 +0000\r\nFrom: Alice <alice@example.org>\r\nSubject: %b\r\nMIME-Version: 1.0\r\n"
)


def sample_names() -> list[str]:
    """The names of all stored samples, sorted."""
    return sorted(path.stem for path in _FOLDER.glob("*.eml"))


def sample(name: str) -> bytes:
    """The octets of a stored sample."""
    return (_FOLDER / f"{name}.eml").read_bytes()


def expected_envelope(name: str) -> bytes:
    """The ENVELOPE that IMAP is to answer for it."""
    return (_FOLDER / f"{name}.envelope").read_bytes()


def expected_bodystructure(name: str) -> bytes:
    """The BODYSTRUCTURE that IMAP is to answer for it."""
    return (_FOLDER / f"{name}.bodystructure").read_bytes()


def large_attachment(size_octets: int = 20 << 20) -> bytes:
    """A message of about `size_octets` (20 MiB), nearly all of it one base64 attachment."""
    line = base64.b64encode(bytes(range(57))) + b"\r\n"  # 78 octets: the longest line that MIME allows (RFC 2045 §6.8)
    return (
        _HEADER % b"A large attachment"
        + b"Content-Type: multipart/mixed; boundary=large\r\n\r\n--large\r\n\r\nSee attachment.\r\n--large\r\n"
        + b"Content-Type: application/octet-stream; name=large.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + line * (size_octets // len(line))
        + b"--large--\r\n"
    )


def nested_multiparts(levels: int) -> bytes:
    """`levels` multiparts, each the only part of the one around it, none closed."""
    opened = (
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(levels)
    )
    return _HEADER % b"Nested" + b"".join(opened) + b"\r\nthe innermost\r\n"


def nested_messages(levels: int) -> bytes:
    """`levels` messages, each in the one before."""
    return (_HEADER % b"Nested" + b"Content-Type: message/rfc822\r\n\r\n") * levels + b"\r\nthe innermost\r\n"


def many_headers(count: int) -> bytes:
    """A message with `count` header fields besides the usual."""
    return _HEADER % b"Headers" + b"".join(b"X-%d: value\r\n" % n for n in range(count)) + b"\r\nbody\r\n"


def many_parts(count: int) -> bytes:
    """A multipart/mixed of `count` short texts."""
    return (
        _HEADER % b"Parts"
        + b"Content-Type: multipart/mixed; boundary=p\r\n\r\n"
        + b"--p\r\n\r\ntext\r\n" * count
        + b"--p--\r\n"
    )
