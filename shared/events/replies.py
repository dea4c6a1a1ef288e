"""Redis's replies out of the octets they arrive in (RESP2), many at a time.

txredisapi's own reader takes a turn of the reactor and a pause of the transport for each string, six for each event;
its fast one wants a C library.
"""

from __future__ import annotations

from typing import Any

from txredisapi import ResponseError

CRLF = b"\r\n"


class NotARedisServer(Exception):
    """What arrived is no reply."""


class _Incomplete(Exception):
    """The rest has not arrived yet."""


class ReplyReader:
    """Keeps what is incomplete for the next time."""

    def __init__(self) -> None:
        self._octets = b""

    def feed(self, octets: bytes) -> list[Any]:
        """The replies that are complete now: bytes, int, list, None, str for a status, ResponseError for an error.

        Raises NotARedisServer.
        """
        octets = self._octets + octets
        replies: list[Any] = []
        position = 0
        try:
            while position < len(octets):
                reply, position = _read(octets, position)
                replies.append(reply)
        except _Incomplete:
            pass
        except (ValueError, RecursionError) as error:
            raise NotARedisServer(repr(octets[:40])) from error
        self._octets = octets[position:]
        return replies


def _read(octets: bytes, position: int) -> tuple[Any, int]:
    """One reply from `position` on, and the position after it. Raises _Incomplete, ValueError."""
    end = octets.find(CRLF, position)
    if end < 0:
        raise _Incomplete
    kind, line, position = octets[position : position + 1], octets[position + 1 : end], end + 2
    if kind == b"$":
        return _read_string(octets, position, int(line))
    if kind == b"*":
        return _read_list(octets, position, int(line))
    if kind == b":":
        return int(line), position
    if kind == b"+":
        return line.decode(), position
    if kind == b"-":
        return ResponseError(line.decode().removeprefix("ERR ")), position
    raise ValueError


def _read_string(octets: bytes, position: int, length: int) -> tuple[bytes | None, int]:
    if length < 0:
        return None, position
    if len(octets) < position + length + 2:
        raise _Incomplete
    return octets[position : position + length], position + length + 2


def _read_list(octets: bytes, position: int, count: int) -> tuple[list[Any] | None, int]:
    if count < 0:
        return None, position
    items: list[Any] = []
    for _ in range(count):
        item, position = _read(octets, position)
        items.append(item)
    return items, position
