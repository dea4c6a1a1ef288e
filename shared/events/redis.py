"""One connection to Redis that comes back by itself; meanwhile every command fails at once."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, ClassVar

import txredisapi
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.protocol import Factory
from twisted.internet.task import deferLater

from shared.errors import DomainError
from shared.events.redis_url import parse_redis_url
from shared.events.replies import NotARedisServer, ReplyReader

Receive = Callable[[str, bytes], object]  # the channel and the message

FIRST_DELAY_SECONDS = 0.05
LONGEST_DELAY_SECONDS = 2.0
REPLY_SECONDS = 3.0  # Redis answers in microseconds; longer than this it hangs
CONNECT_SECONDS = 3.0
NOT_YET = "not connected yet"

ResponseError = txredisapi.ResponseError  # Redis understood, and refuses


class RedisAway(DomainError):
    """Redis cannot be reached, or does not answer."""

    temporary: ClassVar[bool] = True


class RedisConnection:
    """Connects at once and again whenever the connection is lost, with growing delay."""

    def __init__(
        self,
        reactor: Any,
        url: str,
        *,
        channels: Sequence[str] = (),
        receive: Receive | None = None,
        changed: Callable[[], object] | None = None,
    ) -> None:
        """With `channels` the connection listens to these and is good for nothing else.

        `receive` gets the channel and the message; `changed` is called when the connection is made or lost.
        """
        self._reactor = reactor
        self._url = parse_redis_url(url)
        self._channels = list(channels)
        self._receive = receive
        self._changed = changed
        self._protocol: _Protocol | None = None
        self.away_because: str | None = NOT_YET
        self._loop: Deferred[None] | None = None
        reactor.callWhenRunning(self._start)

    @property
    def is_connected(self) -> bool:
        """Whether a command would be sent now."""
        return self._protocol is not None

    @property
    def has_failed(self) -> bool:
        """Whether the connection failed; not before the first attempt has ended."""
        return self.away_because not in (None, NOT_YET)

    async def command(self, *words: str | bytes | int) -> Any:
        """Send one command and return its reply: bytes, int, list, None, or str for a status such as "OK".

        Raises RedisAway, ResponseError.
        """
        if self._protocol is None:
            raise RedisAway(self.away_because)
        try:
            return await self._protocol.execute_command(*words)
        except txredisapi.ConnectionError as error:
            raise RedisAway(str(error)) from error

    def send(self, *words: str | bytes | int, failed: Callable[[], None] | None = None) -> None:
        """Send one command and do not wait for its reply; `failed` is called when it may not have been obeyed."""
        if self._protocol is not None:
            sent = self._protocol.execute_command(*words)
            sent.addErrback(lambda _failure: None if failed is None else failed())
        elif failed is not None:
            failed()

    def tell(self, *words: str | bytes | int, failed: Callable[[], None]) -> None:
        """As `send`, at half the cost, and without an eye on the time that the reply takes: a sign of life has that."""
        if self._protocol is not None:
            self._protocol.tell(words, failed)
        else:
            failed()

    def hear(self, channel: str, heard: Callable[[], object]) -> None:
        """Listen to one more channel; `heard` is called when its messages come from now on."""
        self._channels.append(channel)
        if self._protocol is not None:
            asked = self._protocol.execute_command("SUBSCRIBE", channel)
            asked.addCallbacks(lambda _reply: heard(), lambda _failure: None)  # the next connection has it then

    async def close(self) -> None:
        """Hang up for good."""
        loop, self._loop = self._loop, None
        if loop is not None:
            loop.cancel()
        if self._protocol is not None:
            protocol, self._protocol = self._protocol, None
            gone = protocol.when_gone()
            protocol.transport.loseConnection()
            await gone

    def _start(self) -> None:
        self._loop = Deferred.fromCoroutine(self._stay_connected())
        self._loop.addErrback(lambda failure: failure.trap(CancelledError))

    async def _stay_connected(self) -> None:
        delay = FIRST_DELAY_SECONDS
        while True:
            try:
                protocol = await self._connect()
            except Exception as error:
                self._set(None, _why(error))
                await deferLater(self._reactor, delay * random.uniform(0.5, 1))
                delay = min(delay * 2, LONGEST_DELAY_SECONDS)
                continue
            delay = FIRST_DELAY_SECONDS
            self._set(protocol, None)
            await protocol.when_gone()
            self._set(None, "the connection was lost")

    async def _connect(self) -> _Protocol:
        endpoint = self._url.endpoint(self._reactor, CONNECT_SECONDS)
        protocol: _Protocol = await endpoint.connect(_ProtocolFactory(self._receive))
        try:
            if self._url.password is not None:
                user = [self._url.user] if self._url.user else []
                await protocol.execute_command("AUTH", *user, self._url.password)
            if self._url.database:
                await protocol.execute_command("SELECT", self._url.database)
            for channel in self._channels:  # those too that come meanwhile
                await protocol.execute_command("SUBSCRIBE", channel)
        except BaseException:
            protocol.transport.abortConnection()
            raise
        return protocol

    def _set(self, protocol: _Protocol | None, away_because: str | None) -> None:
        before = self._protocol
        self._protocol, self.away_because = protocol, away_because
        if self._changed is not None and (before is not protocol or protocol is None):
            self._changed()


class _Protocol(txredisapi.BaseRedisProtocol):  # type: ignore[misc]
    """txredisapi's, that reads many replies at a time, gives bytes as bytes, and says when it is gone."""

    def __init__(self, receive: Receive | None) -> None:
        super().__init__(charset=None, replyTimeout=REPLY_SECONDS, convertNumbers=False)
        self._receive = receive
        self._reader = ReplyReader()
        self._waiting_for_end: list[Deferred[None]] = []
        # For each reply that is due; None: a caller waits for it.
        self._failed: deque[Callable[[], None] | None] = deque()

    def when_gone(self) -> Deferred[None]:
        """Fires when the connection is lost; ask while it is there."""
        self._waiting_for_end.append(Deferred())
        return self._waiting_for_end[-1]

    def connectionMade(self) -> None:
        super().connectionMade()
        with suppress(AttributeError):  # a socket of the file system has no such thing
            self.transport.setTcpNoDelay(True)
            self.transport.setTcpKeepAlive(True)

    def execute_command(self, *words: str | bytes | int, **options: Any) -> Any:
        result = super().execute_command(*words, **options)
        self._failed.append(None)
        return result

    def tell(self, words: Sequence[str | bytes | int], failed: Callable[[], None]) -> None:
        """Send a command whose reply nobody waits for."""
        self.transport.write(self._build_command(*words))
        self._failed.append(failed)

    def dataReceived(self, data: bytes, unpause: bool = False) -> None:
        try:
            replies = self._reader.feed(data)
        except NotARedisServer:
            self.transport.abortConnection()
            return
        for reply in replies:
            self.replyReceived(reply)

    def replyReceived(self, reply: Any) -> None:
        if self._receive is not None and isinstance(reply, list) and reply[0] == b"message":
            self._receive(reply[1].decode(), reply[2])
        elif self._failed:
            failed = self._failed.popleft()
            if failed is None:
                super().replyReceived(reply)
            elif isinstance(reply, ResponseError):
                failed()

    def connectionLost(self, why: Any) -> None:
        super().connectionLost(why)
        while self._failed:
            failed = self._failed.popleft()
            if failed is not None:
                failed()
        for waiting in self._waiting_for_end:
            waiting.callback(None)


class _ProtocolFactory(Factory):
    noisy = False

    def __init__(self, receive: Receive | None) -> None:
        self._receive = receive

    def buildProtocol(self, addr: object) -> Any:
        return _Protocol(self._receive)


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__
