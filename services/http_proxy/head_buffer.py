"""The beginning of a request's head, until all of it is here."""

from __future__ import annotations

import re

from services.http_proxy.errors import BadHead, HeadTooLarge
from services.http_proxy.fields import MOST_HEAD_OCTETS

_EMPTY_LINES = re.compile(rb"(?:\r\n)*")
TLS_HELLO = b"\x16\x03"  # to a door without TLS


class HeadBuffer:
    """Takes what a client sends between two requests. Each octet is searched once."""

    __slots__ = ("partial",)

    def __init__(self) -> None:
        self.partial: bytearray | None = None  # a head that has begun

    def clear(self) -> None:
        """Nothing more will be read."""
        self.partial = None

    def take(self, data: bytes) -> tuple[bytes, bytes] | None:
        """The next head with its empty line, and what follows it; None while it is not complete.

        Raises BadHead, HeadTooLarge: at once for what cannot become a head.
        """
        partial = self.partial
        if partial is not None:
            searched = max(0, len(partial) - 3)
            partial += data
            if partial.find(b"\r\n\r\n", searched) < 0:
                _check(partial)
                return None
            data = bytes(partial)
            self.partial = None
        if data[:2] == b"\r\n":  # RFC 9112 §2.2: some send one too many after a body
            match = _EMPTY_LINES.match(data)
            data = data[match.end() if match else 0 :]
        head, end, rest = data.partition(b"\r\n\r\n")
        if len(head) > MOST_HEAD_OCTETS:
            raise HeadTooLarge
        if end:
            return head + end, rest
        if data:
            self.partial = bytearray(data)
            _check(self.partial)
        return None


def _check(partial: bytearray) -> None:
    if len(partial) > MOST_HEAD_OCTETS:
        raise HeadTooLarge
    if b"\n\n" in partial or b"\0" in partial or partial.startswith(TLS_HELLO):
        raise BadHead
