"""A response's head: parsed once into what a proxy has to know, and the lines that go on unchanged."""

from __future__ import annotations

import re

from services.http_proxy.errors import AmbiguousLength, BadAnswer
from services.http_proxy.fields import (
    CHUNKED,
    HOP_BY_HOP,
    LINES,
    UNTIL_CLOSE,
    VALUE,
    Noted,
    body_length,
    kinds_of,
    sort_lines,
    without_nominated,
    words,
)
from services.http_proxy.schemes import signs_in_connection

# RFC 9112 §4; the space before an empty reason is left out by many servers.
_HEAD = re.compile(
    rb"HTTP/1\.([0-9]) ([1-9][0-9]{2})(?: (" + VALUE + rb"*+))?\r\n"
    rb"(" + LINES + rb")\r\n"
)
_FIELD_NOTED = frozenset((b"content-type", b"content-encoding", b"www-authenticate", b"persistent-auth"))
_SIGNING_IN = frozenset((b"www-authenticate", b"proxy-support", b"persistent-auth"))
_FIELD_ENDS = HOP_BY_HOP | {b"proxy-support"}  # RFC 4559 §6: what a proxy before us supports, and we say ourselves
_KIND_OF = kinds_of(_FIELD_ENDS, _FIELD_NOTED)
_PLAIN_OPTIONS = frozenset((b"close", b"keep-alive", b"upgrade"))
MOST_RESPONSE_LINES = 2000  # some sites set hundreds of cookies; sorting so many lines takes a millisecond
SWITCHING = 101
NO_CONTENT, NOT_MODIFIED = 204, 304
PROXY_CREDENTIALS_WANTED = 407


class ResponseHead:
    """The head of a response.

    `body` is a length in octets, CHUNKED or UNTIL_CLOSE; `first` is what follows the version in the status line,
    `lines` what goes on besides framing and Via.
    """

    __slots__ = (
        "body",
        "content_encoding",
        "content_type",
        "first",
        "has_length",
        "is_old",
        "keeps",
        "lines",
        "signs_in_connection",
        "status",
        "upgrade",
    )

    status: int
    first: bytes
    is_old: bool
    lines: list[bytes]
    body: int
    has_length: bool  # `body` is what its Content-Length says
    keeps: bool  # the origin keeps the connection open
    content_type: bytes
    content_encoding: bytes
    signs_in_connection: bool  # credentials are the connection's, not the request's (RFC 4559 §6)
    upgrade: bytes | None


def parse_response(head: bytes, method: bytes) -> ResponseHead:
    """The response to `method` whose head is `head`, up to and with the empty line. Raises BadMessage, BadAnswer."""
    match = _HEAD.fullmatch(head)
    if match is None:
        raise BadAnswer
    minor, status, reason, section = match.groups()
    if len(section) > MOST_RESPONSE_LINES and section.count(b"\n") > MOST_RESPONSE_LINES:
        raise BadAnswer
    response = ResponseHead()
    response.status = int(status)
    response.first = status + b" " + (reason or b"")
    response.is_old = minor == b"0"
    response.lines, noted = sort_lines(section[:-2], _KIND_OF)
    response.content_type = noted[b"content-type"][0] if b"content-type" in noted else b""
    response.content_encoding = b", ".join(noted[b"content-encoding"]) if b"content-encoding" in noted else b""
    response.signs_in_connection = not _SIGNING_IN.isdisjoint(noted) and _signs_in_connection(noted)
    _read_connection(response, noted)
    response.body = _body(response, method, noted)
    if response.status == PROXY_CREDENTIALS_WANTED:
        raise BadAnswer  # an origin that asks for the proxy's credentials phishes for them (RFC 9110 §11.7.1)
    return response


def _signs_in_connection(noted: Noted) -> bool:
    if b"www-authenticate" in noted and signs_in_connection(noted[b"www-authenticate"]):
        return True
    if b"proxy-support" in noted and b"session-based-authentication" in words(noted[b"proxy-support"]):
        return True
    return b"persistent-auth" in noted and b"true" in words(noted[b"persistent-auth"])


def _read_connection(response: ResponseHead, noted: Noted) -> None:
    response.keeps = not response.is_old
    response.upgrade = b", ".join(noted[b"upgrade"]) if b"upgrade" in noted else None
    if b"connection" not in noted and b"proxy-connection" not in noted:
        return
    options = words(noted.get(b"connection", ()))
    if b"proxy-connection" in noted:
        options |= words(noted[b"proxy-connection"])
    if b"close" in options:
        response.keeps = False
    elif response.is_old and b"keep-alive" in options:
        response.keeps = True
    if not options <= _PLAIN_OPTIONS:
        response.lines = without_nominated(response.lines, options)


def _body(response: ResponseHead, method: bytes, noted: Noted) -> int:
    """RFC 9112 §6.3. The Content-Length of a response without a body says what GET would have given: it goes on."""
    response.has_length = False
    if response.status < 200 or response.status == NO_CONTENT:
        # The head ends the response, whatever it says (rule 1). An origin that announces a body may send it: the
        # connection is not used again, or those octets would be taken for the next response.
        if b"transfer-encoding" in noted or noted.get(b"content-length", [b"0"]) != [b"0"]:
            response.keeps = False
        return 0
    length = body_length(noted, repeated=True)
    if length == CHUNKED and response.is_old:
        raise AmbiguousLength
    if method == b"HEAD" or response.status == NOT_MODIFIED:
        if length is not None and length >= 0:
            response.lines.append(b"Content-Length: %d" % length)
        return 0
    response.has_length = length is not None and length >= 0
    return UNTIL_CLOSE if length is None else length
