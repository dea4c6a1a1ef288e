"""Sending an answer: the fields that all have, 304, compression, the line in the access log."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b

from twisted.web.http import datetimeToString

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
SECURITY = (
    (b"content-security-policy", CONTENT_POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
VARY = b"Accept, Accept-Encoding, Authorization, Cookie"
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
    put = request.responseHeaders.setRawHeaders
    put(b"date", [datetimeToString()])
    for name, value in SECURITY:
        put(name, [value])
    if request.secure:
        put(b"strict-transport-security", [HSTS])
    put(b"cache-control", [answer.cache])
    put(b"vary", [VARY])
    if etag:
        put(b"etag", [_quoted(etag)])
    for name, value in answer.fields.items():
        put(name, [value])
    for cookie in answer.cookies:
        request.responseHeaders.addRawHeader(b"set-cookie", cookie)
    if etag and status == 200 and request.method in (b"GET", b"HEAD"):
        held = request.getHeader(b"if-none-match")
        if held is not None and is_held(held, etag):
            status, body = 304, b""
    if answer.stream is not None:
        put(b"content-type", [answer.content_type])
        request.setResponseCode(status)
        request.write(b"")
        answer.stream(request)
    elif status in (304, 204):
        request.setResponseCode(status, answer.reason or None)
        request.finish()
    else:
        put(b"content-type", [answer.content_type])
        if is_compressible(answer.content_type, len(body)) and b"content-encoding" not in answer.fields:
            coding = preferred_coding(request.getHeader(b"accept-encoding") or b"")
            if coding:
                body = compressed(body, coding)
                put(b"content-encoding", [coding])
        put(b"content-length", [b"%d" % len(body)])
        request.setResponseCode(status, answer.reason or None)
        request.write(body)  # of HEAD, twisted.web sends the head alone
        request.finish()
    if note is not None:
        note(request, status, 0 if request.method == b"HEAD" else len(body))


def _quoted(etag: str) -> bytes:
    if etag.startswith("W/"):
        return b'W/"%s"' % etag[2:].encode("latin-1")
    return b'"%s"' % etag.encode("latin-1")
