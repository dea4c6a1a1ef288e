"""A conversation with one client, from its first octet to the last: a session is one coroutine on top of this."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any, ClassVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import ISSLTransport
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure

from shared.activity.events import Append, Message, Session
from shared.activity.metrics import count
from shared.activity.record import record
from shared.activity.refusal_lines import RefusalLines
from shared.conversation import proxy_header
from shared.conversation.connection import OCTETS, Pause
from shared.conversation.deadlines import NEVER
from shared.conversation.ending import UNSPOKEN, Ended, Ending
from shared.conversation.layers import Layered
from shared.conversation.peer import Peer
from shared.conversation.reading import WOKEN, Woken
from shared.give_way import turn_seconds

if TYPE_CHECKING:
    from shared.conversation.factory import ConversationFactory

__all__ = ["WOKEN", "Conversation", "Woken"]

CLOSING_SECONDS = 20  # a client that does not take our last words, or does not close in its turn, is cut off


class Conversation(Layered):
    """The base of every line protocol's session; made by a ConversationFactory, which sets clock and limits."""

    __slots__ = ("_coroutine", "_factory", "refusals")
    log = Logger()
    endings: ClassVar[Mapping[Ending, bytes]] = {}  # a protocol's last words
    _factory: ConversationFactory
    _coroutine: Coroutine[Pause | Deferred[Any], None, None]

    def __init__(self) -> None:
        super().__init__()
        self.refusals = RefusalLines()  # where a session records what became of its messages

    # What a subclass says

    async def converse(self) -> None:
        """Talk with the client; returning closes the connection, after everything written is sent."""
        raise NotImplementedError

    def farewell(self, ending: Ending) -> bytes:
        """The protocol's last words for IDLE, SHUTDOWN, LINE_TOO_LONG, HTTP, INTERNAL_ERROR or TOO_MANY."""
        return self.endings.get(ending, b"")

    def account_name(self) -> str:
        """Whose conversation it is, for the log; "" while nobody has signed in."""
        return ""

    @property
    def may_sign_in(self) -> bool:
        """Whether nobody can listen in: the line is encrypted, or does not leave this host."""
        return self.tls is not None or self.peer.is_loopback

    @property
    def door_name(self) -> str:
        """Which door the client came by, for the log."""
        return self._factory.name

    def finished(self) -> None:
        """The conversation is over: release what it held. Called once, however it ended, even before `converse`."""

    # From the first octet to the last

    def connectionMade(self) -> None:
        """Begin the coroutine."""
        transport = self.transport
        self._began = self.clock.seconds()
        self.peer = Peer.from_address(transport.getPeer())
        if hasattr(transport, "setTcpNoDelay"):
            transport.setTcpNoDelay(True)  # replies are gathered already: nothing to wait for
        transport.registerProducer(self, True)
        self._coroutine = self._talk()
        self._go_on()

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
        """What the coroutine awaited is there; a failure is thrown in, its own affair."""
        self._go_on(result.value if isinstance(result, Failure) else None)

    async def _talk(self) -> None:
        ending: Ending | None = None
        try:
            await self._enter()
            await self.converse()
        except Ended as ended:
            ending = ended.ending
        except Exception:
            self.log.failure("{conversation} failed", conversation=self._factory.name)
            ending = Ending.INTERNAL_ERROR
        self._leave(ending)

    async def _enter(self) -> None:
        """Learn who the client is, whether there is a place for it, and secure the line if the door wants that."""
        factory = self._factory
        if factory.trusts(self.peer):
            await self._read_proxy_header()
        implicit_tls = factory.tls_options()
        if ISSLTransport.providedBy(self.transport):
            await self._shake_hands()
        refusal = factory.admit(self)
        self.claim = factory.intake.claim(self.peer)
        if implicit_tls is not None:
            if refusal is not None:
                raise Ended(Ending.GARBLED)  # a handshake would cost more than the refusal saves
            await self._secure(implicit_tls, self._inbox.take(len(self._inbox)))
        if refusal is not None:
            raise Ended(refusal)

    async def _read_proxy_header(self) -> None:
        """Take the client's address from the trusted proxy, which has to tell it before anything else."""
        self.deadline = self.clock.seconds() + self.limits.handshake.total_seconds()
        received = b""
        header = None
        while header is None:
            await self._arrival(OCTETS)
            received += self._inbox.take(len(self._inbox))
            try:
                header = proxy_header.parse(received)
            except proxy_header.NotProxied as refused:
                self.log.info("{peer} sent no PROXY header: {reason}", peer=self.peer.host, reason=str(refused))
                raise Ended(Ending.GARBLED) from refused
        self._inbox.put_back(received[header.size :])
        self.peer = header.source or self.peer
        self.deadline = NEVER

    def _leave(self, ending: Ending | None) -> None:
        """Say the last words, release what was held, and close."""
        try:
            if ending is not None and ending not in UNSPOKEN:
                self.write(self.farewell(ending))
        except Exception:
            self.log.failure("{conversation} could not say farewell", conversation=self._factory.name)
        account = self.account_name()
        self._release()
        self._close(lingering=ending is not None and ending not in UNSPOKEN)
        self._record(ending, account)

    def record_message(self, event: Message | Append) -> None:
        """Record what became of a message that came by this conversation."""
        self.refusals.record(event, self._may_write_line)

    def _may_write_line(self) -> bool:
        """Whether the log takes one more line about this client: strangers have so many a minute."""
        if self.account_name() or self.peer.is_loopback:
            return True
        return self._factory.stranger_lines.takes(self.peer.origin)

    def _record(self, ending: Ending | None, account: str) -> None:
        """Who connected and said nothing (a probe, a scan of ports) is counted by the factory alone."""
        if not self._lines and not account:
            return
        session = Session(
            "closed" if ending is None else ending.name.lower(),
            self._factory.name,
            self.peer.host,
            account,
            self.clock.seconds() - self._began,
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
            self.log.failure("{conversation} could not be finished", conversation=self._factory.name)

    def _close(self, lingering: bool) -> None:
        self._flush()
        self._over = True
        lingering = self._inbox.clear() > 0 or self._reading_paused or lingering  # the client still sends
        if self._gone:
            self._factory.forget(self)
            return
        self.deadline = self.clock.seconds() + CLOSING_SECONDS
        transport = self.transport
        transport.unregisterProducer()
        if lingering and self.tls is None and not self._no_more_input and hasattr(transport, "loseWriteConnection"):
            # Closing while the client still sends would make its system drop our last words (RFC 1122 §4.2.2.13).
            if self._reading_paused:
                self._resume_reading()
            transport.loseWriteConnection()
        else:
            transport.loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell the coroutine; leave the factory once it is over."""
        super().connectionLost(reason)
        if self._over:
            self._factory.forget(self)

    def _failed(self, failure: Failure) -> None:
        """The machinery itself failed: nothing can be said any more."""
        self.log.failure("{conversation} broke", failure=failure, conversation=self._factory.name)
        if not self._over:
            self._over = True
            account = self.account_name()
            self._release()
            self._record(Ending.INTERNAL_ERROR, account)
        self._gathered.clear()
        if self._gone:
            self._factory.forget(self)
        else:
            self.transport.abortConnection()

    # What the factory says

    def shut_down(self) -> None:
        """Finish the command in hand, say farewell, close."""
        self._end(Ending.SHUTDOWN)

    def cut_off(self) -> None:
        """Close at once, whatever is unsaid."""
        if not self._gone:
            self.transport.abortConnection()

    def time_is_up(self) -> None:
        """The client was silent or slow for too long; while closing, it does not go by itself."""
        self.deadline = NEVER
        if self._over:
            self.cut_off()
        else:
            self._counts.timed_out += 1
            self._end(Ending.IDLE)
