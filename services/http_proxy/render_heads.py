"""Heads as they are sent on: first line, the lines that go on, Via, framing."""

from __future__ import annotations

from services.http_proxy.fields import CHUNKED
from services.http_proxy.request_head import RequestHead
from services.http_proxy.response_head import ResponseHead
from shared.bounded_cache import remembers


def request_octets(request: RequestHead, pseudonym: bytes) -> bytes:
    """The request's head for its origin. Host is the target's, whatever the client's said (RFC 9112 §3.2.2)."""
    lines = [b"%b %b HTTP/1.1\r\nHost: %b" % (request.method, request.path, request.authority), *request.lines]
    if request.body:
        lines.append(b"Transfer-Encoding: chunked" if request.body == CHUNKED else b"Content-Length: %d" % request.body)
    elif request.says_length:
        lines.append(b"Content-Length: 0")
    if request.max_forwards is not None:
        lines.append(b"Max-Forwards: %d" % (request.max_forwards - 1))
    if request.upgrade is not None:
        lines.append(b"Connection: Upgrade\r\nUpgrade: " + request.upgrade)
    lines.append(b"Via: 1.0 %b\r\n\r\n" % pseudonym if request.is_old else _via(pseudonym))
    return b"\r\n".join(lines)


def response_octets(response: ResponseHead, pseudonym: bytes, chunks: bool, close: bool) -> bytes:
    """The final response's head for the client. Its length is said in one way, or by the end of the connection."""
    lines = [b"HTTP/1.1 " + response.first, *response.lines]
    if chunks:
        lines.append(b"Transfer-Encoding: chunked")
    elif response.has_length:
        lines.append(b"Content-Length: %d" % response.body)
    if close:
        lines.append(b"Connection: close")
    elif response.signs_in_connection:  # we keep it to this client: RFC 4559 §6
        lines.append(b"Proxy-Support: Session-Based-Authentication\r\nConnection: Proxy-Support")
    lines.append(b"Via: 1.0 %b\r\n\r\n" % pseudonym if response.is_old else _via(pseudonym))
    return b"\r\n".join(lines)


def interim_head(response: ResponseHead, pseudonym: bytes, upgrade: bytes | None) -> bytes:
    """The head of a response 1xx; `upgrade` is what 101 switches to."""
    lines = [b"HTTP/1.1 " + response.first, *response.lines]
    if upgrade is not None:
        lines.append(b"Connection: Upgrade\r\nUpgrade: " + (response.upgrade or upgrade))
    lines.append(_via(pseudonym))
    return b"\r\n".join(lines)


@remembers(most=16)  # there is one
def _via(pseudonym: bytes) -> bytes:
    """The last line of a head of HTTP/1.1, and the empty one."""
    return b"Via: 1.1 " + pseudonym + b"\r\n\r\n"
