"""The question to the program that checks contents: a POST for each message, with its envelope in header fields."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from twisted.internet.defer import Deferred, DeferredSemaphore

from shared.content_check.settings import Unchecked
from shared.content_check.verdict import BadVerdict, ContentVerdict, read_verdict
from shared.reach.fetch import Fetcher
from shared.reach.fetch_errors import FetchFailed

MOST_ANSWER_OCTETS = 256 << 10  # rspamd's answer has some 5 KiB
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


class Envelope(NamedTuple):
    """What is known of a message besides its octets."""

    sender: str  # "" for the null sender
    recipients: Sequence[str]
    host: str
    greeting: str
    queue_id: str
    tls: str  # version; "" without TLS


class NotChecked(Exception):
    """There is no verdict; the message says why."""


class ContentChecker:
    """Asks for a process, some questions at a time; the others wait, and their time runs."""

    def __init__(
        self,
        reactor: Any,
        url: str,
        *,
        time_limit: timedelta,
        octets: int,
        at_once: int,
        hostname: str,
        failure: Unchecked,
    ) -> None:
        """`octets`: the largest message that is checked; `hostname` is this server's."""
        self.most_octets = octets
        self.failure = failure
        self._reactor = reactor
        self._url = url
        self._time_limit = time_limit
        self._places = DeferredSemaphore(at_once)
        self._hostname = hostname
        self._fetcher = Fetcher(reactor)

    async def check(self, message: bytes, envelope: Envelope) -> ContentVerdict:
        """The verdict on `message`, of at most `most_octets`. Raises NotChecked."""
        asking: Deferred[ContentVerdict] = Deferred.fromCoroutine(self._in_turn(message, envelope))
        return await asking.addTimeout(self._time_limit.total_seconds(), self._reactor, onTimeoutCancel=_timed_out)

    async def _in_turn(self, message: bytes, envelope: Envelope) -> ContentVerdict:
        await self._places.acquire()
        try:
            return await self._ask(message, envelope)
        finally:
            self._places.release()

    async def _ask(self, message: bytes, envelope: Envelope) -> ContentVerdict:
        try:
            answer = await self._fetcher.post(
                self._url,
                message,
                "application/octet-stream",
                headers=self._fields(envelope),
                octets=MOST_ANSWER_OCTETS,
                timeout=2 * self._time_limit,  # check() is always the first to lose patience
                private=True,
            )
        except FetchFailed as error:
            raise NotChecked(str(error)) from error
        if answer.status != 200:
            raise NotChecked(f"the answer has status {answer.status}")
        try:
            return read_verdict(answer.body)
        except BadVerdict as error:
            raise NotChecked(str(error)) from error

    def _fields(self, envelope: Envelope) -> dict[str, str | Sequence[str]]:
        fields: dict[str, str | Sequence[str]] = {
            "From": _text(envelope.sender),
            "Rcpt": [_text(each) for each in envelope.recipients],
            "IP": _text(envelope.host.partition("%")[0]),
            "Helo": _text(envelope.greeting),
            "Queue-Id": envelope.queue_id,
            "MTA-Name": self._hostname,
        }
        if envelope.tls:
            fields["TLS-Version"] = envelope.tls
        return fields


def _text(value: str) -> str:
    return _CONTROLS.sub("?", value)


def _timed_out(_result: object, seconds: float) -> ContentVerdict:
    raise NotChecked(f"there was no answer within {seconds:g} seconds")
