"""The proxy's own replies: the status for each of the domain's errors, with a short page for people."""

from __future__ import annotations

import html
from dataclasses import dataclass
from http import HTTPStatus

from services.http_proxy import errors
from shared.access import errors as access
from shared.accounts import errors as accounts
from shared.accounts.http_credentials import CredentialsWanted
from shared.database.errors import StatementTimedOut, StoreFull, StoreUnavailable
from shared.errors import DomainError, nearest
from shared.reach import errors as reach

# RFC 7617 §2.1: names and passwords are UTF-8. Bearer is for app passwords.
CHALLENGE = b'Proxy-Authenticate: Basic realm="Agora", charset="UTF-8"\r\nProxy-Authenticate: Bearer realm="Agora"\r\n'
LATER_SECONDS = 5  # for what is temporary and says no better


@dataclass(frozen=True, slots=True)
class Reply:
    """A status (RFC 9110 §15) and a sentence for the person who sees the page; `fields` are lines with their CRLF."""

    status: int
    sentence: str
    fields: bytes = b""

    def wire(self, *, close: bool, with_body: bool = True, more: bytes = b"") -> bytes:
        """The response as it is sent; `more` are further field lines."""
        reason = _REASONS.get(self.status) or HTTPStatus(self.status).phrase
        page = _PAGE % {"reason": reason, "status": self.status, "sentence": html.escape(self.sentence)}
        body = page.encode() if self.sentence else b""
        head = (
            f"HTTP/1.1 {self.status} {reason}\r\nContent-Type: text/html; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\n"
        ).encode()
        connection = b"Connection: close\r\n" if close else b""
        return head + self.fields + more + connection + b"\r\n" + (body if with_body else b"")


_REASONS = {431: "Request Header Fields Too Large", 508: "Loop Detected"}
_PAGE = (
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>%(status)s %(reason)s</title></head>'
    "<body><h1>%(reason)s</h1><p>%(sentence)s</p></body></html>\n"
)

_BAD_MESSAGE = Reply(400, "The request is no well-formed HTTP/1.1 message.")
_WHO = Reply(407, "Sign in to this proxy, with your name and password or with an app password for it.", CHALLENGE)
_TOO_SLOW = Reply(504, "That site did not answer in time.")
_RULES = "The rules of this proxy do not allow that site."

REPLIES: dict[type[DomainError], Reply] = {
    errors.BadMessage: _BAD_MESSAGE,
    errors.BadTarget: Reply(400, "The request's target is neither http://HOST/PATH nor, for CONNECT, HOST:PORT."),
    errors.UnknownScheme: Reply(
        400, "The scheme of the request's target is not http. Through a proxy, https goes by CONNECT."
    ),
    errors.BadTargetUser: Reply(
        400, "The user and password in the request's target have characters that must be percent-encoded there."
    ),
    errors.BadTargetHost: Reply(400, "The host in the request's target is neither a host name nor an address."),
    errors.BadTargetPort: Reply(400, "The port in the request's target is not a number from 1 to 65535."),
    errors.BadHost: Reply(400, "The request must have one Host field."),
    errors.AmbiguousLength: Reply(400, "The length of the request is ambiguous."),
    errors.BadChunk: Reply(400, "The request's body is broken."),
    errors.UnknownCoding: Reply(501, "The request's transfer coding is not supported."),
    errors.UnknownVersion: Reply(505, "This proxy supports HTTP/1.1 only."),
    errors.HeadTooLarge: Reply(431, "The request's head is larger than it may be."),
    errors.TooSlow: Reply(408, "The request took too long to arrive."),
    CredentialsWanted: _WHO,
    errors.PortNotAllowed: Reply(403, "Tunnels may not lead to that port."),
    reach.DestinationRefused: Reply(403, "That address is in a private network, which this proxy does not reach."),
    errors.Loop: Reply(508, "The request leads back to this proxy, or came through it already."),
    reach.HostNotFound: Reply(502, "There is no site of that name."),
    reach.NamesUnavailable: Reply(504, "The name of that site could not be looked up in time."),
    reach.HostUnreachable: Reply(502, "That site does not accept connections."),
    reach.ConnectTimedOut: _TOO_SLOW,
    errors.OriginTooSlow: _TOO_SLOW,
    errors.OriginBroke: Reply(502, "That site closed the connection before its answer was complete."),
    errors.BadAnswer: Reply(502, "That site's answer is no well-formed HTTP/1.1 message."),
    errors.Leaving: Reply(503, "This proxy is shutting down; try again soon."),
    errors.DoorFull: Reply(503, "Too many connections; try again soon."),
    access.HostBlocked: Reply(403, _RULES),
    access.HostNotListed: Reply(403, "This proxy reaches listed sites only."),
    reach.HostUnusable: Reply(400, "The host in the request is not a valid host name."),
    access.TooManyRequests: Reply(429, "You have made too many requests; try again a little later."),
    access.VolumeSpent: Reply(429, "You have reached your limit of traffic for one day."),
    access.TooManyConnections: Reply(429, "You have too many connections at once."),
    accounts.BadCredentials: _WHO,
    accounts.AccountDisabled: _WHO,
    accounts.SaslProtocolError: _WHO,
    accounts.LockedOut: Reply(429, "Too many failed attempts to sign in; try again later."),
    accounts.TooManySignIns: Reply(503, "Too many sign-ins at once; try again."),
    StoreUnavailable: Reply(503, "Accounts cannot be looked up at the moment; try again soon."),
    StoreFull: Reply(503, "Accounts cannot be looked up at the moment; try again soon."),
    StatementTimedOut: Reply(503, "Accounts cannot be looked up at the moment; try again soon."),
}
UNEXPECTED = Reply(500, "Internal error; it is in the log.")
NOT_HERE = Reply(404, "This is a web proxy. Set it as the proxy of your browser, or its address with /proxy.pac.")


def reply_to(error: BaseException) -> Reply:
    """The reply to `error`, or to the nearest kind of error above it; UNEXPECTED if it is not the domain's."""
    return nearest(REPLIES, error, UNEXPECTED)


def retry_after(error: BaseException, reply: Reply) -> bytes:
    """The Retry-After field (RFC 9110 §10.2.3) for a temporary error."""
    if reply.status not in (429, 503):
        return b""
    wait = error.retry_after if isinstance(error, DomainError) else None
    seconds = LATER_SECONDS if wait is None else max(1, int(wait.total_seconds() + 0.999))
    return b"Retry-After: %d\r\n" % seconds
