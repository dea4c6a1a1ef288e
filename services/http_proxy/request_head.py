"""A request's head: parsed once into what a proxy has to know, and the lines that go on unchanged."""

from __future__ import annotations

import re
from base64 import b64encode

from services.http_proxy.errors import AmbiguousLength, BadHead, BadHost, HeadTooLarge, UnknownVersion
from services.http_proxy.fields import (
    CHUNKED,
    HOP_BY_HOP,
    LINES,
    MOST_FIELD_LINES,
    TOKEN,
    Noted,
    body_length,
    kinds_of,
    sort_lines,
    without_nominated,
    words,
)
from services.http_proxy.request_target import AUTHORITY, absolute_target, connect_target, ordinary_target
from services.http_proxy.schemes import signs_in_connection

# The method, the target and the version (RFC 9112 §3), then field lines, then the empty one. One pass over the head.
_HEAD = re.compile(
    rb"(" + TOKEN + rb"{1,64}+) ([\x21-\x7e\x80-\xff]++) HTTP/([0-9])\.([0-9])\r\n"
    rb"(" + LINES + rb")\r\n"
)
_FIELD_ENDS = HOP_BY_HOP | {b"host", b"max-forwards"}
_FIELD_NOTED = frozenset((b"via", b"authorization"))
_FRAMING = frozenset((b"content-length", b"transfer-encoding", b"content_length", b"transfer_encoding"))
_KIND_OF = kinds_of(_FIELD_ENDS, _FIELD_NOTED)
IDEMPOTENT = frozenset((b"GET", b"HEAD", b"OPTIONS", b"TRACE", b"PUT", b"DELETE"))  # RFC 9110 §9.2.2
_NAMED_BY_NOBODY = frozenset((b"close", b"keep-alive", b"upgrade", b"te"))


class RequestHead:
    """The head of a request. Octets as they came; `authority` is lower-case `host:port`, `host` unbracketed.

    `authority` is empty for a request to the proxy itself (origin-form and `*`). `body` is a length in octets or
    CHUNKED. `lines` are what goes on besides Host, framing and Via.
    """

    __slots__ = (
        "authority", "authorization", "body", "close", "host", "host_field", "is_old", "lines",
        "max_forwards", "method", "path", "port", "says_length", "signs_in_connection", "upgrade", "userinfo",
        "via",
    )  # fmt: skip

    method: bytes
    path: bytes
    authority: bytes
    host: str
    port: int
    host_field: bytes  # what the client called the one it talks to
    is_old: bool  # HTTP/1.0
    lines: list[bytes]
    body: int
    says_length: bool
    close: bool  # the client will send nothing after it
    authorization: bytes | None
    signs_in_connection: bool  # its credentials for the origin are the connection's (RFC 4559 §6)
    max_forwards: int | None
    upgrade: bytes | None
    via: list[bytes]
    userinfo: bytes | None  # user and password in the target, and no others are said

    @property
    def is_repeatable(self) -> bool:
        """Whether it may be sent again when a connection dies (RFC 9110 §9.2.2); a body is gone by then."""
        return self.body == 0 and self.method in IDEMPOTENT


def parse_request(head: bytes) -> RequestHead:
    """The request whose head is `head`, up to and with the empty line. Raises BadMessage."""
    match = _HEAD.fullmatch(head)
    if match is None:
        raise _fault(head)
    method, target, major, minor, section = match.groups()
    if major != b"1":
        raise UnknownVersion
    if len(section) > MOST_FIELD_LINES and section.count(b"\n") > MOST_FIELD_LINES:
        raise HeadTooLarge
    request = RequestHead()
    request.method = method
    request.is_old = minor == b"0"
    request.lines, noted = sort_lines(section[:-2], _KIND_OF)
    _read_target(request, target)
    _check_host(request, noted)
    _read_fields(request, noted)
    return request


