"""One request over a connection of its own, and why there is no answer to it, in words of this folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from OpenSSL import SSL
from service_identity import VerificationError
from twisted.internet.defer import CancelledError, Deferred, succeed
from twisted.internet.error import ConnectionClosed
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.client import Agent, ResponseFailed
from twisted.web.http_headers import Headers
from twisted.web.iweb import UNKNOWN_LENGTH, IBodyProducer
from zope.interface import implementer

from shared.give_way import Turns
from shared.reach import errors
from shared.reach.connector import Connector
from shared.reach.fetch_errors import (
    AddressUnusable,
    AnswerTooLarge,
    BrokenAnswer,
    FetchFailed,
    FetchRefused,
    FetchTimedOut,
    NotReachable,
    TlsFailed,
)
from shared.reach.fetched_body import FetchedBody
from shared.reach.inflate import ACCEPTED_CODINGS, coding_of, inflate
from shared.reach.web_address import WebAddress
from shared.reach.web_connection import WebConnection

REDIRECTS = (301, 302, 303, 307, 308)  # RFC 9110 §15.4
USER_AGENT = "Agora"
Fields = Mapping[str, str | Sequence[str]]  # a field with several values is sent several times
_log = Logger()


class Answer(NamedTuple):
    """`location` is where a redirect leads; then there is no body."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    location: str | None


class WebRequests:
    """Makes requests through `connector`; certificates are verified against `trust_root`."""

    def __init__(self, reactor: Any, connector: Connector, trust_root: Any) -> None:
        self._reactor = reactor
        self._connector = connector
        self._trust_root = trust_root

    async def ask(self, address: WebAddress, fields: Fields, octets: int, content: bytes | None = None) -> Answer:
        """GET, or POST of `content`: the answer, with a body of at most `octets`.

        Raises FetchFailed, or CancelledError, and nothing else.
        """
        connection = WebConnection(self._reactor, self._connector, address, self._trust_root)
        is_complete = False
        try:
            answer = await self._request(connection, address, fields, octets, content)
            is_complete = answer.location is None
            return answer
        except (CancelledError, FetchFailed):
            raise
        except Exception as error:
            reason, head = _reason_of(error), connection.head
            if head.is_too_large or (head.is_given_up and type(reason) is NotReachable):
                raise AnswerTooLarge("the head of the answer is too large") from error
            if type(reason) is FetchFailed:
                _log.failure("fetching {url} failed", url=address.url)
            raise reason from error
        finally:
            connection.close(is_complete=is_complete)

    async def _request(
        self,
        connection: WebConnection,
        address: WebAddress,
        fields: Fields,
        octets: int,
        content: bytes | None,
    ) -> Answer:
        agent = Agent.usingEndpointFactory(self._reactor, connection)
        request = Headers({"user-agent": [USER_AGENT], **{name: _values(value) for name, value in fields.items()}})
        request.setRawHeaders(b"accept-encoding", [ACCEPTED_CODINGS])
        method, body_to_send = (b"GET", None) if content is None else (b"POST", _Content(content))
        response: Any = await agent.request(method, address.url.encode("ascii"), request, body_to_send)
        connection.head.is_over = True
        headers = {
            name.decode("latin-1").lower(): ", ".join(value.decode("utf-8", "replace") for value in values)
            for name, values in response.headers.getAllRawHeaders()
        }
        if response.code in REDIRECTS and (location := response.headers.getRawHeaders("location")):
            return Answer(response.code, headers, b"", location[0])
        coding = coding_of(headers.get("content-encoding", ""))
        if response.length is not UNKNOWN_LENGTH and response.length > octets:
            raise AnswerTooLarge.than(octets)
        reading = FetchedBody(octets)
        response.deliverBody(reading)
        body = await reading.done
        if coding is not None:
            body = await inflate(body, coding, octets, Turns(self._reactor))
        return Answer(response.code, headers, body, None)


def _values(value: str | Sequence[str]) -> Sequence[str]:
    return [value] if isinstance(value, str) else value


@implementer(IBodyProducer)
class _Content:
    """A small body, sent at once."""

    def __init__(self, octets: bytes) -> None:
        self.length = len(octets)
        self._octets = octets

    def startProducing(self, consumer: Any) -> Deferred[None]:
        consumer.write(self._octets)
        return succeed(None)

    def pauseProducing(self) -> None:
        """All is written already."""

    resumeProducing = stopProducing = pauseProducing


def _reason_of(error: BaseException) -> Exception:
    """What `error`, of Twisted's agent or of a connection, is in words of fetch_errors; FetchFailed for a bug."""
    for cause in _causes_of(error):
        if isinstance(cause, CancelledError):
            return cause
        if isinstance(cause, SSL.Error):
            is_refused = "certificate verify failed" in str(cause)
            return TlsFailed("the server's certificate is not valid" if is_refused else None)
        for kind, reason, sentence in _REASONS:
            if isinstance(cause, kind):
                return reason(sentence)
    return BrokenAnswer() if isinstance(error, ResponseFailed) else FetchFailed()


_REASONS: Sequence[tuple[type[BaseException], type[FetchFailed], str | None]] = (
    (errors.DestinationRefused, FetchRefused, None),
    (errors.HostNotFound, NotReachable, "there is no host of that name"),
    (errors.NamesUnavailable, NotReachable, "the name of the host could not be looked up"),
    (errors.HostUnreachable, NotReachable, None),
    (errors.ConnectTimedOut, FetchTimedOut, None),
    (VerificationError, TlsFailed, "the server's certificate is of another host"),
    (UnicodeError, AddressUnusable, "the host's name is none that a certificate can have"),
    (ConnectionClosed, NotReachable, "the server closed the connection before it answered"),
)


def _causes_of(error: BaseException) -> Iterator[BaseException]:
    """The error, or those that Twisted's agent has put into it."""
    reasons: Sequence[Failure] = getattr(error, "reasons", ())
    if not reasons:
        yield error
    for each in reasons:
        if each.value is not None:
            yield from _causes_of(each.value)
