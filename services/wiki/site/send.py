"""Sending an answer: the fields that all have, 304, compression, the line in the access log."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b

from services.wiki.site.answer import HTML, Answer
from services.wiki.site.compress import compressed, is_compressible
from services.wiki.site.conditions import is_held
from services.wiki.site.negotiate import preferred_coding
from services.wiki.site.request import WebRequest

CONTENT_POLICY = (
    b"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    b"base-uri 'none'; frame-ancestors 'none'"
)
HSTS = b"max-age=31536000"
_SECURITY = (
    (b"content-security-policy", CONTENT_POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"vary", b"Accept, Accept-Encoding, Authorization, Cookie"),
)
_IN_CLEAR = b"".join(b"%s: %s\r\n" % pair for pair in _SECURITY)
_OVER_TLS = _IN_CLEAR + b"strict-transport-security: " + HSTS + b"\r\n"
Note = Callable[[WebRequest, int, int], None]


def send(request: WebRequest, answer: Answer, note: Note | None = None) -> None:
    """Send it, unless the client is gone. `note` gets the status and the octets of the body."""
    status, body = answer.status, answer.body
    if request.gone:
        if note is not None:
            note(request, 499, 0)  # as nginx counts those who leave before the answer
        return
    etag = answer.etag
    if not etag and status == 200 and answer.content_type is HTML and answer.stream is None:
        etag = "W/" + blake2b(body, digest_size=12).hexdigest()
    if etag and status == 200 and request.method in (b"GET", b"HEAD"):
        held = request.getHeader(b"if-none-match")
        if held is not None and is_held(held, etag):
            status, body = 304, b""
    fields = [_OVER_TLS if request.secure else _IN_CLEAR, b"cache-control: ", answer.cache, b"\r\n"]
    if etag:
        fields += (b"etag: ", _quoted(etag), b"\r\n")
    for name, value in answer.fields.items():
        fields += (name, b": ", _one_line(value), b"\r\n")
    for cookie in answer.cookies:
        fields += (b"set-cookie: ", _one_line(cookie), b"\r\n")
    if answer.stream is not None:
        fields += (b"content-type: ", answer.content_type, b"\r\n")
        request.send_head(status, answer.reason, b"".join(fields), None)
        answer.stream(request)
    elif status in (304, 204):
        request.send_head(status, answer.reason, b"".join(fields), b"")
        request.finish()
    else:
        fields += (b"content-type: ", answer.content_type, b"\r\n")
        if is_compressible(answer.content_type, len(body)) and b"content-encoding" not in answer.fields:
            coding = preferred_coding(request.getHeader(b"accept-encoding") or b"")
            if coding:
                body = compressed(body, coding)
                fields += (b"content-encoding: ", coding, b"\r\n")
        fields.append(b"content-length: %d\r\n" % len(body))
        request.send_head(status, answer.reason, b"".join(fields), body)
        request.finish()
    if note is not None:
        note(request, status, 0 if request.method == b"HEAD" else len(body))


def _one_line(value: bytes) -> bytes:
    """A value cannot begin another field (response splitting)."""
    return value if value.isascii() and b"\n" not in value and b"\r" not in value else b" ".join(value.split())


def _quoted(etag: str) -> bytes:
    if etag.startswith("W/"):
        return b'W/"%s"' % etag[2:].encode("latin-1")
    return b'"%s"' % etag.encode("latin-1")