def _fault(head: bytes) -> BadHead | UnknownVersion:
    """The error for a head that does not match."""
    first = head[: head.find(b"\r\n")]
    if re.fullmatch(rb"[^ ]+ [^ ]+ HTTP/[0-9.]+", first) and not first.endswith((b"HTTP/1.1", b"HTTP/1.0")):
        return UnknownVersion()
    return BadHead()


def _read_target(request: RequestHead, target: bytes) -> None:
    request.userinfo = None
    ordinary = ordinary_target(target)
    if ordinary is not None and request.method != b"CONNECT":
        (request.host, request.port, request.authority), request.path = ordinary
    elif request.method == b"CONNECT":
        request.host, request.port, request.authority = connect_target(target)
        request.path = target
    elif target.startswith(b"/") or (target == b"*" and request.method == b"OPTIONS"):
        request.host, request.port, request.authority = "", 0, b""
        request.path = target
    else:
        found = absolute_target(target)
        request.host, request.port, request.authority = found.host, found.port, found.authority
        request.path = found.path or (b"*" if request.method == b"OPTIONS" else b"/")  # RFC 9112 §3.2.4
        request.userinfo = found.userinfo


def _check_host(request: RequestHead, noted: Noted) -> None:
    """RFC 9112 §3.2: exactly one, unless HTTP/1.0. What it says does not count in absolute form (§3.2.2)."""
    hosts = noted.get(b"host")
    request.host_field = hosts[0] if hosts else b""
    if hosts is None:
        if not request.is_old:
            raise BadHost
        return
    host = hosts[0]
    if len(hosts) > 1 or (host and host != request.authority and AUTHORITY.fullmatch(host) is None):
        raise BadHost


def _read_fields(request: RequestHead, noted: Noted) -> None:
    length = None if _FRAMING.isdisjoint(noted) else _length(noted)
    if request.is_old and length == CHUNKED:
        raise AmbiguousLength  # RFC 9112 §6.1: such a message's framing is faulty
    if request.method in (b"CONNECT", b"TRACE") and length:
        raise AmbiguousLength  # RFC 9110 §9.3.6, §9.3.8: they have no content
    request.body = length or 0
    request.says_length = length is not None
    request.upgrade = None
    request.close = request.is_old  # no keep-alive with old clients through a proxy: RFC 9112 §9.3
    if b"connection" in noted or b"proxy-connection" in noted:
        options = words(noted[b"connection"]) if b"connection" in noted else frozenset()
        if b"close" in options or (b"proxy-connection" in noted and b"close" in words(noted[b"proxy-connection"])):
            request.close = True
        if (
            b"upgrade" in options
            and not request.is_old
            and [each.lower() for each in noted.get(b"upgrade", ())] == [b"websocket"]
        ):
            request.upgrade = noted[b"upgrade"][0]
        if options and not options <= _NAMED_BY_NOBODY:
            request.lines = without_nominated(request.lines, options)
    request.authorization = None
    if b"proxy-authorization" in noted:
        credentials = noted[b"proxy-authorization"]
        if len(credentials) > 1:
            raise BadHead
        request.authorization = credentials[0]
    request.via = noted.get(b"via", [])
    if request.userinfo is not None and b"authorization" not in noted:
        request.lines.append(b"Authorization: Basic " + b64encode(request.userinfo))
    request.signs_in_connection = b"authorization" in noted and signs_in_connection(noted[b"authorization"])
    request.max_forwards = None
    if b"max-forwards" in noted:
        _read_max_forwards(request, noted[b"max-forwards"])


def _length(noted: Noted) -> int | None:
    if b"transfer_encoding" in noted or b"content_length" in noted:  # in disguise
        raise AmbiguousLength
    return body_length(noted)


def _read_max_forwards(request: RequestHead, values: list[bytes]) -> None:
    """RFC 9110 §7.6.2: only of TRACE and OPTIONS; elsewhere it is a line like any other."""
    if request.method not in (b"TRACE", b"OPTIONS"):
        request.lines.extend(b"Max-Forwards: " + value for value in values)
        return
    if len(values) > 1 or not values[0].isdigit() or len(values[0]) > 9:
        raise BadHead
    request.max_forwards = int(values[0])
