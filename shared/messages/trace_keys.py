"""The keys of a message, by which a trace finds it: the queue id in our Received, and a hash of its Message-ID."""

from __future__ import annotations

import re
from hashlib import blake2b

HEAD_OCTETS = 2048  # in which Received of ours is: above it are Return-Path and what a room adds
TAIL_OCTETS = 2048  # of the ENVELOPE, whose last field is Message-ID: 998 octets (RFC 5322 §2.1.1), each escaped

_RECEIVED = re.compile(rb"^Received: ", re.MULTILINE)
# As shared/messages/trace.py writes it.
_OURS = re.compile(
    rb"Received: (?:from [!-~]+ \(\[[^\]\r\n]*\]\)\r\n\t)?by [!-~]+ with [!-~]+"
    rb"(?: \([^)\r\n]*\))? id ([0-9a-f]{1,16})[;\r]"
)


def queue_id_of(head: bytes) -> str | None:
    """The id in the topmost Received, if it is one of ours, in the first HEAD_OCTETS of a message."""
    top = _RECEIVED.search(head)
    found = None if top is None else _OURS.match(head, top.start())
    return None if found is None else found[1].decode()


def queue_key(queue_id: str) -> int:
    """An id of up to 16 hexadecimal digits as PostgreSQL's bigint has it."""
    number = int(queue_id, 16)
    return number - (1 << 64) if number >> 63 else number


def envelope_end(identifier: str) -> bytes:
    """The end of the ENVELOPE of a message with this Message-ID, which is given without its angle brackets."""
    quoted = identifier.replace("\\", "\\\\").replace('"', '\\"')
    return f' "<{quoted}>")'.encode()


def identifier_key(envelope_tail: bytes) -> int | None:
    """The hash of the Message-ID in the last TAIL_OCTETS of an ENVELOPE, or what envelope_end() says; None: no such."""
    start = envelope_tail.rfind(b' "', 0, -2)  # what is in a quoted string has a backslash before each quote
    if start < 0 or not envelope_tail.endswith(b'>")') or envelope_tail[start + 2 : start + 3] != b"<":
        return None
    return int.from_bytes(blake2b(envelope_tail[start:], digest_size=8).digest(), "big", signed=True)
