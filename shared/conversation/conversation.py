"""A conversation with one client, from its first octet to the last: a session is one coroutine on top of this."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from time import perf_counter
from typing import Any, ClassVar

from twisted.internet.defer import Deferred
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure

from shared.activity.events import Append, Message, Session
from shared.activity.metrics import count
from shared.activity.record import record
from shared.activity.refusal_lines import RefusalLines
from shared.conversation.connection import Pause
from shared.conversation.ending import UNSPOKEN, Ended, Ending
from shared.conversation.layers import Layered
from shared.conversation.reading import WOKEN, Woken
from shared.give_way import turn_seconds

__all__ = ["WOKEN", "Conversation", "Woken"]


class Conversation(Layered):
    """The base of every line protocol's session."""

    __slots__ = ("_coroutine", "_is_shut_out", "refusals")
    log = Logger()
    endings: ClassVar[Mapping[Ending, bytes]] = {}  # a protocol's last words
    shut_out_words: ClassVar[bytes] = b""  # the last words of a session whose account is disabled or deleted
    _coroutine: Coroutine[Pause | Deferred[Any], None, None]

    def __init__(self) -> None:
        super().__init__()
        self.refusals = RefusalLines()  # the record of the outcomes of a session's messages
        self._is_shut_out = False

    # What a subclass says

    async def converse(self) -> None:
        """Talk with the client; returning closes the connection, after everything written is sent."""
        raise NotImplementedError

    def farewell(self, ending: Ending) -> bytes:
        """The protocol's last words for IDLE, SHUTDOWN, LINE_TOO_LONG, HTTP, INTERNAL_ERROR or TOO_MANY."""
        if self._is_shut_out and ending is Ending.SHUTDOWN:
            return self.shut_out_words
        return self.endings.get(ending, b"")

    def account_name(self) -> str:
        """The account that has signed in, for the log; "" if none has."""
        return ""

    def stage(self) -> str:
        """Whether it waits for its client."""
        return "waiting" if self._waiting else "busy"

    @property
    def may_sign_in(self) -> bool:
        """Whether a password may be sent: the line is encrypted, or does not leave this host."""
        return self.tls is not None or self.peer.is_loopback

    @property
    def door_name(self) -> str:
        """The door that the client came by, for the log."""
        return self.factory.name

    def finished(self) -> None:
        """The conversation is over: release what it held. Called once, however it ended, even before `converse`."""

    # From the first octet to the last

    def connectionMade(self) -> None:
        """A client has come."""
        self.transport.registerProducer(self, True)
        super().connectionMade()

    def entered(self, received: bytes) -> None:
        """Begin the coroutine."""
        self.claim = self.factory.intake.claim(self.peer)
        if self.factory.begins is not None:
            self.factory.begins(self)
        if received:
            self.dataReceived(received)
        self._coroutine = self._talk()
        self._go_on()

    def turned_away(self, why: Ending) -> None:
        """Say that there is no place, and close."""
        self._leave(why)

    def _go_on(self, fault: BaseException | None = None) -> None:
        """Run the coroutine until it waits, for its client or for the store; then send what it wrote."""
        try:
            awaited = self._run(fault)
            self._flush()
        except BaseException:
            failure = Failure()
            self._coroutine.close()
            self._failed(failure)
        else:
            if awaited is not None:
                awaited.addBoth(self._came)

    def _run(self, fault: BaseException | None) -> Deferred[Any] | None:
        """The Deferred that is awaited, which gives its result by itself; None: it waits for its client, or is over."""
        self._talking = True
        self._turn_ends = perf_counter() + turn_seconds(self.clock)
        try:
            while True:
                awaited = self._coroutine.send(None) if fault is None else self._coroutine.throw(fault)
                fault = None
                if not isinstance(awaited, Pause):
                    return awaited
                if self._waiting:
                    return None
        except StopIteration:
            return None
        finally:
            self._talking = False

    def _came(self, result: object) -> None:
        """Go on: what the coroutine awaited is there. A failure is thrown into the coroutine."""
        self._go_on(result.value if isinstance(result, Failure) else None)

    async def _talk(self) -> None:
        ending: Ending | None = None
        try:
            await self.converse()
        except Ended as ended:
            ending = ended.ending
        except Exception:
            self.log.failure("{conversation} failed", conversation=self.door_name)
            ending = Ending.INTERNAL_ERROR
        self._leave(ending)

    def _leave(self, ending: Ending | None) -> None:
        """Say the last words, release what was held, and close."""
        try:
            if ending is not None and ending not in UNSPOKEN:
                self.write(self.farewell(ending))
        except Exception:
            self.log.failure("{conversation} could not say farewell", conversation=self.door_name)
        account = self.account_name()
        self._release()
        self._close(lingering=ending is not None and ending not in UNSPOKEN)
        self._record(ending, account)

    def record_message(self, event: Message | Append) -> None:
        """Record the outcome of a message that came by this conversation."""
        self.refusals.record(event, self._may_write_line)

    def _may_write_line(self) -> bool:
        """Whether the log takes one more line about this client: strangers have so many a minute."""
        if self.account_name() or self.peer.is_loopback:
            return True
        return self.factory.stranger_lines.takes(self.peer.network)

    def _record(self, ending: Ending | None, account: str) -> None:
        """Record the session.

        One in which the client said nothing (a probe, a scan of ports) is counted by the factory alone.
        """
        if not self._lines and not account:
            return
        session = Session(
            "closed" if ending is None else ending.name.lower(),
            self.door_name,
            self.peer.host,
            account,
            self.clock.seconds() - self.since,
            self._octets_in,
            self._octets_out,
            self._lines,
            self.refusals.unlogged or None,
        )
        if account or self.refusals.accepted or self._may_write_line():
            record(session)
        else:
            count([session])

    def _release(self) -> None:
        try:
            self.finished()
        except Exception:
            self.log.failure("{conversation} could not be finished", conversation=self.door_name)

    def _close(self, lingering: bool) -> None:
        self._flush()
        still_sends = self._inbox.clear() > 0 or self._reading_paused
        self.close(hears_out=lingering or still_sends)
        if self._gone:
            self.factory.forget(self)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell the coroutine; leave the factory once it is over."""
        was_arriving = self._admission is not None
        super().connectionLost(reason)
        if was_arriving:
            self._leave(Ending.CLIENT_LEFT)
        if self._over:
            self.factory.forget(self)

    def _failed(self, failure: Failure) -> None:
        """The conversation's own code failed: nothing can be sent any more."""
        self.log.failure("{conversation} broke", failure=failure, conversation=self.door_name)
        if not self._over:
            self._over = True
            account = self.account_name()
            self._release()
            self._record(Ending.INTERNAL_ERROR, account)
        self._gathered.clear()
        if self._gone:
            self.factory.forget(self)
        else:
            self.transport.abortConnection()

    def shut_out(self) -> None:
        """The account was disabled or deleted: the session ends between two commands."""
        self._is_shut_out = True
        self.shut_down()

    # What the factory says

    def shut_down(self) -> None:
        """Finish the command in hand, say farewell, close."""
        self._end(Ending.SHUTDOWN)

    def timed_out(self) -> None:
        """Say farewell to a client that was silent or slow for too long."""
        self._end(Ending.IDLE)
