"""A connection of Perspective Broker, our side of it: calls are read, answered as they are done, and bounded.

Written on the wire itself, not on `twisted.spread.pb.Broker`, which takes instances of whatever class some module has
registered, sends tracebacks' texts, starts as many calls as come, and keeps what a client does not read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IPushProducer
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.spread.pb import Broker
from zope.interface import implementer

from services.wiki.pb.banana import BananaReader, encode
from services.wiki.pb.errors import HostileMessage
from services.wiki.pb.exposed import Exposed, RefusedCall
from services.wiki.pb.failure import Error, jelly_of_failure
from services.wiki.pb.jelly import jelly_of, value_of
from services.wiki.pb.limits import MOST_OBJECTS, MOST_UNDER_WAY, UNREAD_SECONDS
from services.wiki.pb.remote import RemoteObject
from shared.clock import Call, Clock
from shared.errors import DomainError
from shared.runtime.spawn import spawn

ROOT = b"root"
DIALECTS = (b"pb", b"none")
VERSION: int = Broker.version
INTERNAL = "internal error, try again"
TOO_LONG = "the answer is longer than the 640 KiB that Perspective Broker carries; read it by REST or XML-RPC"
Refusal = Callable[[DomainError], tuple[int, str]]  # an error of the domain as a status and our words


@implementer(IPushProducer)
class PbConnection(Protocol):
    """One connection."""

    transport: Any
    _log = Logger()

    def __init__(self, clock: Clock, root: Callable[[PbConnection], Exposed], refusal: Refusal) -> None:
        super().__init__()
        self.host = ""  # the client's address
        self.when_lost: list[Callable[[], None]] = []
        self.may_write = True  # the client takes what is written
        self.when_writable: list[Callable[[], None]] = []
        self._clock = clock
        self._open_root = root
        self._refusal = refusal
        self._reader = BananaReader(self._received)
        self._dialect = b""
        self._objects: dict[Any, tuple[Exposed, int]] = {}  # with the number of references that the client has
        self._numbers: dict[int, int] = {}  # of objects, by id()
        self._last_number = 0
        self._waiting: deque[tuple[Exposed | None, list[Any]]] = deque()  # calls that have come
        self._under_way = 0
        self._reading = True
        self._is_going_on = False
        self._unread: Call | None = None
        self._is_leaving = self._is_lost = False
        self.account = ""  # that has signed in here last

    def connectionMade(self) -> None:
        """Offer the dialects."""
        self.host = getattr(self.transport.getPeer(), "host", "")
        self._objects[ROOT] = (self._open_root(self), 1)
        self.transport.registerProducer(self, True)
        self.transport.write(encode(DIALECTS, with_vocabulary=False))

    def dataReceived(self, data: bytes) -> None:
        """Read, and begin with what is whole."""
        if self._is_leaving or self._is_lost:
            return
        try:
            self._reader.feed(data)
        except HostileMessage as why:
            self._end(str(why))
            return
        self._go_on()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Everything that the connection had is over."""
        self._is_lost = True
        self._waiting.clear()
        self._stop_waiting()
        for call in self.when_lost:
            call()
        self.when_lost.clear()
        self.when_writable.clear()

    def account_name(self) -> str:
        """The account that has signed in last; "" if none has."""
        return self.account

    def shut_down(self) -> None:
        """Answer the calls that are under way, then close."""
        self._is_leaving = True
        self._waiting.clear()
        self._close_when_done()

    def shut_out(self) -> None:
        """The account may not be here any more."""
        self._end("the account may not be here any more")

    def send(self, expression: Any) -> None:
        """Write an expression. Raises ValueError for one that no client takes."""
        if not self._is_lost:
            self.transport.write(encode(expression, with_vocabulary=self._dialect == b"pb"))

    # What the transport says, as to a producer

    def pauseProducing(self) -> None:
        """The client does not take what is written."""
        self.may_write = False
        if self._unread is None:
            self._unread = self._clock.callLater(UNREAD_SECONDS, self._end, "it does not read its answers")

    def resumeProducing(self) -> None:
        """It does again."""
        self.may_write = True
        self._stop_waiting()
        for call in self.when_writable:
            call()
        self._go_on()

    def stopProducing(self) -> None:
        """The connection is gone."""

    # What comes

    def _received(self, expression: Any) -> None:
        if not self._dialect:
            if expression not in DIALECTS:
                raise HostileMessage("the dialect is unknown")
            self._dialect = expression
            self.send([b"version", VERSION])
            return
        match expression:
            case [b"message", int(), int() | bytes(), bytes(), int(), list(), list()]:
                called = self._objects.get(expression[2])  # now: a decref may follow at once
                self._waiting.append((None if called is None else called[0], expression))
            case [b"decref", int() as number]:
                self._forget(number)
            case [b"version", int() as number]:
                if number != VERSION:
                    raise HostileMessage("the version of Perspective Broker is another one")
            case [b"answer" | b"error", int(), _] | [b"didNotUnderstand", _]:
                pass  # nothing here asks for answers
            case _:
                raise HostileMessage("a message is of no known kind")

    def _go_on(self) -> None:
        """Begin with calls that wait, as many as may be under way; read on when none wait."""
        if self._is_going_on:
            return  # a call is answered at once, by the loop below
        self._is_going_on = True
        while self._waiting and self.may_write and self._under_way < MOST_UNDER_WAY and not self._is_lost:
            self._under_way += 1
            spawn(self._answer(*self._waiting.popleft()), "answering a call of Perspective Broker")
        self._is_going_on = False
        wants = not self._waiting and self._under_way < MOST_UNDER_WAY
        if wants is not self._reading and not self._is_lost:
            self._reading = wants
            if wants:
                self.transport.resumeProducing()
            else:
                self.transport.pauseProducing()

    async def _answer(self, called: Exposed | None, message: list[Any]) -> None:
        _, request, _, name, is_answer_wanted, arguments, named = message
        remotes: list[RemoteObject] = []

        def remote(reference: int) -> RemoteObject:
            remotes.append(RemoteObject(reference, self.send))
            return remotes[-1]

        try:
            answer = await self._result(called, name, value_of(arguments, remote), value_of(named, remote))
            answer = [b"answer", request, jelly_of(answer, self._refer)]
            octets = encode(answer, with_vocabulary=self._dialect == b"pb")
        except HostileMessage as why:
            self._end(str(why))
            return
        except Exception as error:
            octets = encode([b"error", request, self._failure(error)], with_vocabulary=self._dialect == b"pb")
        finally:
            self._under_way -= 1
            for each in remotes:
                if not each.is_kept:
                    each.release()
        if not self._is_lost:
            if is_answer_wanted:
                self.transport.write(octets)
            self._go_on()
            self._close_when_done()

    async def _result(self, called: Exposed | None, name: bytes, arguments: Any, named: Any) -> Any:
        if not isinstance(arguments, list) or not isinstance(named, dict):
            raise HostileMessage("a call has no arguments")
        if called is None:
            raise RefusedCall(Error, "there is no such object")
        return await called.call(name.decode("ascii", "replace"), arguments, named)

    def _failure(self, error: Exception) -> Any:
        match error:
            case RefusedCall():
                return jelly_of_failure(error.kind, error.sentence)
            case DomainError():
                status, sentence = self._refusal(error)
                return jelly_of_failure(Error, sentence, status)
            case ValueError():  # of encode
                return jelly_of_failure(Error, TOO_LONG)
        self._log.failure("a call of Perspective Broker failed")
        return jelly_of_failure(Error, INTERNAL)

    def _refer(self, value: Any) -> int:
        """The number of an object of ours for a reference to it."""
        if not isinstance(value, Exposed):
            raise TypeError(type(value).__name__)
        number = self._numbers.get(id(value))
        if number is None:
            if len(self._objects) > MOST_OBJECTS:
                raise RefusedCall(Error, f"a connection may hold {MOST_OBJECTS} references")
            self._last_number = number = self._last_number + 1
            self._numbers[id(value)] = number
        _, count = self._objects.get(number, (value, 0))
        self._objects[number] = (value, count + 1)
        return number

    def _forget(self, number: int) -> None:
        if number not in self._objects:
            return
        value, count = self._objects[number]
        if count > 1:
            self._objects[number] = (value, count - 1)
        else:
            del self._objects[number], self._numbers[id(value)]

    def _close_when_done(self) -> None:
        if self._is_leaving and not self._under_way and not self._is_lost:
            self.transport.unregisterProducer()
            self.transport.loseConnection()

    def _end(self, why: str) -> None:
        if not self._is_lost:
            self._log.info("a connection of Perspective Broker from {host} ends: {why}", host=self.host, why=why)
            self.transport.abortConnection()

    def _stop_waiting(self) -> None:
        unread, self._unread = self._unread, None
        if unread is not None and unread.active():
            unread.cancel()
