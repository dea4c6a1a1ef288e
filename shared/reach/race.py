"""Attempts to connect to several addresses of which the first that is accepted wins (RFC 8305 §5)."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from twisted.internet import tcp
from twisted.internet.interfaces import IReadWriteDescriptor
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure
from zope.interface import implementer

from shared.clock import Call
from shared.conversation.deadlines import NEVER, Deadlines
from shared.reach.errors import ConnectTimedOut, HostUnreachable

STAGGER_SECONDS = 0.25  # RFC 8305 §5: how long an attempt is waited for before the next address is tried, too
CONNECT_SECONDS = 15.0  # of one attempt; a lost SYN is sent again after 1, 3 and 7 s
_UNDER_WAY = (errno.EINPROGRESS, errno.EALREADY, errno.EINTR)

Connected = TypeVar("Connected", bound=Protocol)
Outcome = Callable[[Connected | Exception], None]


class Race(Generic[Connected]):
    """Calls `outcome` once, with the connection that won, or with the error. Maybe before `run` returns."""

    def __init__(
        self,
        reactor: Any,
        deadlines: Deadlines,
        port: int,
        factory: Callable[[str], Connected],
        outcome: Outcome[Connected],
    ) -> None:
        """`factory` makes the protocol of the connection that wins; it is given the address."""
        self.reactor = reactor
        self.deadlines = deadlines
        self._port = port
        self._factory = factory
        self._outcome = outcome
        self._waiting: list[str] = []
        self._attempts: set[_Attempt] = set()
        self._is_over = False
        self._next: Call | None = None
        self._timed_out = False

    def run(self, addresses: list[str]) -> None:
        """Try the addresses in this order."""
        self._waiting = addresses
        self._try_next()

    def give_up(self) -> None:
        """End the race without a winner."""
        self._is_over = True
        self._stop_timer()
        attempts, self._attempts = self._attempts, set()
        for attempt in attempts:
            attempt.drop()

    def _try_next(self) -> None:
        self._stop_timer()
        while self._waiting and not self._is_over:
            address = self._waiting.pop(0)
            attempt = _Attempt(self, address)
            self._attempts.add(attempt)
            if attempt.begin(self._port):
                if self._waiting and not self._is_over:
                    self._next = self.reactor.callLater(STAGGER_SECONDS, self._try_next)
                return
            self._attempts.discard(attempt)
        if not self._attempts and not self._is_over:
            self._is_over = True
            self._outcome(ConnectTimedOut() if self._timed_out else HostUnreachable())

    def accepted(self, attempt: _Attempt, connected: socket.socket) -> None:
        """An attempt was accepted: drop the others."""
        self._attempts.discard(attempt)
        self.give_up()
        try:
            protocol = self._factory(attempt.address)
        except Exception as error:  # a bug: the caller must get an error
            connected.close()
            self._outcome(error)
            return
        peer = (attempt.address, self._port, 0, 0) if ":" in attempt.address else (attempt.address, self._port)
        transport = tcp.Server(connected, protocol, peer, None, 0, self.reactor)  # type: ignore[arg-type]
        transport.repstr = f"<{type(protocol).__name__} to {attempt.address}>"
        protocol.makeConnection(transport)
        self._outcome(protocol)

    def refused(self, attempt: _Attempt, timed_out: bool) -> None:
        """An attempt was refused: try the next address."""
        self._attempts.discard(attempt)
        self._timed_out = self._timed_out or timed_out
        if self._waiting or not self._attempts:
            self._try_next()

    def _stop_timer(self) -> None:
        if self._next is not None and self._next.active():
            self._next.cancel()
        self._next = None


@implementer(IReadWriteDescriptor)
class _Attempt:
    """A socket that connects. Twisted's own client takes two turns of the reactor more, and a timer of its own."""

    __slots__ = ("_race", "_socket", "address", "deadline")

    def __init__(self, race: Race[Any], address: str) -> None:
        self.address = address
        self.deadline = NEVER
        self._race = race
        self._socket: socket.socket | None = None

    def begin(self, port: int) -> bool:
        """Whether it is under way, or has been accepted at once, as on this machine."""
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        try:
            self._socket = made = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
            fault = made.connect_ex((self.address, port))
            if fault == errno.EINPROGRESS:
                fault = made.connect_ex((self.address, port))  # on this machine it is there by now
        except OSError:  # no more descriptors, no such family here
            self._close()
            return False
        if fault in _UNDER_WAY:
            self.deadline = self._race.reactor.seconds() + CONNECT_SECONDS
            self._race.deadlines.add(self)
            self._race.reactor.addWriter(self)
            return True
        if fault not in (0, errno.EISCONN):
            self._close()
            return False
        self._succeed()
        return True

    def drop(self) -> None:
        """Drop the attempt."""
        self._let_go()
        self._close()

    def time_is_up(self) -> None:
        """The attempt has timed out."""
        self.drop()
        self._race.refused(self, timed_out=True)

    def fileno(self) -> int:
        """For the reactor."""
        return -1 if self._socket is None else self._socket.fileno()

    def logPrefix(self) -> str:
        """For the log."""
        return "connecting"

    def doRead(self) -> None:
        """Nothing is read before it is connected."""

    def doWrite(self) -> None:
        """The attempt was accepted or refused."""
        connecting = self._socket
        if connecting is None:
            return
        self._let_go()
        fault = connecting.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if not fault:
            self._succeed()
            return
        self._close()
        self._race.refused(self, timed_out=fault == errno.ETIMEDOUT)

    def connectionLost(self, reason: Failure) -> None:
        """The reactor has seen an error on it, or ends: the socket says which."""
        self.doWrite()

    def _succeed(self) -> None:
        connected, self._socket = self._socket, None
        assert connected is not None
        self._race.accepted(self, connected)

    def _let_go(self) -> None:
        self.deadline = NEVER
        self._race.deadlines.discard(self)
        self._race.reactor.removeWriter(self)

    def _close(self) -> None:
        closing, self._socket = self._socket, None
        if closing is not None:
            closing.close()
