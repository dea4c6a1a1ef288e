"""A new connection to an origin: its name's addresses, those that may be reached, and the first that accepts.

The address that is judged is the address that is connected to. A name that leads elsewhere the next time it is asked
for (DNS rebinding) is judged by where it leads then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import TimeoutError
from twisted.internet.protocol import ClientFactory
from twisted.python.failure import Failure

from services.http_proxy.errors import DestinationRefused, Loop, OriginTooSlow, OriginUnreachable
from services.http_proxy.names import Names
from services.http_proxy.origin_side import OriginSide
from shared.clock import Call
from shared.conversation.deadlines import Deadlines

STAGGER_SECONDS = 0.25  # RFC 8305 §5: how long an attempt is waited for before the next address is tried, too
CONNECT_SECONDS = 15.0  # of one attempt; a lost SYN is sent again after 1, 3 and 7 s
MOST_ADDRESSES = 8  # of one name, so that it cannot make us call on everybody

Permits = Callable[[str], bool]


class Reach:
    """Connects to origins."""

    def __init__(self, reactor: Any, names: Names, permits: Permits, is_self: Callable[[str, int], bool]) -> None:
        """`permits` judges an address, `is_self` tells whether it and a port are this proxy's own door."""
        self._reactor = reactor
        self._names = names
        self._permits = permits
        self._is_self = is_self
        self.deadlines = Deadlines(reactor)

    async def connect(self, key: bytes, host: str, port: int, refusal: Callable[[str], Exception | None]) -> OriginSide:
        """A connection to `host`; `refusal` may keep this request from an address that others may go to.

        Raises HostNotFound, NamesUnavailable, DestinationRefused, Loop, OriginUnreachable, OriginTooSlow, and what
        `refusal` gives.
        """
        found = await self._names.addresses(host)
        permitted = [address for address in found if self._permits(address)][:MOST_ADDRESSES]
        if not permitted:
            raise DestinationRefused
        refused = {address: refusal(address) for address in permitted}
        usable = [address for address in permitted if refused[address] is None]
        if not usable:
            raise next(error for error in refused.values() if error is not None)
        if any(self._is_self(address, port) for address in usable):
            raise Loop
        return await _Race(self._reactor, self.deadlines, key, port, interleave(usable)).run()


def interleave(addresses: Sequence[str]) -> list[str]:
    """The addresses with both families in turn, beginning with the first's (RFC 8305 §4)."""
    is_six = ":" in addresses[0]
    first = [each for each in addresses if (":" in each) is is_six]
    second = [each for each in addresses if (":" in each) is not is_six]
    mixed: list[str] = []
    for place in range(max(len(first), len(second))):
        mixed += first[place : place + 1] + second[place : place + 1]
    return mixed


class _Race:
    """Attempts at several addresses of which the first that is accepted wins (RFC 8305 §5)."""

    def __init__(self, reactor: Any, deadlines: Deadlines, key: bytes, port: int, addresses: list[str]) -> None:
        self._reactor = reactor
        self._deadlines = deadlines
        self._key = key
        self._port = port
        self._waiting = addresses
        self._attempts: set[_Attempt] = set()
        self.is_over = False
        self._next: Call | None = None
        self._won: Deferred[OriginSide] = Deferred(lambda _: self._stop())
        self._timed_out = False

    def run(self) -> Deferred[OriginSide]:
        self._try_next()
        return self._won

    def _try_next(self) -> None:
        if self._next is not None and self._next.active():
            self._next.cancel()
        self._next = None
        if not self._waiting:
            if not self._attempts:
                self.is_over = True
                self._won.errback(Failure(OriginTooSlow() if self._timed_out else OriginUnreachable()))
            return
        address = self._waiting.pop(0)
        if self._waiting:
            self._next = self._reactor.callLater(STAGGER_SECONDS, self._try_next)
        attempt = _Attempt(self)
        attempt.origin = OriginSide(self._key, address, self._deadlines, attempt.connected)
        attempt.connector = self._reactor.connectTCP(address, self._port, attempt, timeout=CONNECT_SECONDS)
        self._attempts.add(attempt)

    def won(self, attempt: _Attempt) -> None:
        """Accepted: the others are not needed any more."""
        self._attempts.discard(attempt)
        self._stop()
        self._won.callback(attempt.origin)

    def lost(self, attempt: _Attempt, reason: Failure) -> None:
        """Not accepted: the next one's turn."""
        self._attempts.discard(attempt)
        if self.is_over:
            return
        self._timed_out = self._timed_out or reason.check(TimeoutError) is not None
        if self._waiting or not self._attempts:
            self._try_next()

    def _stop(self) -> None:
        self.is_over = True
        if self._next is not None and self._next.active():
            self._next.cancel()
        losers, self._attempts = self._attempts, set()
        for attempt in losers:
            attempt.connector.disconnect()


class _Attempt(ClientFactory):
    """What Twisted tells of one attempt."""

    noisy = False
    origin: OriginSide
    connector: Any

    def __init__(self, race: _Race) -> None:
        self._race = race

    def buildProtocol(self, addr: Any) -> OriginSide | None:
        return None if self._race.is_over else self.origin

    def connected(self) -> None:
        """The origin's side has its transport."""
        self._race.won(self)

    def clientConnectionFailed(self, connector: Any, reason: Failure) -> None:
        self._race.lost(self, reason)
