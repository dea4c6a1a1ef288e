"""A request and its connection, within bounds: octets of the head and the body, and time.

twisted.web alone bounds heads only, parses a form of any size in the reactor, and looks for resources by segments.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from datetime import timedelta
from io import BytesIO
from typing import Any

from twisted.python.failure import Failure
from twisted.web.http import RESPONSES, datetimeToString
from twisted.web.server import Request

from services.wiki.sessions.visitor import Visitor
from services.wiki.site.forms import Form, read_form
from shared.runtime.draining_site import DrainingSite
from shared.runtime.in_thread import in_thread
from shared.runtime.timed_channel import TimedChannel

MOST_HEAD_OCTETS = 32 * 1024
MOST_FIELDS = 100  # browsers send 20
SPOOLED_OCTETS = 256 * 1024  # a larger body is in a file
LINGER_SECONDS = 2.0  # so long what is too large is thrown away, so that the client reads the answer
_REFUSAL = (
    b"HTTP/1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
)

Handle = Callable[["WebRequest"], None]


class WebSite(DrainingSite):
    """One door of the site. `handle` answers each request."""

    noisy = False
    displayTracebacks = False

    def __init__(self, handle: Handle, reactor: Any, *, secure: bool, limit: timedelta, body_octets: int) -> None:
        super().__init__(None, requestFactory=WebRequest, timeout=None, reactor=reactor)
        self.protocol = WebChannel
        self.handle = handle
        self.clock = reactor
        self.secure = secure
        self.limit_seconds = limit.total_seconds()
        self.body_octets = body_octets

    def log(self, request: Any) -> None:
        """The site has an access log of its own; twisted.web's would make a line of each request, for nobody."""


class WebChannel(TimedChannel):
    """One connection. Each piece of a body lets the time of its request begin anew."""

    totalHeadersSize = MAX_LENGTH = MOST_HEAD_OCTETS  # a line may be all of it; twisted.web closes behind 16 KiB
    maxHeaders = MOST_FIELDS
    site: WebSite
    _head_octets = 0

    def connectionMade(self) -> None:
        """The time of the first request begins."""
        self.request_seconds = self.site.limit_seconds
        super().connectionMade()

    def lineReceived(self, line: bytes) -> None:
        """A line of a head."""
        self._head_octets += len(line)
        if self._head_octets > MOST_HEAD_OCTETS:
            self.lineLengthExceeded(line)
        else:
            super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:
        """The head is too large (RFC 6585 §5)."""
        said = b"The head of a request has at most %d octets here.\n" % MOST_HEAD_OCTETS
        self._refuse(b"431 Request Header Fields Too Large", said)

    def allHeadersReceived(self) -> None:
        """The head is here."""
        self._head_octets = 0
        super().allHeadersReceived()

    def refuse_body(self) -> None:
        """Read no more of what is too large."""
        said = b"A request has at most %d octets here.\n" % self.site.body_octets
        self._refuse(b"413 Content Too Large", said)

    def _refuse(self, status: bytes, said: bytes) -> None:
        self.transport.write(_REFUSAL % (status, len(said), said))
        self.dataReceived = _throw_away  # type: ignore[method-assign]
        self.lineReceived = _throw_away  # type: ignore[method-assign, assignment]
        self.then(LINGER_SECONDS, self.loseConnection)


class WebRequest(Request):
    """One request, whose body is here when it is handled."""

    channel: Any
    content: Any
    visitor: Visitor | None = None
    account_name = "-"  # for the access log
    secure = False
    peer_host = ""  # the client's address
    body_octets = 0
    query: Mapping[str, str] = {}
    gone = False  # the client has left
    began_at = 0.0
    _refused = False
    _form: Form | None = None

    def gotLength(self, length: int | None) -> None:
        """Its head is here."""
        most = self.channel.site.body_octets
        if length is not None and length > most:
            self._refuse()
        elif length is None or length > SPOOLED_OCTETS:
            self.content = tempfile.SpooledTemporaryFile(SPOOLED_OCTETS)  # noqa: SIM115  # twisted.web closes it
        else:
            self.content = BytesIO()

    def handleContentChunk(self, data: bytes) -> None:
        """More of its body."""
        if self._refused:
            return
        self.body_octets += len(data)
        if self.body_octets > self.channel.site.body_octets:
            self._refuse()
        else:
            self.channel.await_request()
            self.content.write(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """The whole request has come: answer it, unless it is answered already."""
        if self._refused:
            return
        site = self.channel.site
        self.site = site
        self.content.seek(0)
        self.args = {}
        self.method, self.uri, self.clientproto = command, path, version
        self.path = path.partition(b"?")[0]
        self.secure = site.secure
        self.peer_host = getattr(self.channel.getPeer(), "host", "")
        self.began_at = site.clock.seconds()
        site.handle(self)

    def body(self) -> bytes:
        """The whole body."""
        self.content.seek(0)
        octets: bytes = self.content.read()
        return octets

    async def form(self) -> Form:
        """The form in the body, read once, a large one in a thread. Raises BadForm, UnsupportedType."""
        form = self._form
        if form is None:
            self.content.seek(0)
            content_type = (self.getHeader(b"content-type") or b"").decode("latin-1")
            if self.body_octets > SPOOLED_OCTETS:
                form = await in_thread(self.channel.site.clock, read_form, content_type, self.content)
            else:
                form = read_form(content_type, self.content)
            self._form = form
        return form

    def send_head(self, status: int, reason: bytes, fields: bytes, body: bytes | None) -> None:
        """Write the head, and the whole body with it; None: what `write` is given afterwards is the body.

        `fields` are written as they are, each with its line end. twisted.web would check and sort each field of each
        response anew, which takes longer than to find a page.
        """
        self.startedWriting = 1
        self.code = status
        line = b"%s %d %s\r\ndate: %s\r\n" % (
            self.clientproto, status, reason or RESPONSES.get(status, b""), datetimeToString(),
        )  # fmt: skip
        closing = self.responseHeaders.getRawHeaders(b"connection")
        if closing:
            fields += b"connection: %s\r\n" % closing[0]
        if body is None and self.clientproto == b"HTTP/1.1" and self.method != b"HEAD":
            fields += b"transfer-encoding: chunked\r\n"
            self.chunked = 1
        sent = b"" if body is None or self.method == b"HEAD" else body
        self.sentLength = len(sent)
        self.channel.writeSequence([line, fields, b"\r\n", sent])

    def connectionLost(self, reason: Failure) -> None:
        """The client has left."""
        self.gone = True
        super().connectionLost(reason)

    def _refuse(self) -> None:
        if not self._refused:
            self._refused = True
            self.content = BytesIO()
            self.channel.refuse_body()


def _throw_away(_data: bytes) -> None:
    """Of a body that is refused."""
