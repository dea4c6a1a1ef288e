"""An origin's response head, until all of it is here; and what browsers read besides, put into the one plain form.

A lenient reading of a response can harm only the client that asked, if the connection is not used for others
afterwards. So lines that end in LF, folded lines and blanks before a colon are read (RFC 9112 §2.2, §5.1, §5.2) and
written anew, never passed on. Requests are not read leniently: the origin may understand them in another way.
"""

from __future__ import annotations

import re

from services.http_proxy.errors import BadAnswer
from services.http_proxy.fields import MOST_HEAD_OCTETS
from services.http_proxy.response_head import ResponseHead, parse_response

_END = re.compile(rb"\n\r?\n")


class ResponseBuffer:
    """Takes what an origin sends until a head is complete."""

    __slots__ = ("_partial",)

    def __init__(self) -> None:
        self._partial = b""

    def take(self, data: bytes, method: bytes) -> tuple[ResponseHead, bytes] | None:
        """The head of the response to `method`, and what follows it; None while it is not complete.

        Raises BadAnswer, BadMessage.
        """
        if self._partial:
            data = self._partial + data
            self._partial = b""
        head, end, rest = data.partition(b"\r\n\r\n")
        if end and len(head) <= MOST_HEAD_OCTETS:
            try:
                return parse_response(head + end, method), rest
            except BadAnswer:
                pass
        found = _END.search(data)
        if found is None:
            if len(data) > MOST_HEAD_OCTETS or not b"HTTP/1.".startswith(data[:7]):
                raise BadAnswer
            self._partial = data
            return None
        if found.start() > MOST_HEAD_OCTETS:
            raise BadAnswer
        response = parse_response(plain_head(data[: found.end()]), method)
        response.keeps = False  # we may be wrong about where its body ends
        return response, data[found.end() :]


def plain_head(head: bytes) -> bytes:
    """`head` with CRLF at the end of each line, folded lines in one, and no blanks before a colon."""
    lines: list[list[bytes]] = []
    first, *others = [line.removesuffix(b"\r") for line in head.rstrip(b"\r\n").split(b"\n")]
    for line in others:
        if line[:1] in (b" ", b"\t"):
            if not lines:
                raise BadAnswer
            lines[-1].append(line.strip(b" \t"))
        else:
            name, colon, value = line.partition(b":")
            lines.append([name.rstrip(b" \t") + colon + value])
    return b"\r\n".join([first, *(b" ".join(parts) for parts in lines), b"", b""])
